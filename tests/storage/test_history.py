from __future__ import annotations

import contextlib
import sqlite3
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adwarden.domain.changes import LOST, Change, Wanted
from adwarden.domain.errors import StorageError
from adwarden.domain.model import (
    Access,
    AccountEntry,
    AdAccount,
    AppAccess,
    Connection,
    ConnectionState,
    PromotableUser,
    XApp,
)
from adwarden.storage import migrations
from adwarden.storage.directory import Directory
from adwarden.storage.history import DAY
from adwarden.storage.paths import DataFolder

APP = XApp("a1", "x", "Agency", AppAccess.STANDARD, "Adwarden · Agency · a1", 1.0)
ONE = Connection(
    "c1", "a1", "77", "northwind", "entry c1", 2.0, ConnectionState.WORKING, checked_at=3.0
)
NEW = replace(ONE, checked_at=None)
ALL = Wanted()


class Clock:
    """Time that stands until a test moves it."""

    def __init__(self) -> None:
        self.now = 1_000_000_000.0

    def __call__(self) -> float:
        return self.now


def entry(number: int, *permissions: str, name: str = "") -> AccountEntry:
    return AccountEntry(
        AdAccount(f"id{number}", name or f"Account {number}", "ACCEPTED"),
        Access("77", permissions or ("ACCOUNT_ADMIN",)),
        users=(PromotableUser(f"p{number}", "77", "FULL", handle="northwind"),),
    )


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def folder(tmp_path: Path) -> DataFolder:
    return DataFolder(tmp_path / "data")


@pytest.fixture
def directory(folder: DataFolder, clock: Clock) -> Iterator[Directory]:
    opened, _ = Directory.open(folder, clock=clock)
    opened.save_app(APP)
    yield opened
    opened.close()


@pytest.fixture
def settled(directory: Directory) -> Directory:
    """Return an index with a connection that has been fetched before, and no history yet."""
    directory.replace_connection(ONE)
    directory.save_entries("c1", [entry(n) for n in range(3)])
    directory.mark_seen()
    directory.take_changes()
    return directory


def words(directory: Directory, wanted: Wanted = ALL) -> list[str]:
    return [one.change.words for one in directory.changes(wanted)]


def unseen(directory: Directory) -> list[str]:
    return words(directory, Wanted(unseen=True))


def test_a_first_load_is_one_change(directory: Directory) -> None:
    directory.replace_connection(NEW)
    assert words(directory) == ["@northwind is connected"]
    bare = [AccountEntry(AdAccount(f"id{n}", f"Account {n}")) for n in range(30)]
    directory.save_entries("c1", bare[:20])
    directory.save_entries("c1", bare[10:])
    directory.save_entries("c1", [entry(n) for n in range(30)])
    directory.note_connection(ONE)
    assert words(directory) == ["@northwind is connected and reaches 30 ad accounts"]
    told = directory.take_changes()
    assert {one.id for one in told} == {1}
    assert told[-1].change.subject == "30"
    directory.save_entries("c1", [entry(31)])
    assert words(directory)[0] == "@northwind reaches Account 31 now"


def test_a_first_load_that_was_cut_goes_on_in_the_same_change(
    directory: Directory, folder: DataFolder
) -> None:
    directory.replace_connection(NEW)
    directory.save_entries("c1", [entry(1)])
    directory.close()
    again, _ = Directory.open(folder)
    again.save_entries("c1", [entry(1), entry(2)])
    assert words(again) == ["@northwind is connected and reaches 2 ad accounts"]
    again.close()


def test_each_difference_is_kept_once(settled: Directory) -> None:
    after = [entry(0, "ACCOUNT_ADMIN", "TWEET_COMPOSER"), entry(1), entry(5)]
    for _ in range(2):  # the second time as after a cut
        settled.save_entries("c1", after)
        settled.remove_entries("c1", ["id2", "never there"])
    assert unseen(settled) == [
        "@northwind no longer reaches Account 2",
        "@northwind reaches Account 5 now",
        "@northwind got TWEET_COMPOSER on Account 0",
    ]
    assert [one.change.kind for one in settled.take_changes()] == [
        "permission-gained", "account-gained", "account-lost",
    ]  # fmt: skip
    assert settled.take_changes() == []


def test_what_was_not_fetched_is_not_lost(settled: Directory) -> None:
    bare = AccountEntry(AdAccount("id0", "Account 0", "ACCEPTED"), None, "failed", None, "failed")
    settled.save_entries("c1", [bare])
    settled.save_entries("c1", [entry(0)])
    assert unseen(settled) == []


def test_a_change_that_is_not_saved_is_not_kept(settled: Directory) -> None:
    bad = replace(entry(7), fetched_at="never")  # type: ignore[arg-type]
    with pytest.raises(StorageError):
        settled.save_entries("c1", [entry(6), bad])
    assert unseen(settled) == []
    assert settled.take_changes() == []


def test_entries_of_a_connection_that_is_gone_are_no_change(settled: Directory) -> None:
    settled.remove_connection("c1")
    settled.take_changes()
    assert not settled.save_entries("c1", [entry(9)])
    settled.remove_entries("c1", ["id1"])
    assert settled.take_changes() == []


def test_the_state_of_a_connection(settled: Directory) -> None:
    revoked = replace(ONE, state=ConnectionState.REVOKED, error="X refused the token. Reconnect.")
    assert settled.note_connection(revoked)
    assert settled.note_connection(revoked)
    stale = replace(ONE, entry="another token")
    assert not settled.note_connection(stale)
    settled.replace_connection(replace(stale, entry="entry c2"))
    assert unseen(settled) == [
        "@northwind was authorized again", "@northwind revoked access to Agency",
    ]  # fmt: skip


def test_history_outlives_what_it_is_about(settled: Directory) -> None:
    settled.save_entries("c1", [entry(0, "AD_MANAGER")])
    settled.remove_app("a1")
    assert unseen(settled) == [
        "@northwind was disconnected from Agency",
        "@northwind lost ACCOUNT_ADMIN on Account 0",
        "@northwind got AD_MANAGER on Account 0",
    ]
    assert settled.snapshot().connections == ()


def test_filters(settled: Directory, clock: Clock) -> None:
    settled.replace_connection(
        replace(ONE, id="c2", user_id="78", screen_name="contoso", entry="entry c2")
    )
    clock.now += 10 * DAY
    settled.save_entries("c1", [entry(0, "AD_MANAGER"), entry(1, "ACCOUNT_ADMIN", "NEW_ONE")])
    settled.save_entries("c2", [entry(0, name="Größe & <b>50%</b>")])
    kinds = Wanted(kinds=("permission-gained",))
    assert len(words(settled, kinds)) == 2
    assert words(settled, Wanted(tone=LOST)) == ["@northwind lost ACCOUNT_ADMIN on Account 0"]
    assert words(settled, Wanted(connection_id="c2")) == [
        "@contoso reaches Größe & <b>50%</b> now", "@contoso is connected",
    ]  # fmt: skip
    assert len(words(settled, Wanted(account_id="id0"))) == 4
    assert len(words(settled, Wanted(account_id="id0", connection_id="c2"))) == 1
    assert words(settled, Wanted(text="GRÖSSE 50%")) == ["@contoso reaches Größe & <b>50%</b> now"]
    assert len(words(settled, Wanted(text="manager account"))) == 1
    assert len(words(settled, Wanted(text="id1"))) == 2
    assert words(settled, Wanted(text="nothing of the sort")) == []
    assert len(words(settled, Wanted(since=clock.now))) == 4
    assert settled.count_changes(Wanted(since=clock.now)) == 4


def test_pages_come_newest_first_without_gaps(settled: Directory) -> None:
    settled.save_entries("c1", [entry(n) for n in range(10, 60)])
    found = page = settled.changes(ALL, count=20)
    while page:
        page = settled.changes(ALL, before=page[-1].id, count=20)
        found += page
    assert [one.id for one in found] == sorted((one.id for one in found), reverse=True)
    assert len(found) == settled.count_changes(ALL) == len({one.id for one in found})


def test_a_visit_counts_all_as_seen(settled: Directory, folder: DataFolder) -> None:
    settled.save_entries("c1", [entry(8), entry(9)])
    assert settled.unseen() == {"c1": 2}
    seen = settled.seen()
    settled.mark_seen()
    assert [one.id > seen for one in settled.changes(ALL)][:3] == [True, True, False]
    assert settled.unseen() == {}
    settled.save_entries("c1", [entry(10)])
    settled.close()
    again, _ = Directory.open(folder)
    assert again.unseen() == {"c1": 1}
    again.close()


def test_what_is_too_old_goes_and_ids_never_come_again(settled: Directory, clock: Clock) -> None:
    settled.save_entries("c1", [entry(8)])
    clock.now += 364 * DAY
    assert settled.prune_changes(365) == 0
    settled.mark_seen()
    clock.now += 2 * DAY
    assert settled.prune_changes(365) == 5
    assert settled.changes(ALL) == []
    settled.save_entries("c1", [entry(9)])
    assert settled.unseen() == {"c1": 1}


def test_no_secret_has_a_column(settled: Directory) -> None:
    with settled._reading() as db:
        columns = {row[1] for row in db.execute("PRAGMA table_info(change)")}
    assert columns == {
        "id", "at", "kind", "tone", "connection_id", "account_id", "subject", "handle", "app",
        "name", "detail", "hay", "loading",
    }  # fmt: skip


def test_names_that_sqlite_cannot_hold_are_survived(settled: Directory) -> None:
    settled.save_entries("c1", [entry(8, name="\ud800\0\u202e")])
    assert unseen(settled) == ["@northwind reaches ?\0\u202e now"]


def test_an_index_of_the_first_version_gets_its_history(folder: DataFolder) -> None:
    folder.prepare()
    db = sqlite3.connect(folder.directory)
    for statement in migrations.MIGRATIONS[0]:
        db.execute(statement)
    db.execute("PRAGMA application_id=0x41445744")
    db.execute("PRAGMA user_version=1")
    db.execute("INSERT INTO app VALUES ('a1', 'x', 'Agency', 'standard', 'e', 1)")
    db.execute(
        "INSERT INTO connection VALUES ('c1','a1','77','northwind','e c1',2,'working',NULL,'','')"
    )
    db.commit()
    db.close()
    opened, problem = Directory.open(folder)
    assert problem is None
    opened.save_entries("c1", [entry(1)])
    assert opened.changes(ALL) == []  # nobody said how many there were before
    opened.note_connection(replace(ONE, entry="e c1"))
    opened.save_entries("c1", [entry(2)])
    assert words(opened) == ["@northwind reaches Account 2 now"]
    opened.close()


def test_a_rebuilt_index_does_not_take_what_was_lost_for_gained(
    settled: Directory, folder: DataFolder
) -> None:
    settled.save_entries("c1", [entry(5)])
    settled.close()
    rebuilt, problem = Directory.open(folder, distrust=True)
    assert problem is not None
    assert words(rebuilt)[0] == "@northwind reaches Account 5 now"
    assert rebuilt.unseen() == {"c1": 1}
    rebuilt.save_entries("c1", [entry(n) for n in range(100)])
    assert rebuilt.unseen() == {"c1": 1}
    rebuilt.close()


def test_what_a_rebuilt_index_loses_later_is_news(settled: Directory, folder: DataFolder) -> None:
    settled.save_entries("c1", [entry(n) for n in range(9)])
    settled.mark_seen()
    settled.close()
    with contextlib.closing(sqlite3.connect(folder.directory)) as db:
        db.execute("DELETE FROM change WHERE id > 1")  # as if that place could not be read
        db.commit()
    rebuilt, _ = Directory.open(folder, distrust=True)
    assert rebuilt.unseen() == {}
    rebuilt.note_connection(ONE)
    rebuilt.remove_entries("c1", ["id0"])
    assert rebuilt.changes(ALL)[0].change.tone == LOST
    assert rebuilt.unseen() == {"c1": 1}
    rebuilt.close()


_PERMISSIONS = st.lists(st.sampled_from("XYZ"), unique=True).map(tuple)
_STATES = st.lists(
    st.dictionaries(st.integers(0, 4), st.none() | _PERMISSIONS, max_size=5), min_size=1, max_size=5
)


@settings(max_examples=30)
@given(_STATES, st.integers(1, 4))
def test_batches_of_any_size_tell_what_the_facts_tell(
    tmp_path_factory: pytest.TempPathFactory,
    states: list[dict[int, tuple[str, ...] | None]],
    size: int,
) -> None:
    directory, _ = Directory.open(DataFolder(tmp_path_factory.mktemp("history")))
    directory.save_app(APP)
    directory.replace_connection(ONE)
    directory.take_changes()
    known: dict[str, tuple[str, ...] | None] = {}
    for state in states:
        entries = [
            AccountEntry(
                AdAccount(f"id{n}", f"Account {n}"),
                Access("77", held) if held is not None else None,
            )
            for n, held in state.items()
        ]
        facts = {f"id{n}": held for n, held in state.items()}
        for start in range(0, len(entries), size):
            directory.save_entries("c1", entries[start : start + size])
        directory.remove_entries("c1", known.keys() - facts.keys())
        told = [one.change for one in directory.take_changes()]
        assert _of(told, "account-gained") == {
            (id_, f"Account {id_[2:]}") for id_ in facts.keys() - known.keys()
        }
        assert {id_ for id_, _ in _of(told, "account-lost")} == known.keys() - facts.keys()
        both = [id_ for id_ in facts.keys() & known.keys() if None not in (facts[id_], known[id_])]
        for kind, new, old in (("gained", facts, known), ("lost", known, facts)):
            expected = {(id_, p) for id_ in both for p in set(new[id_] or ()) - set(old[id_] or ())}
            assert _of(told, f"permission-{kind}") == expected
        known = facts
    directory.close()


def _of(changes: list[Change], kind: str) -> set[tuple[str, str]]:
    return {(change.account_id, change.subject) for change in changes if change.kind == kind}


def test_twenty_thousand_accounts_stay_fast(settled: Directory) -> None:
    many = [entry(n) for n in range(20_000)]
    started = time.perf_counter()
    settled.save_entries("c1", many)
    first = time.perf_counter() - started
    started = time.perf_counter()
    for start in range(0, len(many), 1_000):
        settled.save_entries("c1", many[start : start + 1_000])
    again = time.perf_counter() - started
    started = time.perf_counter()
    settled.remove_entries("c1", [one.account.id for one in many[3:]])
    gone = time.perf_counter() - started
    assert settled.count_changes(Wanted(tone=LOST)) == 19_997
    started = time.perf_counter()
    assert len(settled.changes(Wanted(text="account 19999"))) == 2
    searched = time.perf_counter() - started
    # Generous, as it shares its processors; a refresh of as many takes minutes.
    assert max(first, again, gone) < 10, (first, again, gone)
    assert searched < 1, searched
