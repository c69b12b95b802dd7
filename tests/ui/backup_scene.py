"""A preview of a backup with one of everything, and one of five hundred."""

from __future__ import annotations

from pathlib import Path

from adwarden.domain.backup import Item, Side, Standing
from adwarden.domain.model import ConnectionState
from adwarden.services.restoring import Preview
from tests.fakes.services import NOW

LONG = "northwind_outdoor_equipment_and_adventure_travel_agency_of_the_pacific_northwest"


def app_line(number: int, standing: Standing = Standing.NEW, **more: object) -> Item:
    label = str(more.pop("label", f"Agency app {number}"))
    own = f"app/a{number}"
    fields = {"suggested": standing is Standing.NEW, "since": NOW - 90 * 86400} | more
    return Item(own, own, label, label, True, standing, **fields)  # type: ignore[arg-type]


def user_line(
    number: int, app: int, standing: Standing = Standing.NEW, handle: str = "", **more: object
) -> Item:
    fields = {"suggested": standing is Standing.NEW, "since": NOW - 40 * 86400} | more
    parent = "" if standing is Standing.NO_APP else f"app/a{app}"
    return Item(
        f"connection/c{number}", parent, handle or f"@user{number}", f"Agency app {app}", False,
        standing, **fields,  # type: ignore[arg-type]
    )  # fmt: skip


def everything() -> tuple[Item, ...]:
    """Return a line of each kind."""
    return (
        app_line(1, Standing.SAME, here_id="a1"),
        user_line(1, 1, Standing.SAME, here_id="c1"),
        user_line(
            2, 1, Standing.DIFFERS, differs=("token",), newer=Side.HERE, here_id="c2",
            here_since=NOW - 86400, here_state=ConnectionState.WORKING,
        ),
        user_line(
            3, 1, Standing.DIFFERS, differs=("token", "note"), newer=Side.BACKUP, here_id="c3",
            here_since=NOW - 80 * 86400, here_state=ConnectionState.REVOKED, suggested=True,
        ),
        user_line(4, 1, Standing.DIFFERS, differs=("token",), here_id="c4", here_lost=True,
                  suggested=True),
        app_line(2, label=f"Long {LONG}"),
        user_line(5, 2, handle=f"@{LONG}"),
        user_line(6, 2),
        app_line(3, Standing.DIFFERS, differs=("keys", "bearer token"), here_id="a3"),
        user_line(7, 9, Standing.NO_APP),
    )  # fmt: skip


def many(count: int = 500) -> tuple[Item, ...]:
    """Return apps with twenty-five connections each, all new."""
    found: list[Item] = []
    for number in range(count):
        if number % 25 == 0:
            found.append(app_line(number))
        found.append(user_line(number, number - number % 25))
    return tuple(found)


def preview_of(items: tuple[Item, ...], **settings: str) -> Preview:
    """Return a preview of these lines, without any secret."""
    path = Path("/home/jo/Documents/adwarden-backup-2026-09-21.kdbx")
    return Preview(path, NOW - 3 * 86400, "0.1.0", items, settings, 0, {})
