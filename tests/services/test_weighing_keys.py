"""Keys are looked at before they take the place of others that work."""

from __future__ import annotations

import pytest

from adwarden.domain.errors import ErrorCode, KeychainError
from adwarden.domain.model import AppState
from adwarden.domain.secret import Secret
from adwarden.practice.faults import Kind
from adwarden.services.apps import DoubtfulKeysError
from tests.services.conftest import House, OpenHouse

REQUEST = "/oauth/request_token"


async def working(house: House) -> str:
    app = await house.add_app()
    await house.accounts.checking.check([app.id])
    assert house.accounts.roster.app(app.id).state is AppState.WORKING
    return app.id


async def weigh(house: House, app_id: str, key: str, secret: str) -> DoubtfulKeysError | None:
    before = house.accounts.roster.apps, dict(house.backend.entries)
    try:
        await house.accounts.apps.weigh_keys(app_id, Secret(key), Secret(secret))
    except DoubtfulKeysError as error:
        return error
    finally:
        assert (house.accounts.roster.apps, house.backend.entries) == before
    return None


async def test_a_pair_that_x_refuses_is_told_before_it_replaces_one_that_works(
    open_house: OpenHouse,
) -> None:
    async with open_house() as house:
        app_id = await working(house)
        real = house.server.world.apps[0]
        asked = house.server.journal.count(REQUEST)
        assert await weigh(house, app_id, real.key, real.secret) is None
        assert house.server.journal.count(REQUEST) == asked  # it is the one that is kept
        error = await weigh(house, app_id, real.key, "mistyped")
        assert error is not None
        assert error.field == "secret"
        assert "were not changed" in error.message
        assert house.server.journal.count(REQUEST) == asked + 1
        # What X accepts is no doubt, whatever app it is of: nobody listed it.
        other = house.server.world.apps[1]
        assert await weigh(house, app_id, other.key, other.secret) is None


@pytest.mark.parametrize("kind", [Kind.ERROR, Kind.DROP])
async def test_what_cannot_be_found_out_holds_nobody_up(open_house: OpenHouse, kind: Kind) -> None:
    async with open_house() as house:
        app_id = await working(house)
        house.server.faults.add(kind, REQUEST, status=503)
        assert await weigh(house, app_id, "another", "pair") is None


async def test_keys_that_did_not_work_are_replaced_without_a_test(open_house: OpenHouse) -> None:
    async with open_house() as house:
        app = await house.add_app()
        assert await weigh(house, app.id, "another", "pair") is None
        assert house.server.journal.count(REQUEST) == 0


async def test_the_key_of_another_app_that_is_listed_is_told(open_house: OpenHouse) -> None:
    async with open_house() as house:
        app, other = await house.add_app(), await house.add_app(1)
        keys = house.server.world.apps[1]
        error = await weigh(house, app.id, keys.key, keys.secret)
        assert error is not None
        assert error.field == "key"
        assert other.label in error.message
        # One whose entry is gone cannot be told from others.
        house.backend.entries.pop((other.entry, other.label))
        assert await weigh(house, app.id, keys.key, keys.secret) is None


async def test_a_locked_place_is_said_so_that_it_can_be_unlocked(
    open_house: OpenHouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with open_house() as house:
        app = await house.add_app()
        locked = KeychainError(ErrorCode.KEYCHAIN_LOCKED, "It is locked", "So it is.")

        async def refuse(*_: object) -> None:
            raise locked

        monkeypatch.setattr(house.places, "get", refuse)
        with pytest.raises(KeychainError) as caught:
            await house.accounts.apps.weigh_keys(app.id, Secret("k"), Secret("s"))
        assert caught.value is locked
