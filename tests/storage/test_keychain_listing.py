from __future__ import annotations

import multiprocessing
import os
from collections.abc import Iterable, Mapping
from multiprocessing.synchronize import Barrier
from pathlib import Path

import pytest

from adwarden.domain.errors import KeychainError
from adwarden.storage.keepass_lock import lock_folder
from adwarden.storage.keychain_backends import SystemKeychain
from adwarden.storage.keychain_listing import alone
from adwarden.storage.vault import EntryName, Vault, entry_service
from tests.fakes.keychain import READY, MemoryBackend, token

ONE = EntryName(entry_service("Agency app", "00000001"), "@a")
TWO = EntryName(entry_service("index", "00000002"), "index")
FOREIGN = (
    EntryName("Adwarden practice · App · 00000003", "@p"),
    EntryName("Adwarden · self-test", "self-test"),
    EntryName("Adwarden · odd\nname", "u"),
    EntryName("another program", "me"),
    EntryName("", ""),
)


class Searched:
    """A keychain that can be searched; unless ``refuses``, or for what it ``hides``."""

    def __init__(self) -> None:
        self.backend = MemoryBackend()
        self.refuses = False
        self.hides: set[EntryName] = set()

    def found(self) -> tuple[EntryName, ...] | None:
        names = (EntryName(*name) for name in self.backend.entries)
        seen = (*(name for name in names if name not in self.hides), *FOREIGN)
        return None if self.refuses else seen

    def texts(self, names: Iterable[EntryName]) -> Mapping[EntryName, str | KeychainError]:
        entries = self.backend.entries
        return {name: entries[name] for name in names if name in entries}

    def vault(self) -> Vault:
        system = SystemKeychain(
            lambda: self.backend, lambda: READY, found=self.found, texts=self.texts
        )
        return Vault(system=system)

    def drop(self, names: Iterable[EntryName]) -> None:
        for name in names:
            del self.backend.entries[name]


@pytest.fixture
def searched() -> Searched:
    return Searched()


def test_entries_are_found_without_the_list_of_them(searched: Searched) -> None:
    vault = searched.vault()
    vault.put(*ONE, token())
    vault.put(*TWO, token())
    searched.drop([EntryName("Adwarden · index · 1", "index")])
    again = searched.vault()
    assert set(again.known()) == {ONE, TWO}
    again.relist(())
    searched.refuses = True
    assert set(searched.vault().known()) == {ONE, TWO}


def test_what_was_removed_outside_is_known_no_more(searched: Searched) -> None:
    vault = searched.vault()
    vault.put(*ONE, token())
    vault.put(*TWO, token())
    searched.drop([ONE])
    assert vault.known() == (TWO,)


def test_what_the_search_does_not_find_is_looked_for_by_its_name(searched: Searched) -> None:
    vault = searched.vault()
    vault.put(*ONE, token())
    searched.hides = {ONE}
    assert vault.known() == (ONE,)
    searched.drop([ONE])
    assert vault.known() == ()


@pytest.fixture
def locks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    return lock_folder()


class FileBackend:
    """Entries as files, so that processes can share them."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def get_password(self, service: str, username: str) -> str | None:
        try:
            return self._path(service, username).read_text("utf-8")
        except FileNotFoundError:
            return None

    def set_password(self, service: str, username: str, password: str) -> None:
        path = self._path(service, username)
        temp = path.with_suffix(f".{os.getpid()}")
        temp.write_text(password, "utf-8")
        temp.replace(path)

    def delete_password(self, service: str, username: str) -> None:
        from keyring.errors import PasswordDeleteError

        try:
            self._path(service, username).unlink()
        except FileNotFoundError as error:
            raise PasswordDeleteError from error

    def _path(self, service: str, username: str) -> Path:
        return self._folder / f"{service} {username}"


def shared(folder: Path) -> Vault:
    return Vault(system=SystemKeychain(lambda: FileBackend(folder), lambda: READY, shared=True))


def put_many(folder: Path, who: int, ready: Barrier) -> None:
    vault = shared(folder)
    ready.wait(20)
    for number in range(40):
        vault.put(entry_service(f"app {who}", f"{number:08x}"), f"@u{number}", token())


def test_processes_that_write_at_the_same_time_lose_no_line(locks: Path, tmp_path: Path) -> None:
    (folder := tmp_path / "entries").mkdir()
    context = multiprocessing.get_context("spawn")
    ready = context.Barrier(2)
    both = [context.Process(target=put_many, args=(folder, who, ready)) for who in (1, 2)]
    for one in both:
        one.start()
    for one in both:
        one.join(60)
    assert [one.exitcode for one in both] == [0, 0]
    assert len(shared(folder).known()) == 80


def test_a_lock_that_is_never_given_back_only_costs_time(
    locks: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("adwarden.storage.keychain_listing._PATIENCE", 0.05)
    with alone("Adwarden"), alone("Adwarden"), alone("another"):
        assert len(list(locks.iterdir())) == 2
