from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from adwarden.domain.model import (
    AccountEntry,
    AdAccount,
    AppAccess,
    Connection,
    XApp,
)
from adwarden.services.index import Index
from adwarden.storage.directory import Directory
from adwarden.storage.glimpse import FIRST, WHOLE
from adwarden.storage.paths import DataFolder


@pytest.fixture
def directory(tmp_path: Path) -> Iterator[Directory]:
    made, _ = Directory.open(DataFolder(tmp_path))
    made.save_app(XApp("a1", "x", "Agency app", AppAccess.STANDARD, "e0", 1.0))
    for name in ("c1", "c2"):
        made.replace_connection(Connection(name, "a1", name, f"user_{name}", f"e{name}", 1.0))
    yield made
    made.close()


def fill(directory: Directory, connection_id: str, count: int) -> None:
    entries = [
        AccountEntry(AdAccount(f"18k{n:05}", f"Account {count - n:05}")) for n in range(count)
    ]
    directory.save_entries(connection_id, entries)


def test_a_small_index_is_read_whole(directory: Directory) -> None:
    fill(directory, "c1", 10)
    assert directory.glimpse() == directory.snapshot()
    assert directory.glimpse().counts == {}


def test_of_a_large_one_the_first_rows_by_name_and_the_counts(directory: Directory) -> None:
    fill(directory, "c1", WHOLE)
    fill(directory, "c2", 40)
    found = directory.glimpse()
    whole = directory.snapshot()
    assert found.apps == whole.apps
    assert found.connections == whole.connections
    assert found.counts == {"c1": WHOLE, "c2": 40}
    assert found.total == WHOLE
    assert found.entries == {"c1": whole.entries["c1"][:FIRST]}


def test_of_ad_accounts_every_connection_that_reaches_the_first(directory: Directory) -> None:
    fill(directory, "c1", WHOLE)
    directory.save_entries("c2", [AccountEntry(AdAccount("18k00299", "Account 00001"))])
    found = directory.glimpse(by_account=True)
    names = {entry.account.name for entry in found.entries["c1"]}
    assert names == {f"Account {n:05}" for n in range(1, FIRST + 1)}
    assert [entry.account.id for entry in found.entries["c2"]] == ["18k00299"]


async def test_the_rest_is_read_once_it_is_asked_for(tmp_path: Path, directory: Directory) -> None:
    fill(directory, "c1", WHOLE + 1)
    index = Index(lambda distrust: Directory.open(DataFolder(tmp_path), distrust=distrust))
    index.prefetch()
    peeked = index.peek(5.0)
    assert peeked is not None
    assert len(peeked.entries["c1"]) == FIRST
    whole = await index.snapshot()
    assert len(whole.entries["c1"]) == WHOLE + 1
    assert whole.counts == {}
    index.close()
