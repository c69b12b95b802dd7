from __future__ import annotations

import os
import signal
import sqlite3
import stat
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adwarden.domain.errors import AdwardenError, ErrorCode, StorageError
from adwarden.domain.model import (
    Access,
    AccountEntry,
    AdAccount,
    AppAccess,
    Connection,
    ConnectionState,
    PromotableUser,
    Snapshot,
    XApp,
)
from adwarden.storage.directory import (
    DamagedError,
    Directory,
    PendingStep,
    StoredWindow,
)
from adwarden.storage.paths import DataFolder
from tests.storage.folders import read_only, small_disk

APP = XApp("a1", "x", "Agency", AppAccess.STANDARD, "Adwarden · Agency · a1", 1.0)
CONNECTION = Connection("c1", "a1", "77", "northwind", "Adwarden · Agency · c1", 2.0)


def entry(number: int, name: str = "", users: int = 2) -> AccountEntry:
    return AccountEntry(
        AdAccount(f"id{number}", name or f"Account {number}", "ACCEPTED", "Europe/Berlin"),
        Access("77", ("ACCOUNT_ADMIN", "TWEET_COMPOSER")),
        "",
        tuple(PromotableUser(f"p{number}-{n}", str(n), "FULL") for n in range(users)),
        "",
        3.0,
    )


@pytest.fixture
def folder(tmp_path: Path) -> DataFolder:
    return DataFolder(tmp_path / "data")


@pytest.fixture
def directory(folder: DataFolder) -> Iterator[Directory]:
    opened = reopen(folder)
    opened.finish_pending("*")  # what a new index is to do first is another test's
    yield opened
    opened.close()


def test_a_new_index_is_to_be_rebuilt_from_what_the_keychain_knows(folder: DataFolder) -> None:
    opened = reopen(folder)
    assert [(step.kind, step.entry) for step in opened.pending()] == [("rebuild", "*")]
    opened.finish_pending("*")
    opened.close()
    again = reopen(folder)
    assert again.pending() == ()
    again.close()


def reopen(folder: DataFolder, **options: Any) -> Directory:  # noqa: ANN401
    opened, problem = Directory.open(folder, clock=lambda: 100.0, **options)
    assert problem is None
    return opened


def filled(folder: DataFolder, count: int = 3) -> Snapshot:
    opened = reopen(folder)
    opened.save_app(APP)
    opened.replace_connection(CONNECTION)
    opened.save_entries("c1", [entry(number) for number in range(count)])
    found = opened.snapshot()
    opened.close()
    return found


def test_a_new_index_is_empty_private_and_closes_clean(folder: DataFolder) -> None:
    opened = reopen(folder)
    assert opened.snapshot() == Snapshot()
    opened.save_app(APP)
    for path in folder.root.iterdir():
        assert stat.S_IMODE(path.stat().st_mode) == 0o600, path
    opened.close()
    opened.close()
    assert [path.name for path in folder.root.iterdir()] == ["directory.sqlite3"]


def test_everything_comes_back(folder: DataFolder) -> None:
    full = AccountEntry(
        AdAccount("id9", "\u202e<b>ü\0\ud800 🗝", "NEW", "UTC", True, "b", "b1", "I", "c", "u", "t"),
        Access("77", ()),
        "access failed",
        (PromotableUser("p", "5", "SOMETHING_NEW", True, "h", "c", "u"),),
        "users failed",
        None,
    )
    bare = AccountEntry(AdAccount("id8", ""))
    connection = Connection(
        "c1", "a1", "77", "", "e", 2.0, ConnectionState.REVOKED, 9.5, "read-write", "why"
    )
    opened = reopen(folder)
    opened.save_app(APP)
    opened.replace_connection(connection)
    assert opened.save_entries("c1", [full, bare, entry(1)])
    opened.close()
    opened = reopen(folder)
    assert opened.snapshot() == Snapshot((APP,), (connection,), {"c1": (bare, entry(1), full)})
    opened.close()


def test_entries_are_in_the_order_of_their_names(directory: Directory) -> None:
    directory.save_app(APP)
    directory.replace_connection(CONNECTION)
    directory.save_entries("c1", [entry(1, "b"), entry(2, "C"), entry(3, "a"), entry(0, "B")])
    names = [e.account.name for e in directory.snapshot().entries["c1"]]
    assert names == ["a", "B", "b", "C"]


def test_a_changed_connection_keeps_its_ad_accounts(directory: Directory) -> None:
    directory.save_app(APP)
    directory.replace_connection(CONNECTION)
    directory.save_entries("c1", [entry(1)])
    directory.save_app(XApp("a1", "x", "Renamed", AppAccess.UNKNOWN, APP.entry, 1.0))
    directory.replace_connection(Connection("c1", "a1", "77", "new_name", CONNECTION.entry, 2.0))
    found = directory.snapshot()
    assert found.apps[0].label == "Renamed"
    assert found.connections[0].screen_name == "new_name"
    assert found.entries["c1"] == (entry(1),)


def test_a_connection_without_its_app_is_refused(directory: Directory) -> None:
    with pytest.raises(StorageError, match="app was removed"):
        directory.replace_connection(CONNECTION)
    assert directory.snapshot() == Snapshot()


def test_entries_of_a_removed_connection_are_not_saved(directory: Directory) -> None:
    directory.save_app(APP)
    directory.replace_connection(CONNECTION)
    directory.remove_connection("c1")
    assert directory.save_entries("c1", [entry(1)]) is False


def test_removing_announces_the_keychain_entries_to_delete(directory: Directory) -> None:
    directory.save_app(APP)
    directory.replace_connection(CONNECTION)
    directory.replace_connection(Connection("c2", "a1", "78", "", "e2", 2.5))
    directory.save_entries("c1", [entry(1)])
    (step,) = directory.remove_connection("c2")
    assert step == PendingStep("delete", "e2", "78", 100.0)
    steps = directory.remove_app("a1")
    assert [(s.entry, s.username) for s in steps] == [
        (APP.entry, "Agency"),
        (CONNECTION.entry, "@northwind"),
    ]
    assert set(directory.pending()) == {step, *steps}
    assert directory.snapshot() == Snapshot()
    for done in directory.pending():
        directory.finish_pending(done.entry)
    assert directory.pending() == ()


def test_reconnecting_switches_the_entry_and_announces_the_old_one(directory: Directory) -> None:
    directory.save_app(APP)
    directory.replace_connection(CONNECTION)
    directory.save_entries("c1", [entry(1)])
    directory.begin_pending("add", "new entry", "@northwind")
    new = Connection("c1", "a1", "77", "northwind", "new entry", 5.0)
    (step,) = directory.replace_connection(new)
    assert step == PendingStep("delete", CONNECTION.entry, "@northwind", 100.0)
    assert directory.pending() == (step,)
    assert directory.snapshot().connections == (new,)
    assert directory.snapshot().entries["c1"] == (entry(1),)
    assert directory.replace_connection(new) == ()


def test_one_connection_can_be_read_as_last_saved(directory: Directory) -> None:
    assert directory.connection("c1") is None
    directory.save_app(APP)
    directory.replace_connection(CONNECTION)
    assert directory.connection("c1") == CONNECTION
    checked = replace(CONNECTION, state=ConnectionState.WORKING, checked_at=9.0)
    assert directory.note_connection(checked)
    assert directory.connection("c1") == checked


def test_saving_settles_what_was_pending_for_its_entry(directory: Directory) -> None:
    directory.begin_pending("add", APP.entry, "Agency")
    directory.begin_pending("delete", CONNECTION.entry, "@northwind")
    directory.save_app(APP)
    directory.replace_connection(CONNECTION)
    assert directory.pending() == ()


def test_windows_survive_until_their_reset(folder: DataFolder) -> None:
    opened = reopen(folder)
    opened.save_windows([StoredWindow("77", "GET accounts", "", 5, 4, 99.0)])
    opened.save_windows([StoredWindow("77", "GET accounts", "", 5, 1, 900.0)])
    opened.save_windows([StoredWindow("77", "GET promotable_users", "id1", 10**30, 7, 901.5)])
    opened.save_windows([StoredWindow("78", "GET accounts", "", 5, 0, 100.0)])
    opened.close()
    opened = reopen(folder)
    assert set(opened.windows()) == {
        StoredWindow("77", "GET accounts", "", 5, 1, 900.0),
        StoredWindow("77", "GET promotable_users", "id1", 2**62, 7, 901.5),
    }
    opened.close()


def test_what_was_learned_counts_for_the_token_it_was_learned_with(
    directory: Directory,
) -> None:
    directory.save_app(APP)
    directory.replace_connection(CONNECTION)
    noted = replace(CONNECTION, state=ConnectionState.REVOKED, error="It ended.")
    assert directory.note_connection(noted)
    (saved,) = directory.snapshot().connections
    assert (saved.state, saved.error) == (ConnectionState.REVOKED, "It ended.")
    directory.replace_connection(replace(CONNECTION, entry="a newer entry"))
    assert not directory.note_connection(noted)
    (saved,) = directory.snapshot().connections
    assert (saved.entry, saved.state) == ("a newer entry", CONNECTION.state)


def test_only_the_thread_that_opened_it_may_use_it(directory: Directory) -> None:
    caught: list[BaseException] = []

    def use() -> None:
        try:
            directory.snapshot()
        except RuntimeError as error:
            caught.append(error)

    thread = threading.Thread(target=use)
    thread.start()
    thread.join()
    assert len(caught) == 1


def test_a_closed_index_is_not_used(folder: DataFolder) -> None:
    opened = reopen(folder)
    opened.close()
    with pytest.raises(RuntimeError):
        opened.snapshot()


# Damage


def zeros(path: Path) -> None:
    path.write_bytes(b"\0" * 8192)


def text(path: Path) -> None:
    path.write_text("this is not a database, but it is long enough to look like a file\n" * 20)


def cut(path: Path) -> None:
    os.truncate(path, path.stat().st_size // 2)


def holed(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[4096 * 3 : 4096 * 5] = b"\xee" * 8192
    path.write_bytes(data)


def directory_instead(path: Path) -> None:
    path.unlink()
    path.mkdir()


def pipe(path: Path) -> None:
    path.unlink()
    os.mkfifo(path)


def foreign(path: Path) -> None:
    path.unlink()
    db = sqlite3.connect(path)
    db.execute("CREATE TABLE app (id)")
    db.close()


def table_gone(path: Path) -> None:
    db = sqlite3.connect(path)
    db.execute("DROP TABLE pending")
    db.close()


@pytest.mark.parametrize(
    "damage", [zeros, text, cut, holed, directory_instead, pipe, foreign, table_gone]
)
def test_a_damaged_index_is_moved_aside_said_and_rebuilt(
    folder: DataFolder, damage: Callable[[Path], None]
) -> None:
    filled(folder, 200)
    damage(folder.directory)
    opened, problem = Directory.open(folder)
    assert isinstance(problem, AdwardenError)
    assert "damaged" in problem.title
    aside = [path for path in folder.root.iterdir() if ".damaged-" in path.name]
    assert any(path.name in problem.message for path in aside)
    opened.save_app(APP)
    opened.replace_connection(CONNECTION)
    opened.save_entries("c1", [entry(1)])
    opened.close()
    again = reopen(folder)
    assert entry(1) in again.snapshot().entries["c1"]
    again.close()


def test_what_is_readable_in_a_damaged_index_is_taken_over(folder: DataFolder) -> None:
    before = filled(folder, 400)
    opened = reopen(folder)
    opened.begin_pending("add", "granted", "@x")
    opened.close()
    data = bytearray(folder.directory.read_bytes())
    db = sqlite3.connect(folder.directory)
    root = db.execute("SELECT rootpage FROM sqlite_master WHERE name='entry'").fetchone()[0]
    db.close()
    start = (root - 1) * 4096
    data[start : start + 4096] = b"\xff" * 4096
    folder.directory.write_bytes(data)
    opened, problem = Directory.open(folder)
    assert problem is not None
    found = opened.snapshot()
    assert (found.apps, found.connections) == (before.apps, before.connections)
    assert [step.entry for step in opened.pending()] == ["*", "granted"]
    opened.close()


def test_damage_found_later_is_told_apart_and_can_be_rebuilt(folder: DataFolder) -> None:
    before = filled(folder, 400)
    opened = reopen(folder)
    opened._db.execute("PRAGMA shrink_memory")  # it would answer from its cache
    holed(folder.directory)
    with pytest.raises(DamagedError) as caught:
        opened.snapshot()
    assert caught.value.code is ErrorCode.STORAGE
    opened.close()
    opened, problem = Directory.open(folder, distrust=True)
    assert problem is not None
    assert opened.snapshot().apps == before.apps
    opened.close()


def test_a_crash_between_the_two_renames_loses_nothing(folder: DataFolder) -> None:
    before = filled(folder)
    folder.directory.rename(folder.root / "directory.sqlite3.rebuilt")
    opened = reopen(folder)
    assert opened.snapshot() == before
    opened.close()


def test_a_row_that_cannot_be_understood_hides_no_other(folder: DataFolder) -> None:
    filled(folder, 5)
    db = sqlite3.connect(folder.directory)
    for number, account in ((1, "[]"), (2, "nonsense"), (3, '["id3"],["x"')):
        db.execute("UPDATE entry SET account=? WHERE account_id=?", (account, f"id{number}"))
    db.commit()
    db.close()
    opened = reopen(folder)
    assert opened.snapshot().entries["c1"] == (entry(0), entry(4))
    opened.close()


def test_values_of_a_newer_version_are_unknown(folder: DataFolder) -> None:
    filled(folder)
    db = sqlite3.connect(folder.directory)
    db.execute("UPDATE app SET access='gold'")
    db.execute("UPDATE connection SET state='dreaming'")
    db.commit()
    db.close()
    opened = reopen(folder)
    found = opened.snapshot()
    assert found.apps[0].access is AppAccess.UNKNOWN
    assert found.connections[0].state is ConnectionState.UNKNOWN
    opened.close()


def test_a_newer_index_is_refused_and_untouched(folder: DataFolder) -> None:
    filled(folder)
    db = sqlite3.connect(folder.directory)
    db.execute("PRAGMA user_version=99")
    db.close()
    before = folder.directory.read_bytes()
    with pytest.raises(StorageError, match="newer") as caught:
        Directory.open(folder)
    assert not isinstance(caught.value, DamagedError)
    assert folder.directory.read_bytes() == before
    assert [path.name for path in folder.root.iterdir()] == ["directory.sqlite3"]


@given(st.binary(min_size=1, max_size=64), st.floats(0, 1))
@settings(max_examples=100)
def test_any_scribble_is_survived(
    tmp_path_factory: pytest.TempPathFactory, scribble: bytes, where: float
) -> None:
    folder = DataFolder(tmp_path_factory.mktemp("d"))
    filled(folder, 30)
    data = bytearray(folder.directory.read_bytes())
    start = int(where * (len(data) - len(scribble)))
    data[start : start + len(scribble)] = scribble
    folder.directory.write_bytes(data)
    try:
        opened, _ = Directory.open(folder)
    except StorageError as error:
        assert "newer" in error.title  # noqa: PT017 - the scribble hit the version
        return
    try:
        opened.snapshot()
        opened.save_entries("c1", [entry(7)])
    except DamagedError:
        opened.close()
        opened, problem = Directory.open(folder, distrust=True)
        assert problem is not None
    opened.save_app(APP)
    opened.replace_connection(CONNECTION)
    opened.save_entries("c1", [entry(8)])
    assert entry(8) in opened.snapshot().entries["c1"]
    opened.close()


def test_a_flipped_byte_in_a_tables_definition_is_damage(folder: DataFolder) -> None:
    before = filled(folder, 3)
    data = folder.directory.read_bytes()
    assert b"access_error TEXT" in data
    folder.directory.write_bytes(data.replace(b"access_error TEXT", b"access_errqr TEXT", 1))
    opened, problem = Directory.open(folder)
    assert problem is not None
    assert opened.snapshot().apps == before.apps
    opened.save_app(APP)
    opened.replace_connection(CONNECTION)
    opened.save_entries("c1", [entry(8)])
    opened.close()


# The disk


def test_another_process_that_holds_it_is_said_in_time(folder: DataFolder) -> None:
    filled(folder)
    opened = reopen(folder, busy_seconds=0.1)
    other = sqlite3.connect(folder.directory, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(StorageError, match="in use"):
        opened.save_app(APP)
    assert len(opened.snapshot().entries["c1"]) == 3
    other.execute("ROLLBACK")
    other.close()
    opened.save_app(APP)
    opened.close()


def test_a_full_disk_is_said_and_the_old_state_stays(tmp_path: Path) -> None:
    with small_disk(tmp_path / "disk", "640k") as disk:
        folder = DataFolder(disk)
        before = filled(folder, 20)
        opened = reopen(folder)
        with pytest.raises(StorageError) as caught:
            opened.save_entries("c1", [entry(n, "x" * 900) for n in range(5000)])
        assert "full" in caught.value.message
        assert not isinstance(caught.value, DamagedError)
        assert opened.snapshot() == before
        opened.replace_connection(CONNECTION)
        opened.close()
        again = reopen(folder)
        assert again.snapshot() == before
        again.close()


def test_a_disk_that_is_full_from_the_start_is_said(tmp_path: Path) -> None:
    with small_disk(tmp_path / "disk") as disk:
        (disk / "ballast").write_bytes(b"x" * 250_000)
        with pytest.raises(StorageError) as caught:
            Directory.open(DataFolder(disk))
        assert not isinstance(caught.value, DamagedError)
        assert caught.value.remedy


def test_a_read_only_folder_is_said(folder: DataFolder) -> None:
    before = filled(folder)
    with read_only(folder.root), pytest.raises(StorageError) as caught:
        Directory.open(folder)
    assert "not allowed" in caught.value.message
    opened = reopen(folder)
    assert opened.snapshot() == before
    opened.close()


def test_a_damaged_index_in_a_read_only_folder_stays_where_it_is(folder: DataFolder) -> None:
    filled(folder)
    text(folder.directory)
    before = folder.directory.read_bytes()
    with read_only(folder.root), pytest.raises(StorageError):
        Directory.open(folder)
    assert folder.directory.read_bytes() == before


def test_a_path_too_long_for_sqlite_is_said(tmp_path: Path) -> None:
    root = tmp_path
    while len(os.fsencode(root)) < 600:
        root = root / ("é" * 100)
    with pytest.raises(StorageError, match="longer"):
        Directory.open(DataFolder(root))


def test_a_limit_on_file_sizes_is_said_and_the_old_state_stays(folder: DataFolder) -> None:
    filled(folder, 20)
    script = """
import resource, signal, sys
from pathlib import Path
from adwarden.domain.errors import StorageError
from adwarden.storage.directory import DamagedError, Directory
from adwarden.storage.paths import DataFolder
from tests.storage.test_directory import entry
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, 200_000))
directory, _ = Directory.open(DataFolder(Path(sys.argv[1])))
try:
    directory.save_entries("c1", [entry(n, "y" * 900) for n in range(2000)])
except DamagedError:
    sys.exit("damaged")
except StorageError as error:
    assert len(directory.snapshot().entries["c1"]) == 20
    directory.close()
    print(error)
"""
    done = run(script, folder.root)
    assert done.returncode == 0, done.stderr
    assert "disk" in done.stdout
    opened = reopen(folder)
    assert len(opened.snapshot().entries["c1"]) == 20
    opened.close()


def run(script: str, *arguments: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", script, *map(str, arguments)],
        check=False,
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        timeout=60,
    )


WRITER = """
import sys
from pathlib import Path
from adwarden.domain.model import Connection
from adwarden.storage.directory import Directory
from adwarden.storage.paths import DataFolder
from tests.storage.test_directory import entry
directory, problem = Directory.open(DataFolder(Path(sys.argv[1])))
assert problem is None, problem
generation = int(sys.argv[2])
while True:
    generation += 1
    directory.save_entries("c1", [entry(n, f"generation {generation}") for n in range(300)])
    directory.replace_connection(Connection("c1", "a1", "77", f"g{generation}", "e", 2.0))
    print(generation, flush=True)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="needs SIGKILL")
def test_a_kill_in_the_middle_of_writing_leaves_one_whole_state(folder: DataFolder) -> None:
    filled(folder, 300)
    generation = 0
    for round_ in range(20):
        writer = subprocess.Popen(
            [sys.executable, "-c", WRITER, str(folder.root), str(generation)],
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        )
        assert writer.stdout is not None
        confirmed = 0
        for _ in range(1 + round_ % 4):
            confirmed = int(writer.stdout.readline())
        threading.Event().wait(0.0007 * round_)  # another place in the middle each time
        writer.send_signal(signal.SIGKILL)
        rest = writer.communicate()[0].split()
        confirmed = int(rest[-1]) if rest else confirmed
        opened = reopen(folder)
        found = opened.snapshot()
        opened.close()
        names = {e.account.name for e in found.entries["c1"]}
        assert len(names) == 1
        assert len(found.entries["c1"]) == 300
        generation = int(names.pop().removeprefix("generation "))
        assert generation in (confirmed, confirmed + 1)
        assert found.connections[0].screen_name in (f"g{generation}", f"g{generation - 1}")
        assert int(found.connections[0].screen_name[1:]) >= confirmed


# Any order of changes against plain dictionaries

texts = st.text(st.characters(codec=None), max_size=8)
plain = st.text(st.characters(codec="utf-8"), max_size=8)
accounts = st.builds(AdAccount, st.sampled_from(["1", "2", "3", "é"]), texts, texts, texts,
                     st.booleans(), texts, texts, texts, texts, texts, texts)  # fmt: skip
users = st.builds(PromotableUser, texts, texts, texts, st.booleans(), texts, texts, texts)
entries = st.builds(
    AccountEntry,
    accounts,
    st.none() | st.builds(Access, texts, st.lists(texts, max_size=3).map(tuple)),
    plain,
    st.none() | st.lists(users, max_size=3).map(tuple),
    plain,
    st.none() | st.floats(allow_nan=False, allow_infinity=False),
)
app_ids = st.sampled_from(["a", "b"])
connection_ids = st.sampled_from(["x", "y", "z"])
times = st.floats(0, 1e10)
changes = st.one_of(
    st.builds(XApp, app_ids, plain, plain, st.sampled_from(AppAccess), plain, times),
    st.builds(Connection, connection_ids, app_ids, plain, plain, plain, times,
              st.sampled_from(ConnectionState), st.none() | times, plain, plain),
    st.tuples(st.just("save"), connection_ids, st.lists(entries, max_size=4)),
    st.tuples(st.just("remove"), connection_ids, st.lists(st.sampled_from("12é"), max_size=2)),
    st.tuples(st.just("drop app"), app_ids, st.none()),
    st.tuples(st.just("drop connection"), connection_ids, st.none()),
    st.just("reopen"),
)  # fmt: skip


class Oracle:
    def __init__(self) -> None:
        self.apps: dict[str, XApp] = {}
        self.connections: dict[str, Connection] = {}
        self.entries: dict[str, dict[str, AccountEntry]] = {}

    def drop(self, connection_id: str) -> None:
        self.connections.pop(connection_id, None)
        self.entries.pop(connection_id, None)

    def snapshot(self) -> Snapshot:
        return Snapshot(
            tuple(sorted(self.apps.values(), key=lambda a: (a.added_at, a.id))),
            tuple(sorted(self.connections.values(), key=lambda c: (c.authorized_at, c.id))),
            {
                c: tuple(
                    sorted(
                        self.entries.get(c, {}).values(),
                        key=lambda e: (e.account.name.casefold(), e.account.id),
                    )
                )
                for c in self.connections
            },
        )


@given(st.lists(changes, max_size=25))
@settings(max_examples=60, deadline=None)
def test_any_order_of_changes_matches_plain_dictionaries(
    tmp_path_factory: pytest.TempPathFactory, steps: list[Any]
) -> None:
    folder = DataFolder(tmp_path_factory.mktemp("d"))
    opened, oracle = reopen(folder), Oracle()
    for step in steps:
        match step:
            case XApp():
                opened.save_app(step)
                oracle.apps[step.id] = step
            case Connection():
                if step.app_id in oracle.apps:
                    opened.replace_connection(step)
                    oracle.connections[step.id] = step
                else:
                    with pytest.raises(StorageError):
                        opened.replace_connection(step)
            case ("save", connection_id, batch):
                assert opened.save_entries(connection_id, batch) is (
                    connection_id in oracle.connections
                )
                if connection_id in oracle.connections:
                    found = oracle.entries.setdefault(connection_id, {})
                    found.update({e.account.id: e for e in batch})
            case ("remove", connection_id, account_ids):
                opened.remove_entries(connection_id, account_ids)
                for account_id in account_ids:
                    oracle.entries.get(connection_id, {}).pop(account_id, None)
            case ("drop app", app_id, _):
                opened.remove_app(app_id)
                oracle.apps.pop(app_id, None)
                for c in [c for c in oracle.connections.values() if c.app_id == app_id]:
                    oracle.drop(c.id)
            case ("drop connection", connection_id, _):
                opened.remove_connection(connection_id)
                oracle.drop(connection_id)
            case _:
                opened.close()
                opened = reopen(folder)
        assert opened.snapshot() == oracle.snapshot()
    opened.close()


@pytest.mark.parametrize(
    ("error", "error_at"),
    [
        ("The system keychain is locked. Unlock it.", 1_790_000_000.0),
        ("Two lines\nof words", 1_790_000_000.0),
        ("Of a row of before", None),
        ("", None),
    ],
)
def test_the_last_failure_comes_back_with_its_time(
    directory: Directory, error: str, error_at: float | None
) -> None:
    directory.save_app(APP)
    failed = replace(CONNECTION, error=error, error_at=error_at)
    directory.replace_connection(failed)
    assert directory.snapshot().connections == (failed,)
    assert directory.note_connection(replace(failed, error="", error_at=None))
    assert directory.snapshot().connections == (CONNECTION,)
    assert directory.note_connection(failed)
    assert directory.snapshot().connections == (failed,)
