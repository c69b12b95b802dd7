"""Making or opening a KeePass file, given up while the thread is at it: all is as before."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from adwarden.domain.model import FILE
from adwarden.domain.secret import Secret
from adwarden.services import events
from adwarden.storage import keepass_file
from adwarden.storage.keepass_header import Kdf
from adwarden.storage.keepass_keys import MasterKey
from adwarden.storage.keepass_place import KeepassPlace
from adwarden.storage.keepass_vault import KeepassVault
from adwarden.storage.keychain_status import KeychainState
from tests.services.conftest import House, OpenHouse
from tests.services.test_vault_file import names_in
from tests.storage.keepass_parts import PASSWORD


async def give_up(
    house: House,
    monkeypatch: pytest.MonkeyPatch,
    call: str,
    path: Path,
    password: Secret = PASSWORD,
    after: Callable[[], object] = lambda: None,
) -> None:
    """Cancel ``create`` or ``use`` while the file's thread is just done with it."""
    at, go = threading.Event(), threading.Event()
    name = {"create": "create", "use": "open"}[call]
    real = getattr(KeepassPlace, name)

    def held(place: KeepassPlace, *args: object) -> None:
        real(place, *args)
        at.set()
        assert go.wait(20)

    with monkeypatch.context() as patch:
        patch.setattr(KeepassPlace, name, held)
        vault_file = house.accounts.vault_file
        task = asyncio.create_task(getattr(vault_file, call)(path, password))
        assert await asyncio.to_thread(at.wait, 20)
        task.cancel()
        after()
        asyncio.get_running_loop().call_soon(go.set)
        with pytest.raises(asyncio.CancelledError):
            await task


async def test_a_file_that_was_given_up_while_it_was_made_is_not_there(
    open_house: OpenHouse, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "new.kdbx"
    async with open_house() as house:
        await give_up(house, monkeypatch, "create", path)
        vault_file = house.accounts.vault_file
        assert (path.exists(), vault_file.path, vault_file.unlocked) == (False, None, False)
        told = [one.status for one in house.of(events.KeychainChanged) if one.place == "file"][-1]
        assert (told.state, told.backend) == (KeychainState.MISSING, "KeePass file")
        # And it can be made after all.
        await vault_file.create(path, PASSWORD)
        assert path.exists()


async def test_the_file_before_is_used_again(
    open_house: OpenHouse, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = tmp_path / "first.kdbx", tmp_path / "second.kdbx"
    async with open_house() as house:
        vault_file = house.accounts.vault_file
        await vault_file.create(first, PASSWORD)
        await give_up(house, monkeypatch, "create", second)
        assert (vault_file.path, second.exists()) == (first, False)
        assert (await vault_file.enter(PASSWORD)).state is KeychainState.READY


async def test_a_file_that_was_only_opened_or_changed_by_somebody_stays(
    open_house: OpenHouse, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "team.kdbx"
    KeepassPlace(path, locks=tmp_path / "locks").create(PASSWORD)
    async with open_house() as house:
        vault_file = house.accounts.vault_file
        await give_up(house, monkeypatch, "use", path)
        assert vault_file.path is None
        assert names_in(path, tmp_path) == set()
        other = tmp_path / "other.kdbx"
        await give_up(
            house, monkeypatch, "create", other, after=lambda: other.write_bytes(b"theirs")
        )
        assert (other.read_bytes(), vault_file.path) == (b"theirs", None)


async def test_another_file_that_was_not_opened_leaves_the_one_before_open_and_watched(
    open_house: OpenHouse, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = tmp_path / "first.kdbx", tmp_path / "second.kdbx"
    KeepassPlace(second, locks=tmp_path / "locks").create(Secret("the password of another"))
    at, go = threading.Event(), threading.Event()
    real = keepass_file.derive

    def held(key: MasterKey, kdf: Kdf, file: str) -> bytes:
        at.set()
        assert go.wait(20)
        return real(key, kdf, file)

    async with open_house() as house:
        vault_file = house.accounts.vault_file
        await vault_file.create(first, PASSWORD)
        monkeypatch.setattr(keepass_file, "derive", held)
        task = asyncio.create_task(vault_file.use(second, Secret("a wrong one")))
        assert await asyncio.to_thread(at.wait, 20)
        task.cancel()
        asyncio.get_running_loop().call_soon(go.set)
        with pytest.raises(asyncio.CancelledError):
            await task
        assert vault_file.path == first
        is_open = await house.places.of(FILE).call(lambda vault: _of(vault).is_open)
        assert is_open
        # What looks after it has something to lock.
        assert vault_file.unlocked
        assert (await vault_file.lock()).state is KeychainState.LOCKED


def _of(vault: object) -> KeepassVault:
    assert isinstance(vault, KeepassVault)
    return vault
