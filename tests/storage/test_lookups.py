from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adwarden.domain.lookups import Features, Funding, FundingInstrument, KnownHandle
from adwarden.domain.model import (
    Access,
    AccountEntry,
    AdAccount,
    AppAccess,
    Connection,
    PromotableUser,
    XApp,
)
from adwarden.storage import lookups
from adwarden.storage.directory import Directory
from adwarden.storage.migrations import MIGRATIONS
from adwarden.storage.paths import DataFolder

APP = XApp("a1", "x", "Agency", AppAccess.STANDARD, "entry a1", 1.0)


@pytest.fixture
def directory(tmp_path: Path) -> Iterator[Directory]:
    opened, _ = Directory.open(DataFolder(tmp_path / "data"))
    yield opened
    opened.close()


def fill(directory: Directory) -> None:
    directory.save_app(APP)
    for number in (1, 2):
        directory.replace_connection(
            Connection(f"c{number}", "a1", str(number), "x", f"e{number}", 2.0)
        )
        directory.save_entries(
            f"c{number}",
            [
                AccountEntry(
                    AdAccount(f"id{n}", f"Account {n}"),
                    Access("1", ("ACCOUNT_ADMIN",)),
                    users=(PromotableUser("p", "7", "FULL"), PromotableUser("q", str(n), "NEW")),
                    fetched_at=3.0,
                )
                for n in range(3)
            ],
        )


def test_what_was_looked_up_is_there_after_a_restart(tmp_path: Path) -> None:
    folder = DataFolder(tmp_path)
    card = FundingInstrument(
        "f", "CREDIT_CARD", "Visa", "USD", True, ("NEW\ud800",), "ACTIVE", 1, None, -3, "s", "e",
        True,
    )  # fmt: skip
    made = (
        KnownHandle("7", "northwind", "Northwind 🦆", 5.0),
        Funding("id1", (card,), 6.0),
        Features("id1", ("A", "B"), 7.0),
    )
    first, _ = Directory.open(folder)
    first.save_lookups(made)
    first.close()
    again, problem = Directory.open(folder)
    assert problem is None
    found = again.lookups()
    again.close()
    assert tuple(found.handles.values()) == made[:1]
    assert tuple(found.funding.values()) == made[1:2]
    assert tuple(found.features.values()) == made[2:]


def test_a_newer_answer_replaces_an_older_one(directory: Directory) -> None:
    directory.save_lookups([KnownHandle("7", "old", "", 1.0)])
    directory.save_lookups([KnownHandle("7", "", "", 2.0)])
    assert directory.lookups().handles == {"7": KnownHandle("7", "", "", 2.0)}


def test_names_are_written_where_the_users_are_and_nowhere_else(directory: Directory) -> None:
    fill(directory)
    before = directory.snapshot()
    changed = directory.name_users({"1": "one"})
    assert {id_: [e.account.id for e in found] for id_, found in changed.items()} == {
        "c1": ["id1"],
        "c2": ["id1"],
    }
    after = directory.snapshot()
    for id_, entries in after.entries.items():
        for old, new in zip(before.entries[id_], entries, strict=True):
            assert replace(new, users=None) == replace(old, users=None)
            for was, now in zip(old.users or (), new.users or (), strict=True):
                assert now.handle == ("one" if now.user_id == "1" else was.handle)
    assert directory.name_users({"1": "one"}) == {}


def test_the_day_of_approval_survives(directory: Directory) -> None:
    directory.save_app(replace(APP, approved_at=9.0))
    assert directory.snapshot().apps[0].approved_at == 9.0
    directory.save_app(APP)
    assert directory.snapshot().apps[0].approved_at is None


@given(st.sampled_from(["handles", "funding", "features", "new"]), st.text(max_size=40))
def test_a_damaged_look_up_is_left_out(kind: str, text: str) -> None:
    db = sqlite3.connect(":memory:", isolation_level=None)
    for step in MIGRATIONS:
        for statement in step:
            db.execute(statement)
    lookups.save(db, [KnownHandle("7", "fine", "", 1.0)])
    stored = text.encode("utf-8", "replace").decode()
    db.execute("INSERT INTO lookup VALUES (?,?,?,?)", (kind, "bad", stored, 1.0))
    assert lookups.read(db).handles["7"].handle == "fine"
    db.close()
