"""A revocation that waits outlives its connection getting another token."""

from __future__ import annotations

import pytest

from adwarden.domain.errors import AuthorizationError, ErrorCode, NetworkError
from adwarden.domain.model import Connection, ConnectionState, XApp
from adwarden.domain.secret import Secret
from adwarden.providers.x.provider import XProvider
from adwarden.services.events import Stage
from adwarden.services.removing import UNDO_SECONDS
from adwarden.services.roster import entry_of
from tests.services.clockwork import HandClock
from tests.services.conftest import House, OpenHouse
from tests.services.test_removing import at, kept, soon, steps


def _off(*_: object) -> None:
    raise NetworkError(ErrorCode.NO_NETWORK, "No network", "It is down.")


class _Told:
    """Stands for X: hears which tokens are to be forgotten."""

    def __init__(self) -> None:
        self.tokens: list[Secret] = []

    def __call__(self, _provider: object, _app: object, user: object) -> None:
        self.tokens.append(user.secrets["token"])  # type: ignore[attr-defined]


async def _being_revoked(house: House, time: HandClock) -> tuple[XApp, Connection, Secret]:
    app = await house.add_app()
    one = await house.connect(app, "contoso")
    token = (await house.places.get(*entry_of(one))).secrets["token"]
    house.accounts.removing.disconnect(one.id, revoke=True)
    await at(house, Stage.WAITING)
    time.pass_time(UNDO_SECONDS)
    await at(house, Stage.FAILED)
    assert house.accounts.roster.connection(one.id).state is ConnectionState.REVOKING
    return app, one, token


def _forget_at_x(house: House) -> None:
    """Have the next authorization give another token."""
    world = house.server.world
    person = next(p for p in world.people if p.screen_name == "contoso")
    house.server.faults.revoke(world.apps[0], person)


async def _finish(house: House) -> None:
    await house.accounts.recover()
    await soon(lambda: not house.accounts.removing._tasks, "what was noted is tried")


async def test_another_token_leaves_the_revocation_of_the_former_noted(
    open_house: OpenHouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    time = HandClock()
    async with open_house(time=time) as house:
        await house.accounts.recover()
        monkeypatch.setattr(XProvider, "revoke", _off)
        app, one, token = await _being_revoked(house, time)
        _forget_at_x(house)
        again = await house.connect(app, "contoso")
        assert (again.id, again.state) == (one.id, ConnectionState.WORKING)
        assert await steps(house) == ["revoke"]
        assert kept(house, one)
        # Still without a network: it waits on, and nothing is lost.
        await _finish(house)
        assert await steps(house) == ["revoke"]
        assert kept(house, one)
        told = _Told()
        monkeypatch.setattr(XProvider, "revoke", lambda *args: told(*args))
        await _finish(house)
        assert told.tokens == [token]
        assert not kept(house, one)
        assert kept(house, again)
        assert not await steps(house)


async def test_a_token_that_x_gave_again_is_not_revoked_with_its_former_entry(
    open_house: OpenHouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    time = HandClock()
    async with open_house(time=time) as house:
        await house.accounts.recover()
        monkeypatch.setattr(XProvider, "revoke", _off)
        app, one, token = await _being_revoked(house, time)
        again = await house.connect(app, "contoso")
        assert (await house.places.get(*entry_of(again))).secrets["token"] == token
        told = _Told()
        monkeypatch.setattr(XProvider, "revoke", lambda *args: told(*args))
        await _finish(house)
        assert told.tokens == []
        assert not kept(house, one)
        assert kept(house, again)
        assert not await steps(house)
        await house.accounts.refresh(again.id)


async def test_a_former_token_that_x_keeps_is_shown_as_listed_nowhere(
    open_house: OpenHouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(*_: object) -> None:
        raise AuthorizationError(ErrorCode.APP_KEYS, "Wrong keys", "X does not know them.")

    time = HandClock()
    async with open_house(time=time) as house:
        await house.accounts.recover()
        monkeypatch.setattr(XProvider, "revoke", _off)
        app, one, _ = await _being_revoked(house, time)
        _forget_at_x(house)
        await house.connect(app, "contoso")
        monkeypatch.setattr(XProvider, "revoke", refused)
        await _finish(house)
        assert not await steps(house)
        (orphan,) = (await house.accounts.survey.look(one.place)).orphans
        assert orphan.kept == entry_of(one)
