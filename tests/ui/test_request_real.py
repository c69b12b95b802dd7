"""Trying requests on real services: a keychain, a KeePass file, and X's stand-in."""

from __future__ import annotations

import json
from pathlib import Path

from oauthlib.oauth1 import Client
from PySide6.QtWidgets import QLabel, QPlainTextEdit, QPushButton

from adwarden.domain.checks import Way
from adwarden.domain.model import FILE, Connection, ConnectionState
from adwarden.practice.faults import Kind
from adwarden.ui.details_place import Place
from adwarden.ui.icons import Icons
from adwarden.ui.request_dialog import RequestDialog
from adwarden.ui.theme import Theme
from adwarden.ui.vault_dialogs import UnlockDialog
from tests.services.conftest import House, OpenHouse, open_house
from tests.storage.keepass_parts import PASSWORD
from tests.ui.stagehand import named, press, until
from tests.ui.test_places import Room, filled, room, type_in

__all__ = ["open_house"]

ACCESS = "accounts/:account_id/authenticated_user_access"


async def opened(here: Room, connection: Connection) -> RequestDialog:
    """Open the dialog for the first ad account of a connection."""
    await until(lambda: here.window.state.count(connection.id), "the ad accounts")
    entry = next(iter(here.window.state.entries(connection.id)))
    here.window.on_demand.handing.try_request(Place("", connection.id, entry.account.id))
    await until(lambda: of(here), "the dialog")
    return of(here)[0]


def of(here: Room) -> list[RequestDialog]:
    return [one for one in here.dialogs() if isinstance(one, RequestDialog)]


async def send(dialog: RequestDialog, path: str) -> None:
    dialog._form.path.edit.setText(path)
    await until(lambda: dialog.settled, "the hints")
    press(dialog, "Send")
    await until(lambda: not dialog.busy and dialog.settled, "the answer")


async def over(here: Room, dialog: RequestDialog) -> None:
    dialog.reject()
    await until(lambda: here.window.on_demand.handing._open is None, "the end")


def said(dialog: RequestDialog) -> str:
    labels = [one.text() for one in dialog.findChildren(QLabel) if one.isVisible()]
    return "\n".join(labels).replace("\u200b", "")


async def connected(house: House) -> Connection:
    one = await house.connect(await house.add_app(), "contoso")
    await house.accounts.refresh(one.id)
    return one


async def test_a_request_is_sent_and_answered(
    open_house: OpenHouse, theme: Theme, icons: Icons
) -> None:
    async with open_house(accounts=6) as house, room(house, theme, icons) as here:
        dialog = await opened(here, await connected(house))
        house.server.journal.clear()
        await send(dialog, ACCESS)
        assert "200 OK · It worked." in said(dialog)
        assert "This ad account: 1,99" in said(dialog)
        answer = named(dialog, "Answer", QPlainTextEdit)
        assert isinstance(answer, QPlainTextEdit)
        account = dialog._form.account_id
        assert json.loads(answer.toPlainText())["request"]["params"]["account_id"] == account
        assert len(house.server.journal.entries("/12/accounts", method="GET")) == 1
        # What X does not have, and what it does not take, are said as such.
        await send(dialog, "accounts/:account_id/nonsense")
        assert "404" in said(dialog)
        assert "X has no such path" in said(dialog)
        await over(here, dialog)


async def test_a_wrong_signature_is_explained(
    open_house: OpenHouse, theme: Theme, icons: Icons
) -> None:
    async with open_house(accounts=6) as house, room(house, theme, icons) as here:
        one = await connected(house)
        dialog = await opened(here, one)
        house.server.faults.add(Kind.ERROR, "/12/accounts", status=401, code="32", times=1)
        await send(dialog, ACCESS)
        assert dialog._tabs.currentWidget() is dialog._signature
        assert "Enter the keys again" in {way.value for way in _ways(dialog)}
        # Another program has this connection's key and token, but an old secret.
        keys = house.server.world.apps[0]
        explained = await house.accounts.trying.explain(dialog._form.wish)
        header = explained.header.unwrap()
        token = header.partition('oauth_token="')[2].partition('"')[0]
        client = Client(
            keys.key, client_secret=keys.secret,
            resource_owner_key=token, resource_owner_secret="o" * 45,
        )  # fmt: skip
        _, headers, _ = client.sign(explained.url)
        theirs = headers["Authorization"]
        dialog._signature.field.set_text(f"curl -H 'Authorization: {theirs}' '{explained.url}'")
        press(dialog, "Compare")
        await until(lambda: dialog._signature._comparison, "the comparison")
        comparison = dialog._signature._comparison
        assert comparison is not None
        assert comparison.title == "The signature alone is wrong"
        assert comparison.title in said(dialog)
        assert "Consumer key" not in said(dialog)
        # The right one is found to be right.
        dialog._signature.field.set_text(header)
        press(dialog, "Compare")
        await until(lambda: dialog._signature._comparison, "the comparison")
        right = dialog._signature._comparison
        assert right is not None
        assert right.verdict.value == "right"
        assert keys.secret not in said(dialog)
        assert token not in said(dialog)
        await over(here, dialog)


def _ways(dialog: RequestDialog) -> list[Way]:
    words = {one.text() for one in dialog.findChildren(QPushButton) if one.isVisible()}
    return [way for way in Way if way.value in words]


async def test_a_revoked_token_is_noted_and_reconnecting_is_offered(
    open_house: OpenHouse, theme: Theme, icons: Icons
) -> None:
    async with open_house(accounts=6) as house, room(house, theme, icons) as here:
        one = await connected(house)
        dialog = await opened(here, one)
        person = house.server.world.person_named("contoso")
        assert person is not None
        house.server.faults.revoke(house.server.world.apps[0], person)
        await send(dialog, ACCESS)
        assert "401 Unauthorized" in said(dialog)
        state = ConnectionState.REVOKED
        await until(lambda: here.window.state.connections[one.id].state is state, "the state")
        press(dialog, "Reconnect")
        assert not dialog.isVisible()
        await until(lambda: here.window.on_demand.handing._open is None, "the end")


async def test_without_network_it_is_said_and_nothing_is_lost(
    open_house: OpenHouse, theme: Theme, icons: Icons
) -> None:
    async with open_house(accounts=6) as house, room(house, theme, icons) as here:
        dialog = await opened(here, await connected(house))
        house.server.stop()
        await send(dialog, ACCESS)
        assert "No connection" in said(dialog)
        assert "No answer." in said(dialog)
        assert dialog.path == ACCESS
        await over(here, dialog)


async def test_a_keepass_file_is_unlocked_on_the_way_and_locking_closes_it(
    open_house: OpenHouse, tmp_path: Path, theme: Theme, icons: Icons
) -> None:
    async with open_house(accounts=6) as house:
        _, one = await filled(house, tmp_path)
        server = house.server
        async with open_house(server=server) as house, room(house, theme, icons) as here:
            await until(lambda: FILE in here.window.state.places, "the look at the file")
            here.window.on_demand.handing.try_request(Place("", one.id))
            await until(lambda: of(here), "the dialog")
            dialog = of(here)[0]
            await send(dialog, "1.1/account/verify_credentials.json")
            press(dialog, "Unlock and retry")
            await until(lambda: any(isinstance(d, UnlockDialog) for d in here.dialogs()), "asking")
            asking = next(d for d in here.dialogs() if isinstance(d, UnlockDialog))
            await until(lambda: asking.password.edit.hasFocus(), "the focus in the field")
            type_in(asking, "Master password", PASSWORD.unwrap())
            press(asking, "Unlock")
            await until(lambda: "200 OK" in said(dialog) and dialog.settled, "the answer")
            field = dialog._signature.field
            field.set_text("a secret that was pasted")
            here.window.on_demand.vault.lock_by_hand()
            assert not dialog.isVisible()
            assert field.text() == ""
            await until(lambda: here.window.on_demand.handing._open is None, "the end")
            await until(lambda: not here.dialogs(), "no dialogs")
