"""A step that fails for its own entry holds up no other; a place that fails is waited for."""

from __future__ import annotations

import asyncio

import pytest
from keyring.errors import KeyringLocked, PasswordDeleteError

from adwarden.domain.errors import AdwardenError, ErrorCode, KeychainError
from adwarden.domain.model import KEYCHAIN, Credential, XApp
from adwarden.domain.secret import Secret
from adwarden.practice.faults import Kind
from adwarden.practice.server import PracticeServer
from adwarden.practice.world import make_world
from adwarden.services.events import RemovalKind, Stage
from adwarden.services.roster import entry_of
from adwarden.storage.directory import Directory
from adwarden.storage.vault import Vault
from tests.fakes.keychain import MemoryBackend, token
from tests.services.clockwork import HandClock
from tests.services.conftest import House, OpenHouse
from tests.services.test_dropping import edit, in_entry, with_both
from tests.services.test_removing import INVALIDATE, at, soon, steps

GRANTED = ("Adwarden · Lost · 00000009", "@lost")
STUCK = ("Adwarden · Stuck · 00000001", "@stuck")


async def granted(house: House, app: XApp) -> None:
    """Leave a token that was kept, and not yet listed when the program was killed."""
    kept = token()
    kept = Credential(kept.kind, kept.secrets, {**kept.facts, "app": app.id, "home": "here"})
    await house.places.put(*GRANTED, KEYCHAIN, kept)
    await house.index.run(lambda d: d.begin_pending("add", *GRANTED, replaces=""))


def handles(house: House) -> list[str]:
    return [one.screen_name for one in house.accounts.roster.connections]


async def test_secrets_of_an_entry_that_is_gone_hold_up_nothing(open_house: OpenHouse) -> None:
    async with open_house() as house:
        name = entry_of(await with_both(house))
        await house.accounts.recover()
        await house.index.run(lambda d: d.begin_pending("drop", *name, replaces="bearer"))
        del house.backend.entries[name.service, name.username]
        await granted(house, house.accounts.roster.apps[0])
    async with open_house() as house:
        told: list[AdwardenError] = []
        await house.accounts.recover(told.append)
        assert handles(house) == ["northwind"]
        assert not await steps(house)
        assert not told


async def test_an_entry_that_cannot_be_deleted_holds_up_nothing(
    open_house: OpenHouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    delete = MemoryBackend.delete_password

    def stuck(backend: MemoryBackend, service: str, username: str) -> None:
        if service == STUCK[0]:
            raise PasswordDeleteError("no")
        delete(backend, service, username)

    async with open_house() as house:
        app = await house.add_app()
        await house.accounts.recover()
        await house.places.put(*STUCK, KEYCHAIN, token())
        await house.index.run(lambda d: d.begin_pending("delete", *STUCK))
        await granted(house, app)
    monkeypatch.setattr(MemoryBackend, "delete_password", stuck)
    async with open_house() as house:
        told: list[AdwardenError] = []
        await house.accounts.recover(told.append)
        assert handles(house) == ["northwind"]
        assert [one.code for one in told] == [ErrorCode.KEYCHAIN_FAILED]
        # It is tried again at the next start.
        assert await steps(house) == ["delete"]


async def test_a_locked_place_is_waited_for(open_house: OpenHouse) -> None:
    async with open_house() as house:
        app = await house.add_app()
        await house.accounts.recover()
        await house.index.run(lambda d: d.begin_pending("delete", *STUCK))
        await granted(house, app)
    async with open_house() as house:
        house.backend.failures.update(get=KeyringLocked("x"), delete=KeyringLocked("x"))
        calls = len(house.backend.calls)
        with pytest.raises(KeychainError) as caught:
            await house.accounts.recover()
        assert caught.value.code is ErrorCode.KEYCHAIN_LOCKED
        assert GRANTED[0] not in [name for _, name in house.backend.calls[calls:]]
        assert await steps(house) == ["delete", "add"]


async def test_one_unreadable_entry_does_not_keep_the_others_out_of_a_new_index(
    open_house: OpenHouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    read_all = Vault.read_all
    broken: list[str] = []

    def one_fails(vault: Vault, names: object) -> dict[object, object]:
        found = dict(read_all(vault, names))  # type: ignore[arg-type]
        for name in found:
            if name.service in broken:
                found[name] = KeychainError(ErrorCode.KEYCHAIN_FAILED, "Refused", "It says no.")
        return found  # type: ignore[return-value]

    async with open_house() as house:
        app = await house.add_app()
        await house.accounts.recover()
        one = await house.connect(app, "contoso")
        other = await house.connect(app, "agency_ops")
        await house.index.run(lambda d: d.remove_app(app.id))
        for each in (app, one, other):
            await house.index.run(lambda d, name=each.entry: d.finish_pending(name))  # type: ignore[misc]
        await house.index.run(lambda d: d.begin_pending("rebuild", "*", ""))
    monkeypatch.setattr(Vault, "read_all", one_fails)
    broken.append(one.entry)
    async with open_house() as house:
        told: list[AdwardenError] = []
        await house.accounts.recover(told.append)
        assert handles(house) == ["agency_ops"]
        broken.clear()
        await house.accounts.recover(told.append)
        assert sorted(handles(house)) == ["agency_ops", "contoso"]
        noted = await house.index.run(Directory.pending)
        assert not noted


async def test_a_secret_that_is_given_meanwhile_is_not_removed_with_the_former(
    open_house: OpenHouse,
) -> None:
    async with open_house() as house:
        name = entry_of(await with_both(house))
        await house.accounts.recover()
        await house.index.run(lambda d: d.begin_pending("drop", *name, replaces="client_secret"))
    async with open_house() as house:
        (app,) = house.accounts.roster.apps
        house.backend.gate.clear()
        house.backend.entered.clear()
        given = {"client_secret": Secret("brand new")}
        editing = asyncio.create_task(edit(house, app, secrets=given))
        await asyncio.to_thread(house.backend.entered.wait, 10)
        recovering = asyncio.create_task(house.accounts.recover())
        lock = house.accounts.rewriting.alone(app.id)
        await soon(lambda: lock._waiters, "recovery waits for the edit")
        house.backend.gate.set()
        await asyncio.gather(editing, recovering)
        assert await in_entry(house) == {"bearer", "client_secret"}
        assert await house.accounts.apps.secret(app.id, "client_secret") == given["client_secret"]
        assert not await steps(house)


@pytest.mark.parametrize("answers", [True, False])
async def test_an_app_goes_after_the_revocations_that_need_its_keys(
    open_house: OpenHouse, monkeypatch: pytest.MonkeyPatch, answers: bool
) -> None:
    monkeypatch.setattr("adwarden.services.undoing.QUIT_SECONDS", 0.2)
    server = PracticeServer(make_world(seed=5, accounts=30))
    server.start()
    async with open_house(time=HandClock(), server=server) as house:
        app = await house.add_app()
        await house.accounts.recover()
        one = await house.connect(app, "contoso")
        server.faults.add(Kind.DROP, INVALIDATE, times=0)
        house.accounts.removing.disconnect(one.id, revoke=True)
        house.accounts.removing.remove_app(app.id)
        await house.accounts.close()
    if answers:
        server.faults.clear()
    async with open_house(server=server) as house:
        assert sorted(await steps(house)) == ["delete", "revoke"]
        await house.accounts.recover()
        await at(house, Stage.DONE if answers else Stage.FAILED, 2)
        kinds = {each.removal.kind for each in house.events if hasattr(each, "removal")}
        assert kinds == {RemovalKind.CONNECTION, RemovalKind.APP}
        assert len(house.accounts.roster.everything) == (0 if answers else 2)
        # What stays is said, and shown: it is not to go by surprise.
        assert await steps(house) == ([] if answers else ["revoke"])
    server.stop()
