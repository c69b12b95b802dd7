"""What ``--diagnose`` says of the places of secrets; the rest is checked by running it."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from adwarden import diagnose
from adwarden.domain.model import FILE, KEYCHAIN
from adwarden.storage import settings as known
from tests.fakes.keychain import token
from tests.services.conftest import House, OpenHouse, open_house
from tests.storage.keepass_parts import PASSWORD

__all__ = ["open_house"]


def services(house: House) -> Any:  # noqa: ANN401 - what the checks use of the services
    return cast("Any", SimpleNamespace(accounts=house.accounts, places=house.places))


async def test_the_file_and_the_entries_are_told_in_words(
    open_house: OpenHouse, tmp_path: Path
) -> None:
    async with open_house() as house:
        assert await diagnose._file(services(house)) == "none in use"
        await house.add_app()
        await house.places.put("Adwarden · Lost · 00000009", "@lost", KEYCHAIN, token())
        words = await diagnose._secrets(services(house))
        assert words.startswith("new ones go to the system keychain; system keychain: 1 listed, 2 ")
        assert "1 that nothing lists" in words
        path = tmp_path / "team.kdbx"
        await house.accounts.vault_file.create(path, PASSWORD)
        house.settings.set(known.VAULT_PLACE, FILE)
        assert await diagnose._file(services(house)) == f"open, {path}"
        assert "KeePass file: 0 listed, 0 entries" in await diagnose._secrets(services(house))
        await house.accounts.vault_file.lock()
        assert await diagnose._file(services(house)) == f"locked, as at every start, {path}"
        words = await diagnose._secrets(services(house))
        assert "new ones go to the KeePass file" in words
        assert "not readable now" in words
        path.unlink()
        words = await diagnose._file(services(house))
        assert words.startswith(f"not usable, {path}: ")
        assert "Connect the drive" in words


async def test_the_other_keychains_are_named_with_the_reason(
    open_house: OpenHouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nowhere/bus")
    async with open_house() as house:
        words = await diagnose._others(services(house))
        assert "Plain text files" in words
        assert PASSWORD.unwrap() not in words
