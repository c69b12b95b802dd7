"""What ``--diagnose`` says of the places of secrets, by its parts; see also the flows."""

from __future__ import annotations

import re
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from adwarden import diagnose
from adwarden.domain.errors import ErrorCode, KeychainError
from adwarden.domain.model import FILE, KEYCHAIN
from adwarden.domain.secret import Secret
from adwarden.storage import settings as known
from tests.fakes.keychain import token
from tests.services.conftest import House, OpenHouse, open_house
from tests.services.test_lost_index import lose_index
from tests.storage.keepass_parts import PASSWORD

__all__ = ["open_house"]


TIMES = r"write \d+ ms, read \d+ ms, delete \d+ ms"
TESTED = re.compile(rf"ok, KeePass file .*: {TIMES}(; opened in \d+ ms)?")


def services(house: House) -> Any:  # noqa: ANN401 - what the checks use of the services
    return cast("Any", SimpleNamespace(accounts=house.accounts, places=house.places))


async def nobody(_: str) -> None:
    """Ask nobody, as where there is no terminal."""


async def test_the_file_and_the_entries_are_told_in_words(
    open_house: OpenHouse, tmp_path: Path
) -> None:
    async with open_house() as house:
        assert await diagnose._file(services(house), nobody) == "none in use"
        await house.add_app()
        await house.places.put("Adwarden · Lost · 00000009", "@lost", KEYCHAIN, token())
        words = await diagnose._secrets(services(house))
        assert words.startswith("new ones go to the system keychain; system keychain: 1 listed, 2 ")
        assert "1 that nothing lists" in words
        path = tmp_path / "team.kdbx"
        await house.accounts.vault_file.create(path, PASSWORD)
        house.settings.set(known.VAULT_PLACE, FILE)
        words = await diagnose._file(services(house), nobody)
        assert TESTED.fullmatch(words.removesuffix(f", {path}")), words
        assert "KeePass file: 0 listed, 0 entries" in await diagnose._secrets(services(house))
        await house.accounts.vault_file.lock()
        words = await diagnose._file(services(house), nobody)
        assert words == f"locked, as at every start, {path}; {diagnose.NOT_TESTED}"
        words = await diagnose._secrets(services(house))
        assert "new ones go to the KeePass file" in words
        assert "not readable now" in words
        path.unlink()
        words = await diagnose._file(services(house), nobody)
        assert words.startswith(f"not usable, {path}: ")
        assert "Connect the drive" in words


async def test_what_a_lost_list_will_have_again_is_not_said_to_be_nobodys(
    open_house: OpenHouse, tmp_path: Path
) -> None:
    async with open_house() as house:
        app = await house.add_app()
        await house.connect(app, "contoso")
        server = house.server
    lose_index(tmp_path)
    async with open_house(server=server) as house:
        words = await diagnose._secrets(services(house))
        assert "2 that the next start of Adwarden lists again" in words
        assert "delete" not in words
        await house.places.put("Adwarden · Lost · 00000009", "@lost", KEYCHAIN, token())
        assert "1 that nothing lists" in await diagnose._secrets(services(house))


async def test_the_other_keychains_are_named_with_the_reason(
    open_house: OpenHouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nowhere/bus")
    async with open_house() as house:
        words = await diagnose._others(services(house))
        assert "Plain text files" in words
        assert PASSWORD.unwrap() not in words


async def test_the_file_is_tested_with_the_password_that_somebody_gives(
    open_house: OpenHouse, tmp_path: Path
) -> None:
    asked: list[str] = []

    async def person(prompt: str) -> Secret:
        asked.append(prompt)
        return answers.pop(0)

    answers = [Secret("not the password"), PASSWORD]
    async with open_house() as house:
        path = tmp_path / "team.kdbx"
        await house.accounts.vault_file.create(path, PASSWORD)
        await house.accounts.vault_file.lock()
        with pytest.raises(KeychainError) as caught:
            await diagnose._file(services(house), person)
        assert caught.value.code is ErrorCode.WRONG_PASSWORD
        words = await diagnose._file(services(house), person)
        assert TESTED.fullmatch(words.removesuffix(f", {path}")), words
        assert "opened in" in words
        assert asked == [f"Master password of {path} (empty: leave it locked): "] * 2
        # Nothing is left of the test, and what the file holds can be counted now.
        assert await house.places.known(FILE) == ()
        assert "KeePass file: 0 listed, 0 entries" in await diagnose._secrets(services(house))
