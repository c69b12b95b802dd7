"""A token whose storing failed, but which had arrived all the same, is never in the way later."""

from __future__ import annotations

import pytest

from adwarden.domain.errors import KeychainError
from adwarden.domain.model import XApp
from adwarden.services.authorizing import Granted
from adwarden.services.roster import entry_of
from tests.fakes.person import authorize
from tests.services.conftest import House, OpenHouse


async def _granted(house: House, app: XApp) -> Granted:
    attempt = await house.accounts.begin(app.id)
    return await house.accounts.finish(attempt, authorize(attempt.request.url, "contoso"))


async def _fails_after_all(house: House, app: XApp) -> Granted:
    """Have a token written while the keychain says that it failed."""
    granted = await _granted(house, app)
    plain = house.backend.set_password

    def writes_and_fails(service: str, username: str, password: str) -> None:
        plain(service, username, password)
        if username == "@contoso":
            raise TimeoutError

    house.backend.set_password = writes_and_fails  # type: ignore[method-assign]
    with pytest.raises(KeychainError):
        await house.accounts.keep(granted)
    house.backend.set_password = plain  # type: ignore[method-assign]
    return granted


def _kept(house: House) -> int:
    return sum(username == "@contoso" for _, username in house.backend.entries)


async def test_a_discarded_token_does_not_replace_a_later_one(open_house: OpenHouse) -> None:
    async with open_house() as house:
        app = await house.add_app()
        await house.accounts.discard(await _fails_after_all(house, app))
        kept = await house.connect(app, "contoso")
        good = await house.keychain.get(*entry_of(kept)[:2])
        server = house.server
    async with open_house(server=server) as house:
        await house.accounts.recover()
        (connection,) = house.accounts.roster.connections
        now = await house.keychain.get(*entry_of(connection)[:2])
        assert now.secrets == good.secrets
        assert _kept(house) == 1


async def test_a_discarded_token_is_not_listed_at_the_next_start(open_house: OpenHouse) -> None:
    async with open_house() as house:
        app = await house.add_app()
        await house.accounts.discard(await _fails_after_all(house, app))
        assert _kept(house) == 0
    async with open_house() as house:
        await house.accounts.recover()
        assert house.accounts.roster.connections == ()


async def test_trying_again_leaves_one_entry_and_nothing_to_do(open_house: OpenHouse) -> None:
    async with open_house() as house:
        app = await house.add_app()
        granted = await _fails_after_all(house, app)
        kept = await house.accounts.keep(granted)
        assert _kept(house) == 1
        await house.accounts.recover()
        assert await house.index.run(lambda d: d.pending()) == ()
        assert house.accounts.roster.connections == (kept,)


async def test_without_another_try_the_next_start_finds_it(open_house: OpenHouse) -> None:
    async with open_house() as house:
        await _fails_after_all(house, await house.add_app())
    async with open_house() as house:
        await house.accounts.recover()
        (connection,) = house.accounts.roster.connections
        assert connection.handle == "@contoso"
