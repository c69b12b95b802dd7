"""Any backup brought into any house, against the rules written down once more, in plain words."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from adwarden.domain.model import ConnectionState
from adwarden.services.backup import Choices
from tests.services.backup_house import NOW, OPEN_SESAME, House, open_house

IDS = ("a1", "a2", "a3")
USERS = ("1", "2")
STATES = (ConnectionState.WORKING, ConnectionState.REVOKED, ConnectionState.UNKNOWN)


@dataclass(frozen=True)
class Line:
    token: str
    since: float
    state: ConnectionState
    note: str


@dataclass(frozen=True)
class AppLine:
    id: str
    key: str
    note: str
    users: dict[str, Line]

    @property
    def label(self) -> str:
        return f"App {self.id}"


LINES = st.builds(
    Line,
    st.sampled_from(["t1", "t2"]),
    st.sampled_from([NOW - 20, NOW - 10]),
    st.sampled_from(STATES),
    st.sampled_from(["", "n1", "n2"]),
)
HOUSES = st.lists(
    st.builds(
        AppLine,
        st.sampled_from(IDS),
        st.sampled_from(["k1", "k2", "k3"]),
        st.sampled_from(["", "n1", "n2"]),
        st.dictionaries(st.sampled_from(USERS), LINES, max_size=2),
    ),
    max_size=3,
    unique_by=(lambda app: app.id, lambda app: app.key),
)


async def fill(house: House, apps: list[AppLine]) -> None:
    for line in apps:
        app = await house.add_app(line.label, line.key, id=line.id, note=line.note)
        for user, one in line.users.items():
            await house.connect(
                app, user, one.token, authorized_at=one.since, state=one.state, note=one.note
            )


def oracle(
    here: list[AppLine], backup: list[AppLine], untick: set[tuple[str, str]]
) -> dict[tuple[str, ...], tuple[str, str]]:
    """Return key or token, and note, of everything after taking what is suggested."""
    apps = {app.id: (app.label, app.key, app.note) for app in here}
    users = {(app.id, user): one for app in here for user, one in app.users.items()}
    ids = {one.id for one in backup}
    target = {one.id: one.id for one in backup if one.id in apps}
    for one in backup:
        same = [app.id for app in here if app.key == one.key and app.id not in ids]
        if one.id not in target and same:
            target[one.id] = same[0]
    for one in backup:
        mine = next((app for app in here if app.id == target.get(one.id)), None)
        if mine is None:
            if (one.id, "") in untick:
                continue
            target[one.id] = one.id
            label, number = one.label, 1
            while any(label == other for other, _, _ in apps.values()):
                number += 1
                label = f"{one.label} ({number})"
            apps[one.id] = (label, one.key, one.note)
        else:
            # Only what is empty here comes by itself: another key, name or note is a decision.
            fills = mine.key == one.key and mine.label == one.label and not mine.note
            if fills and (one.id, "") not in untick:
                apps[mine.id] = (mine.label, mine.key, one.note)
    for one in backup:
        app_id = target.get(one.id, "")
        if not app_id:
            continue
        for user, line in one.users.items():
            if (one.id, user) in untick:
                continue
            old = users.get((app_id, user))
            if old is None:
                users[app_id, user] = line
            elif old.token == line.token:
                if not old.note:
                    users[app_id, user] = line
            elif old.state is ConnectionState.REVOKED or (
                old.state is ConnectionState.UNKNOWN and line.since > old.since
            ):
                note = old.note or line.note  # what somebody wrote here is no part of a token
                users[app_id, user] = Line(line.token, line.since, line.state, note)
    found: dict[tuple[str, ...], tuple[str, str]] = {
        (label,): (key, note) for label, key, note in apps.values()
    }
    for (app_id, user), line in users.items():
        found[apps[app_id][0], user] = (line.token, line.note)
    return found


@given(
    here=HOUSES,
    backup=HOUSES,
    untick=st.sets(st.tuples(st.sampled_from(IDS), st.sampled_from(["", *USERS])), max_size=3),
)
@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_the_merge_is_as_the_rules_say(
    here: list[AppLine],
    backup: list[AppLine],
    untick: set[tuple[str, str]],
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    asyncio.run(_merged(here, backup, untick, tmp_path_factory.mktemp("houses")))


async def _merged(
    here: list[AppLine], backup: list[AppLine], untick: set[tuple[str, str]], folder: Path
) -> None:
    path = folder / "backup.kdbx"
    async with open_house(folder / "old") as old:
        await fill(old, backup)
        await old.backup.write(path, OPEN_SESAME)
    async with open_house(folder / "new") as new:
        await fill(new, here)
        preview = await new.backup.preview(path, OPEN_SESAME)
        rows = {id_: saved.row for id_, saved in preview.saved.items()}
        chosen = frozenset(
            item.id
            for item in preview.items
            if item.suggested
            and (
                getattr(rows[item.id], "app_id", rows[item.id].id),
                getattr(rows[item.id], "user_id", ""),
            )
            not in untick
        )
        done = await new.backup.restore(preview, Choices(chosen))
        assert (done.failed, done.stopped) == ((), None)
        told = await new.told()
        found = {}
        for name, facts in told.items():
            secrets = facts[5]
            assert isinstance(secrets, dict)
            value = secrets["key"] if len(name) == 1 else secrets["token"]
            found[name] = (value, facts[1] if len(name) == 1 else facts[2])
        assert found == oracle(here, backup, untick)
        # Nothing is kept that no row names.
        names = {entry for entry in new.backend.entries if "· index ·" not in entry[0]}
        roster = new.accounts.roster
        listed = {app.entry for app in roster.apps} | {one.entry for one in roster.connections}
        assert listed == {service for service, _ in names}
