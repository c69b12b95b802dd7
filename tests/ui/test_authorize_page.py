from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from types import MappingProxyType

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget

from adwarden.domain.errors import AuthorizationError, ErrorCode
from adwarden.domain.model import Credential, XApp
from adwarden.domain.secret import Secret
from adwarden.practice.server import PracticeServer
from adwarden.practice.world import make_world
from adwarden.providers.base import GuestRules
from adwarden.providers.http import HttpClient
from adwarden.providers.x.limits import Limits
from adwarden.providers.x.provider import XProvider
from adwarden.services.authorizing import Attempt, Granted
from adwarden.services.tasks import Lane
from adwarden.ui.authorize_dialog import AuthorizeDialog
from adwarden.ui.authorize_page import EmbeddedMode
from adwarden.ui.authorize_phase import Phase
from adwarden.ui.guest_view import PAGE_NAME
from tests.ui.authorize_stage import Desk, named, press, said, until
from tests.ui.fake_accounts import FakeAccounts, make_app
from tests.ui.guest_site import CONSENT, PIN_PAGE, PIN_PATH, Reply, Site

# Chromium refuses its sandbox to root, often the only user of a test machine.
os.environ.setdefault("QTWEBENGINE_DISABLE_SANDBOX", "1")

pytestmark = [
    pytest.mark.webengine,
    # What the engine says once about the machine it starts on.
    pytest.mark.qt_log_ignore("[Vv]ulkan|GPU vendor", extend=True),
]

MAIN_WORLD = 0
EMBEDDED = EmbeddedMode.EMBEDDED


@contextlib.asynccontextmanager
async def at(app: QApplication) -> AsyncIterator[Desk]:
    desk = Desk(app)
    try:
        yield desk
    finally:
        await desk.clear()


@pytest.fixture
def site() -> Iterator[Site]:
    with Site({PIN_PATH: CONSENT}) as site:
        yield site


@pytest.fixture
def evil() -> Iterator[Site]:
    with Site({"/": "evil"}) as evil:
        yield evil


def on(site: Site) -> FakeAccounts:
    return FakeAccounts(page_url=site.start_url, guest_rules=site.rules)


async def js(dialog: AuthorizeDialog, script: str) -> object:
    guest = dialog.pane.guest
    assert guest is not None
    answer: asyncio.Future[object] = asyncio.get_running_loop().create_future()
    guest.page.runJavaScript(script, MAIN_WORLD, answer.set_result)
    return await answer


async def eventually(dialog: AuthorizeDialog, script: str, expected: object) -> None:
    async with asyncio.timeout(20):
        while await js(dialog, script) != expected:  # noqa: ASYNC110
            await asyncio.sleep(0.02)


async def loaded(dialog: AuthorizeDialog) -> None:
    await eventually(dialog, "document.readyState + (location.href != 'about:blank')",
                     "completetrue")  # fmt: skip


async def test_the_pin_is_picked_up_and_exchanged_by_itself(qapp: QApplication, site: Site) -> None:
    accounts = on(site)
    gate = asyncio.Event()
    accounts.finishes.append(gate)
    async with at(qapp) as desk:
        dialog = await desk.waiting(accounts, embedded=EMBEDDED)
        await loaded(dialog)
        assert named(dialog, PAGE_NAME)
        assert dialog.pane.bar.host.text() == site.host
        assert "not encrypted" in dialog.pane.bar.words.text()
        site.pages[PIN_PATH] = PIN_PAGE
        await js(dialog, "document.forms[0].submit(); 1")
        await desk.reach(dialog, Phase.EXCHANGING)
        assert dialog.steps.pin.text() == "0468795"
        assert "PIN picked up" in dialog.steps._second._words.text()
        gate.set()
        await until(lambda: bool(desk.connected))
        assert accounts.named("finish") == [("finish", "request1", "0468795")]
        assert not dialog.isVisible()


async def test_the_window_stays_when_its_first_page_appears(qapp: QApplication, site: Site) -> None:
    gate = asyncio.Event()
    accounts = on(site)
    accounts.begins.append(gate)
    async with at(qapp) as desk:
        dialog = desk.open(accounts, embedded=EMBEDDED)
        before = dialog.winId()
        gate.set()
        await desk.reach(dialog, Phase.WAITING)
        await loaded(dialog)
        assert dialog.winId() == before


async def test_a_refused_pin_opens_a_new_private_page(qapp: QApplication, site: Site) -> None:
    site.pages[PIN_PATH] = Reply(CONSENT, headers={"Set-Cookie": "sid=1; Path=/"})
    accounts = on(site)
    accounts.finishes.append(AuthorizationError(ErrorCode.PIN_WRONG, "Refused", "Mistyped."))
    async with at(qapp) as desk:
        dialog = await desk.waiting(accounts, embedded=EMBEDDED)
        await loaded(dialog)
        first = dialog.pane.guest
        dialog.steps.pin.setText("1234567")
        press(dialog, "Continue")
        await until(lambda: len(accounts.named("begin")) == 2)
        await desk.reach(dialog, Phase.WAITING)
        await loaded(dialog)
        assert dialog.pane.guest is not first
        assert site.paths == [f"{PIN_PATH}?oauth_token=request1",
                              f"{PIN_PATH}?oauth_token=request2"]  # fmt: skip
        assert site.cookies == [None, None]
        assert dialog.focusWidget() is dialog.steps.pin
        assert "Refused" in said(dialog)


async def test_an_expired_page_is_renewed_but_not_for_ever(qapp: QApplication, site: Site) -> None:
    site.pages[PIN_PATH] = Reply("Whoa there! The request token for this page is invalid.", 403)
    accounts = on(site)
    async with at(qapp) as desk:
        dialog = desk.open(accounts, embedded=EMBEDDED)
        await desk.reach(dialog, Phase.FAILED)
        assert len(accounts.named("begin")) == 4
        assert "expired" in said(dialog)
        site.pages[PIN_PATH] = CONSENT
        press(dialog, "Start over")
        await desk.reach(dialog, Phase.WAITING)
        await loaded(dialog)


async def test_cancel_on_the_page_of_the_provider_is_said(qapp: QApplication, site: Site) -> None:
    accounts = on(site)
    async with at(qapp) as desk:
        dialog = await desk.waiting(accounts, embedded=EMBEDDED)
        await loaded(dialog)
        await js(dialog, f"location = '{PIN_PATH}?denied=request1'; 1")
        await desk.reach(dialog, Phase.FAILED)
        assert "cancelled at X" in said(dialog)
        assert dialog.pane.guest is None


async def test_a_refused_host_is_offered_to_the_browser(
    qapp: QApplication, site: Site, evil: Site
) -> None:
    async with at(qapp) as desk:
        dialog = await desk.waiting(on(site), embedded=EMBEDDED)
        await loaded(dialog)
        await js(dialog, f"location = '{evil.url}/'; 1")
        await until(dialog.pane.refused.isVisible)
        press(dialog, f"Open {evil.host} in my browser")
        assert desk.opened == [f"{evil.url}/"]
        assert dialog.pane.bar.host.text() == site.host
        assert evil.paths == []


async def test_a_killed_renderer_leaves_start_over(qapp: QApplication, site: Site) -> None:
    async with at(qapp) as desk:
        dialog = await desk.waiting(on(site), embedded=EMBEDDED)
        await loaded(dialog)
        assert dialog.pane.guest is not None
        os.kill(dialog.pane.guest.page.renderProcessPid(), signal.SIGKILL)
        await until(lambda: dialog.pane.guest is None)
        assert "stopped working" in dialog.pane.instead.title.text()
        assert dialog.flow.phase is Phase.WAITING
        press(dialog, "Start over")
        await until(lambda: dialog.pane.guest is not None)
        await loaded(dialog)


async def test_the_page_steps_aside_and_comes_back(qapp: QApplication, site: Site) -> None:
    async with at(qapp) as desk:
        dialog = await desk.waiting(on(site), embedded=EMBEDDED)
        await loaded(dialog)
        press(dialog, "Copy link")
        assert desk.copied == [site.start_url("request1")]
        assert not [child for child in dialog.findChildren(QWidget)
                    if child.accessibleName() == PAGE_NAME and child.isVisible()]  # fmt: skip
        press(dialog, "Show the page here")
        assert named(dialog, PAGE_NAME)


async def test_two_pages_share_nothing(qapp: QApplication, site: Site) -> None:
    site.pages[PIN_PATH] = Reply(CONSENT, headers={"Set-Cookie": "sid=1; Path=/"})
    first, second = on(site), on(site)
    async with at(qapp) as desk:
        one = await desk.waiting(first, embedded=EMBEDDED)
        await loaded(one)
        two = await desk.waiting(second, embedded=EMBEDDED)
        await loaded(two)
        assert site.cookies == [None, None]
        site.pages[PIN_PATH] = PIN_PAGE
        await js(two, "document.forms[0].submit(); 1")
        await until(lambda: len(desk.connected) == 1)
        assert first.named("finish") == []
        assert one.flow.phase is Phase.WAITING


async def test_escape_closes_from_within_the_page(qapp: QApplication, site: Site) -> None:
    async with at(qapp) as desk:
        dialog = await desk.waiting(on(site), embedded=EMBEDDED)
        await loaded(dialog)
        handle = dialog.windowHandle()
        handle.requestActivate()
        await until(dialog.isActiveWindow)
        assert dialog.pane.guest is not None
        dialog.pane.guest.setFocus()
        QTest.keyClick(handle, Qt.Key.Key_Escape)
        await until(lambda: not dialog.isVisible())


def renderers() -> set[int]:
    """Return the renderer processes that descend from this one."""
    parents, kinds = {}, set()
    for folder in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            stat = (folder / "stat").read_text().rpartition(")")[2].split()
            if stat[0] != "Z":
                parents[int(folder.name)] = int(stat[1])
            if b"--type=renderer" in (folder / "cmdline").read_bytes():
                kinds.add(int(folder.name))

    def ours(pid: int) -> bool:
        while pid in parents:
            pid = parents[pid]
            if pid == os.getpid():
                return True
        return False

    return {pid for pid in kinds if ours(pid)}


async def test_nothing_is_left_of_five_dialogs(qapp: QApplication, site: Site) -> None:
    async with at(qapp) as desk:
        before = renderers()
        for _ in range(5):
            dialog = await desk.waiting(on(site), embedded=EMBEDDED)
            await loaded(dialog)
            dialog.reject()
            dialog.deleteLater()
        await until(lambda: desk.gone == 5)
        await until(lambda: not renderers() - before)


class PracticeAccounts(FakeAccounts):
    """Authorizes for real, against the practice server; keeping is still made up."""

    def __init__(self, server: PracticeServer) -> None:
        super().__init__()
        app = server.world.apps[0]
        secrets = {"key": Secret(app.key), "secret": Secret(app.secret)}
        self._keys = Credential("x-app", MappingProxyType(secrets))
        limits = Limits(lambda _: None)
        self.lane: Lane[XProvider] = Lane(
            "x",
            workers=1,
            context=lambda: XProvider(HttpClient(), limits, api_url=server.url, ads_url=server.url),
        )

    async def rules(self, app: XApp) -> GuestRules:
        return await self.lane.run(lambda x: x.guest_rules())

    async def begin(self, app_id: str, reconnect: str = "") -> Attempt:
        self.calls.append(("begin", app_id, reconnect))
        request = await self.lane.run(lambda x: x.begin(self._keys))
        return Attempt(make_app(app_id), request, None)

    async def finish(self, attempt: Attempt, pin: str) -> Granted:
        self.calls.append(("finish", "", pin))
        grant = await self.lane.run(lambda x: x.finish(self._keys, attempt.request, pin))
        return Granted(attempt, grant, grant.credential)


@pytest.fixture
def practice() -> Iterator[PracticeServer]:
    server = PracticeServer(make_world())
    server.start()
    yield server
    server.stop()


async def test_the_whole_way_on_the_practice_server(
    qapp: QApplication, practice: PracticeServer
) -> None:
    accounts = PracticeAccounts(practice)
    handle = practice.world.people[0].screen_name
    async with at(qapp) as desk:
        dialog = await desk.waiting(accounts, embedded=EMBEDDED)
        await eventually(dialog, "document.querySelector('#sign_in_form') !== null", True)
        # A wrong PIN burns the request token: the dialog goes on with a new one by itself.
        dialog.steps.pin.setText("0000")
        press(dialog, "Continue")
        await until(lambda: len(accounts.named("begin")) == 2)
        await desk.reach(dialog, Phase.WAITING)
        assert "PIN" in said(dialog)
        await eventually(dialog, "document.querySelector('#sign_in_form') !== null", True)
        field = "document.querySelector('#username_or_email')"
        await js(dialog, f"{field}.value = {json.dumps(handle)}; 1")
        await js(dialog, "document.querySelector('#sign_in').click(); 1")
        await eventually(dialog, "document.querySelector('#allow') !== null", True)
        await js(dialog, "document.querySelector('#allow').click(); 1")
        await until(lambda: bool(desk.connected))
        assert desk.connected[0].screen_name == handle
    accounts.lane.close()


async def test_a_cancel_on_the_practice_server_is_understood(
    qapp: QApplication, practice: PracticeServer
) -> None:
    accounts = PracticeAccounts(practice)
    async with at(qapp) as desk:
        dialog = await desk.waiting(accounts, embedded=EMBEDDED)
        await eventually(dialog, "document.querySelector('#people_form button') !== null", True)
        await js(dialog, "document.querySelector('#people_form button').click(); 1")
        await eventually(dialog, "document.querySelector('#cancel') !== null", True)
        await js(dialog, "document.querySelector('#cancel').click(); 1")
        await desk.reach(dialog, Phase.FAILED)
        assert "cancelled at X" in said(dialog)
    accounts.lane.close()
