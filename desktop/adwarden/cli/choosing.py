"""Which connection a person means by ``@handle``, ``@handle/app label`` or an id."""

from __future__ import annotations

from adwarden.cli.tree_lines import shown
from adwarden.domain.errors import ErrorCode, NotFoundError
from adwarden.domain.model import Connection, Snapshot


def choose_one(snapshot: Snapshot, wanted: str) -> Connection:
    """Return the one connection that is named; raises ``NotFoundError`` with the choices."""
    if not wanted.strip():
        raise NotFoundError(
            ErrorCode.NOT_FOUND,
            "No connection was named",
            "The name is empty.",
            _remedy(snapshot, snapshot.connections),
        )
    (found,) = choose(snapshot, wanted)
    return found


def choose(snapshot: Snapshot, wanted: str) -> tuple[Connection, ...]:
    """Return the connections that ``@handle``, ``@handle/app label`` or an id names.

    Raises ``NotFoundError`` where nothing fits, or several do; it lists the choices then.
    """
    if not wanted:
        return snapshot.connections
    labels = {app.id: app.label for app in snapshot.apps}
    handle, _, label = wanted.partition("/")
    found = tuple(
        one
        for one in snapshot.connections
        if one.id == wanted
        or (
            one.handle.lstrip("@").casefold() == handle.lstrip("@").casefold()
            and label.casefold() in ("", labels.get(one.app_id, "").casefold())
        )
    )
    if not found:
        raise NotFoundError(
            ErrorCode.NOT_FOUND,
            "No such connection",
            f"Nothing is called “{shown(wanted)}”.",
            _remedy(snapshot, snapshot.connections),
        )
    if len(found) > 1:
        raise NotFoundError(
            ErrorCode.AMBIGUOUS,
            "More than one connection fits",
            f"“{shown(wanted)}” names {len(found)} of them.",
            _remedy(snapshot, found),
        )
    return found


def _remedy(snapshot: Snapshot, found: tuple[Connection, ...]) -> str:
    labels = {app.id: app.label for app in snapshot.apps}
    named = [f"{shown(one.handle)}/{shown(labels.get(one.app_id, ''))}" for one in found]
    # Two apps may be called the same, or a user be connected twice: only ids tell them apart.
    choices = ", ".join(
        f"{name} ({one.id})" if named.count(name) > 1 else name
        for name, one in zip(named, found, strict=True)
    )
    return f"Choose one of: {choices}" if choices else "Connect an account in the window first."
