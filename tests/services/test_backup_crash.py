"""A kill -9 at any step of a restore: what is found then, and what a second restore makes of it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from adwarden.domain.backup import Standing
from adwarden.domain.model import FILE, Connection, ConnectionState, XApp
from adwarden.services.backup import Choices
from adwarden.services.roster import entry_of
from tests.services.backup_house import NOW, OPEN_SESAME, Told, open_house
from tests.services.restore_killed import HOME


def without_dates(told: Told) -> dict[tuple[str, ...], tuple[object, ...]]:
    """Leave out since when: what recovery lists is as old as its listing."""
    return {name: (*facts[:3], *facts[4:]) for name, facts in told.items()}


async def test_a_kill_at_every_step_loses_nothing(tmp_path: Path) -> None:
    backup, template, target = tmp_path / "backup.kdbx", tmp_path / "here", tmp_path / "killed"
    async with open_house(tmp_path / "old", file=True) as old:
        old.chosen[0] = FILE
        app = await old.add_app("Agency app", "key", note="a note", approved_at=NOW - 5)
        await old.connect(app, "1", "saved-1")
        await old.connect(app, "2", "saved-2", label="Contoso")
        other = await old.add_app("Test app")
        await old.connect(other, "1")
        await old.backup.write(backup, OPEN_SESAME)
        wanted = without_dates(await old.told())
    async with open_house(template, home=HOME, file=True) as here:
        here.chosen[0] = FILE
        app = await here.add_app("Agency app", "key")
        await here.connect(app, "1", "dead-1", state=ConnectionState.REVOKED)
        await here.connect(app, "9", "mine-9")
    target.mkdir()
    done = subprocess.run(  # noqa: ASYNC221 - nothing else runs meanwhile
        [sys.executable, "-m", "tests.services.restore_killed", template, backup, target],
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    kills = int(done.stdout)
    assert kills > 15
    for number in range(kills + 1):
        async with open_house(target / str(number), home=HOME, file=True) as house:
            told = await house.told()  # each row has its secret, nothing is pending
            roster = house.accounts.roster
            rows: list[XApp | Connection] = [*roster.apps, *roster.connections]
            known = await house.places.known(FILE)
            assert {entry_of(row)[:2] for row in rows} == set(map(tuple, known)), number
            assert told["Agency app", "9"][5] == {
                "token": "mine-9", "secret": "secret of mine-9"
            }  # fmt: skip
            for name, facts in without_dates(told).items():
                # The old state or the new one, whole.
                if name in wanted and name != ("Agency app", "1"):
                    assert facts[4] == wanted[name][4]
            preview = await house.backup.preview(backup, OPEN_SESAME)
            chosen = frozenset(item.id for item in preview.items if item.suggested)
            await house.backup.restore(preview, Choices(chosen, FILE))
            after = without_dates(await house.told())
            assert {name: after[name] for name in wanted} == wanted, number
            assert set(after) - set(wanted) == {("Agency app", "9")}
            again = await house.backup.preview(backup, OPEN_SESAME)
            assert {item.standing for item in again.items} == {Standing.SAME}
