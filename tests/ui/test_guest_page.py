from __future__ import annotations

import json
import os
import signal
import ssl
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QRect, Qt, QUrl
from PySide6.QtNetwork import QAuthenticator
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QDialog, QLineEdit, QWidget
from pytestqt.qtbot import QtBot

from tests.ui.guest_site import CONSENT, PIN_PAGE, PIN_PATH, Reply, Site

# Chromium refuses its sandbox to root, often the only user of a test machine.
os.environ.setdefault("QTWEBENGINE_DISABLE_SANDBOX", "1")

from PySide6.QtWebEngineCore import QWebEngineProfile

from adwarden.ui.guest_page import MOST_BOXES, Permit, permits
from adwarden.ui.guest_surface import prepare_window
from adwarden.ui.guest_view import PAGE_NAME, GuestView

pytestmark = [
    pytest.mark.webengine,
    # What the engine says once about the machine it starts on.
    pytest.mark.qt_log_ignore("[Vv]ulkan|GPU vendor", extend=True),
]

MAIN_WORLD = 0
PATIENCE = 15_000
VARIANTS = json.loads((Path(__file__).parent / "pages/pin_page_variants.json").read_text())


class Guest:
    """A guest in a window of its own, and everything it told."""

    def __init__(
        self, qtbot: QtBot, site: Site, *, url: str = "", permit: Permit = permits
    ) -> None:
        self._qtbot = qtbot
        self.window = QWidget()
        self.window.resize(500, 400)
        prepare_window(self.window)
        self.view = GuestView(self.window, site.rules, url or site.start_url(), permit=permit)
        self.view.resize(500, 400)
        self.picked: list[str] = []
        self.ends: list[str] = []
        self.notices: list[tuple[str, str]] = []
        self.stops: list[tuple[str, str]] = []
        self.loads: list[bool] = []
        self.gone: list[bool] = []
        self.view.picked.connect(self.picked.append)
        self.view.denied.connect(lambda: self.ends.append("denied"))
        self.view.expired.connect(lambda: self.ends.append("expired"))
        self.view.noticed.connect(lambda words, to: self.notices.append((words, to.toString())))
        self.view.stopped.connect(lambda title, words: self.stops.append((title, words)))
        self.view.page.loadFinished.connect(self.loads.append)
        self.view.destroyed.connect(lambda: self.gone.append(True))
        self.window.show()

    def open(self) -> Guest:
        self.view.open()
        self.until(lambda: bool(self.loads))
        return self

    def until(self, condition: Callable[[], bool]) -> None:
        self._qtbot.waitUntil(condition, timeout=PATIENCE)

    def js(self, script: str) -> object:
        answers: list[object] = []
        self.view.page.runJavaScript(script, MAIN_WORLD, answers.append)
        self.until(lambda: bool(answers))
        return answers[0]

    def eventually(self, script: str, expected: object) -> None:
        self.until(lambda: self.js(script) == expected)

    def painted(self) -> None:
        """Wait for the first picture: before it a page drops clicks and keys."""
        self.eventually("performance.getEntriesByType('paint').length > 0", expected=True)

    def click(self, selector: str) -> None:
        """Click as a person does: the page takes it for a gesture."""
        self.painted()
        script = f"JSON.stringify(document.querySelector('{selector}').getBoundingClientRect())"
        box = json.loads(str(self.js(script)))
        rect = QRect(int(box["x"]), int(box["y"]), int(box["width"]), int(box["height"]))
        target = self.view.view.focusProxy()
        assert target is not None
        QTest.mouseClick(
            target, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, rect.center()
        )

    def close(self) -> None:
        self.view.shut()
        self.until(lambda: bool(self.gone))
        self.window.close()


Open = Callable[..., Guest]


@pytest.fixture
def open_guest(qtbot: QtBot) -> Iterator[Open]:
    opened: list[Guest] = []

    def make(site: Site, *, url: str = "", permit: Permit = permits, load: bool = True) -> Guest:
        guest = Guest(qtbot, site, url=url, permit=permit)
        opened.append(guest)
        return guest.open() if load else guest

    yield make
    for guest in opened:
        guest.close()


@pytest.fixture
def site() -> Iterator[Site]:
    with Site({PIN_PATH: CONSENT, "/blank": "nothing"}) as site:
        yield site


@pytest.fixture
def evil() -> Iterator[Site]:
    with Site(dict.fromkeys(("/", "/frame", "/pop"), "evil")) as evil:
        yield evil


def test_the_profile_is_off_the_record_and_forgets_cookies(site: Site, open_guest: Open) -> None:
    site.pages[PIN_PATH] = Reply("hello", headers={"Set-Cookie": "sid=1; Path=/; Max-Age=9999"})
    first = open_guest(site)
    profile = first.view.page.profile()
    assert profile.isOffTheRecord()
    assert profile.httpCacheType() == QWebEngineProfile.HttpCacheType.MemoryHttpCache
    policy = QWebEngineProfile.PersistentCookiesPolicy.NoPersistentCookies
    assert profile.persistentCookiesPolicy() == policy
    assert first.view.view.accessibleName() == PAGE_NAME
    assert first.view.view.contextMenuPolicy() == Qt.ContextMenuPolicy.NoContextMenu
    first.view.page.load(QUrl(f"{site.url}/blank"))
    first.until(lambda: site.paths[-1] == "/blank")
    assert site.cookies[-1] == "sid=1"
    open_guest(site)
    assert site.cookies[-1] is None


@pytest.mark.parametrize(
    "variant",
    [variant for variant in VARIANTS if "html" in variant],
    ids=lambda variant: str(variant["what"]),
)
def test_the_pin_page_is_read_in_every_shape(
    site: Site, open_guest: Open, variant: dict[str, str | None]
) -> None:
    site.pages[PIN_PATH] = f"<!doctype html><body>{variant['html']}</body>"
    guest = open_guest(site)
    if variant["expect"]:
        guest.until(lambda: guest.picked == [variant["expect"]])
        assert guest.ends == []
    else:
        guest.until(lambda: guest.ends == ["expired"])
        assert guest.picked == []


def test_an_expired_request_is_seen_on_an_error_page_too(site: Site, open_guest: Open) -> None:
    body = "<h1>Whoa there!</h1><p>The request token for this page is invalid.</p>"
    site.pages[PIN_PATH] = Reply(body, 403)
    guest = open_guest(site)
    guest.until(lambda: guest.ends == ["expired"])


def test_a_pin_that_appears_after_the_load_is_read(site: Site, open_guest: Open) -> None:
    site.pages[PIN_PATH] = (
        "<div id=here></div><script>onclick = () => { document.getElementById('here')"
        ".innerHTML = '<kbd><code>0765432</code></kbd>' }</script>"
    )
    guest = open_guest(site)
    guest.js("onclick(); 1")
    guest.until(lambda: guest.picked == ["0765432"])


def test_a_page_that_overrides_its_own_tools_fools_nobody(site: Site, open_guest: Open) -> None:
    site.pages[PIN_PATH] = PIN_PAGE + (
        "<script>for (const kind of [Document, Element]) {"
        "kind.prototype.querySelectorAll = () => [{textContent: '6666666'}];"
        "kind.prototype.querySelector = () => null }"
        'JSON.stringify = () => \'{"address": "x", "named": [["6666666"]]}\';'
        "Array.from = () => ['6666666']</script>"
    )
    guest = open_guest(site)
    guest.until(lambda: guest.picked == ["0468795"])
    assert guest.js("document.querySelectorAll('code')[0].textContent") == "6666666"


def test_a_pin_in_a_frame_or_on_another_path_is_not_read(site: Site, open_guest: Open) -> None:
    site.pages[PIN_PATH] = f"<iframe src='/inner' onload='loaded = 1'></iframe>{CONSENT}"
    site.pages["/inner"] = PIN_PAGE
    site.pages["/oauth/authorize/more"] = PIN_PAGE
    guest = open_guest(site)
    guest.eventually("String(window.loaded)", "1")
    guest.view.page.load(QUrl(f"{site.url}/oauth/authorize/more"))
    guest.until(lambda: len(guest.loads) == 2)
    site.pages[PIN_PATH] = "<code>1111111</code>"
    guest.view.page.load(QUrl(site.start_url()))
    # The right page is read after all that, so the reader was at work the whole time.
    guest.until(lambda: guest.picked != [])
    assert guest.picked == ["1111111"]


def test_a_digit_run_beside_a_password_field_is_no_pin(site: Site, open_guest: Open) -> None:
    site.pages[PIN_PATH] = f"{CONSENT}<code>1111111</code><b id=done></b>"
    guest = open_guest(site)
    guest.js("document.querySelector('input').remove()")
    guest.until(lambda: guest.picked == ["1111111"])


@pytest.mark.parametrize(
    ("query", "picked", "ends"),
    [
        ("oauth_token=REQ&oauth_verifier=VER", ["VER"], []),
        ("denied=REQ", [], ["denied"]),
    ],
)
def test_a_callback_on_the_same_host_is_understood(
    site: Site, open_guest: Open, query: str, picked: list[str], ends: list[str]
) -> None:
    site.pages[PIN_PATH] = Reply("", 302, {"Location": f"/done?{query}"})
    site.pages["/done"] = "done"
    guest = open_guest(site)
    guest.until(lambda: (guest.picked, guest.ends) == (picked, ends))


def test_redirects_elsewhere_never_reach_the_server_there(
    site: Site, evil: Site, open_guest: Open
) -> None:
    site.pages["/go"] = Reply("", 302, {"Location": f"{evil.url}/"})
    guest = open_guest(site)
    guest.view.page.load(QUrl(f"{site.url}/go"))
    guest.until(lambda: len(guest.loads) == 2)
    guest.js(f"location = '{evil.url}/'; 1")
    guest.until(lambda: len(guest.notices) == 2)
    words, target = guest.notices[0]
    assert "127.0.0.1 is not one of the pages" in words
    assert target == f"{evil.url}/"
    assert guest.view.page.url() == QUrl(site.start_url())
    assert evil.paths == []


def test_parts_of_the_page_never_reach_another_server(
    site: Site, evil: Site, open_guest: Open
) -> None:
    socket = evil.url.replace("http", "ws", 1)
    site.pages[PIN_PATH] = (
        f"<img src='{evil.url}/img'><script src='{evil.url}/js'></script>"
        f"<link rel=stylesheet href='{evil.url}/css'><link rel=prefetch href='{evil.url}/pre'>"
        f"<iframe src='{evil.url}/frame'></iframe><form id=f method=post action='{evil.url}/form'>"
        f"</form><script>fetch('{evil.url}/fetch', {{mode: 'no-cors'}}).catch(() => "
        f"{{ window.failed = 1 }}); navigator.sendBeacon('{evil.url}/beacon', 'x');"
        f"try {{ new WebSocket('{socket}/ws') }} catch (e) {{}}"
        "document.getElementById('f').submit()</script>"
    )
    guest = open_guest(site)
    guest.eventually("String(window.failed)", "1")
    guest.until(lambda: bool(guest.notices))
    assert evil.paths == []


@pytest.mark.parametrize(
    "address",
    ["file:///etc/passwd", "data:text/html,x", "chrome://version", "custom:thing", "mailto:a@b",
     "view-source:{here}"],
)  # fmt: skip
def test_other_schemes_lead_nowhere(site: Site, open_guest: Open, address: str) -> None:
    guest = open_guest(site)
    target = address.replace("{here}", site.url)
    guest.js(f"var a = document.createElement('a'); a.href = '{target}';"
             "document.body.append(a); a.click(); 1")  # fmt: skip
    guest.js(f"var f = document.createElement('iframe'); f.src = '{target}';"
             "document.body.append(f); 1")  # fmt: skip
    assert guest.js("1 + 1") == 2
    assert guest.view.page.url() == QUrl(site.start_url())
    assert guest.js("location.href") == site.start_url()


def test_a_blocked_blob_address_ends_the_page(site: Site, open_guest: Open) -> None:
    guest = open_guest(site)
    guest.js(f"location = 'blob:{site.url}/1'; 1")
    guest.until(lambda: bool(guest.stops or guest.notices))
    assert guest.stops == [] or guest.stops[0][0] == "The page was closed"


def test_the_source_view_is_closed_again(site: Site, open_guest: Open) -> None:
    guest = open_guest(site)
    guest.view.page.load(QUrl(f"view-source:{site.url}/blank"))
    guest.until(lambda: bool(guest.stops))
    assert guest.stops[0][0] == "The page was closed"


def test_an_error_in_the_interceptor_blocks_the_request(
    site: Site, open_guest: Open, capfd: pytest.CaptureFixture[str], qtbot: QtBot
) -> None:
    def broken(*_: object) -> bool:
        raise RuntimeError("broken rule")

    with qtbot.captureExceptions() as raised:
        guest = open_guest(site, permit=broken)
    assert site.paths == []
    assert guest.loads == [False]
    assert guest.stops[0][0] == "The page did not open"
    assert raised or "broken rule" in capfd.readouterr().err


def test_windows_are_refused_and_told(site: Site, evil: Site, open_guest: Open) -> None:
    site.pages[PIN_PATH] = (
        f"<a id=blank target=_blank href='{evil.url}/pop'>blank</a> "
        f"<button id=open onclick=\"window.got = window.open('{evil.url}/pop')\">x</button>"
    )
    guest = open_guest(site)
    guest.click("#blank")
    guest.until(lambda: len(guest.notices) == 1)
    guest.click("#open")
    guest.until(lambda: len(guest.notices) == 2)
    guest.eventually("!window.got || window.got.closed", expected=True)
    assert all("window of its own" in words for words, _ in guest.notices)
    assert guest.notices[0][1] == f"{evil.url}/pop"
    assert evil.paths == []


def test_downloads_are_cancelled(site: Site, open_guest: Open, tmp_path: Path) -> None:
    headers = {"Content-Type": "application/octet-stream",
               "Content-Disposition": "attachment; filename=x.exe"}  # fmt: skip
    site.pages["/file"] = Reply("MZ", headers=headers)
    guest = open_guest(site)
    guest.view.page.profile().setDownloadPath(str(tmp_path))
    guest.view.page.load(QUrl(f"{site.url}/file"))
    guest.until(lambda: bool(guest.notices))
    assert "Nothing was downloaded" in guest.notices[0][0]
    assert list(tmp_path.iterdir()) == []


def test_a_password_prompt_of_http_is_a_refusal(site: Site, open_guest: Open) -> None:
    site.pages[PIN_PATH] = Reply("who?", 401, {"WWW-Authenticate": 'Basic realm="x"'})
    guest = open_guest(site)
    assert guest.loads == [False]
    assert guest.stops or guest.notices


@pytest.mark.parametrize(
    ("script", "expected"),
    [
        ("Notification.requestPermission().then(r => { window.r = r })", "denied"),
        ("navigator.geolocation.getCurrentPosition(() => { window.r = 'yes' },"
         " e => { window.r = 'refused' })", "refused"),
        ("(navigator.mediaDevices ? navigator.mediaDevices.getUserMedia({audio: true}) :"
         " Promise.reject()).then(() => { window.r = 'yes' }, () => { window.r = 'refused' })",
         "refused"),
        ("(navigator.mediaDevices ? navigator.mediaDevices.getDisplayMedia() :"
         " Promise.reject()).then(() => { window.r = 'yes' }, () => { window.r = 'refused' })",
         "refused"),
        ("document.body.requestFullscreen().then(() => { window.r = 'yes' },"
         " () => { window.r = 'refused' })", "refused"),
        ("(navigator.clipboard ? navigator.clipboard.readText() : Promise.reject())"
         ".then(() => { window.r = 'yes' }, () => { window.r = 'refused' })", "refused"),
        ("navigator.credentials.get({publicKey: {challenge: new Uint8Array(16)}})"
         ".then(() => { window.r = 'yes' }, () => { window.r = 'refused' })", "refused"),
        ("try { navigator.registerProtocolHandler('web+a', location.origin + '/%s') }"
         " catch (e) {} window.r = 'over'", "over"),
        ("window.print(); window.r = 'over'", "over"),
    ],
)  # fmt: skip
def test_what_a_page_asks_of_the_person_is_refused(
    site: Site, open_guest: Open, script: str, expected: str
) -> None:
    site.pages[PIN_PATH] = f'<button id=ask onclick="{script}">ask</button>'
    guest = open_guest(site)
    guest.click("#ask")
    guest.eventually("window.r", expected)


def test_no_file_is_given(site: Site, open_guest: Open) -> None:
    site.pages[PIN_PATH] = (
        "<input id=file type=file onclick='window.r = 1' onchange='window.r = 2'"
        " oncancel='window.r = 3'>"
    )
    guest = open_guest(site)
    guest.click("#file")
    guest.until(lambda: guest.js("window.r") in (1, 3))
    assert guest.js("document.getElementById('file').files.length") == 0


def test_message_boxes_return_at_once(site: Site, open_guest: Open) -> None:
    guest = open_guest(site)
    script = "JSON.stringify([alert('a') === undefined, confirm('b'), prompt('c', 'd')])"
    assert json.loads(str(guest.js(script))) == [True, False, None]
    assert [words for words, _ in guest.notices] == [
        "The page tried to open a message box. It was refused."
    ]


def test_an_endless_loop_of_boxes_ends_the_page(site: Site, open_guest: Open) -> None:
    site.pages[PIN_PATH] = "<script>setTimeout(() => { while (true) alert('again') })</script>"
    guest = open_guest(site, load=False)
    guest.view.open()
    guest.until(lambda: bool(guest.stops))
    assert guest.stops == [("The page was closed", "It kept opening message boxes.")]
    assert MOST_BOXES > 1


def test_a_page_cannot_keep_the_person_from_leaving(site: Site, open_guest: Open) -> None:
    site.pages[PIN_PATH] = (
        "<button id=touch>x</button><script>onbeforeunload = e => { e.preventDefault();"
        " return 'stay' }</script>"
    )
    guest = open_guest(site)
    guest.click("#touch")
    guest.js(f"location = '{site.url}/blank'; 1")
    guest.until(lambda: guest.view.page.url() == QUrl(f"{site.url}/blank"))


def test_a_killed_renderer_is_told(site: Site, open_guest: Open) -> None:
    guest = open_guest(site)
    os.kill(guest.view.page.renderProcessPid(), signal.SIGKILL)
    guest.until(lambda: bool(guest.stops))
    assert guest.stops[0][0] == "The page stopped working"


def test_an_unreachable_server_is_told(site: Site, open_guest: Open) -> None:
    with Site() as gone:
        rules_site = gone
        url = gone.start_url()
    guest = open_guest(rules_site, url=url)
    assert guest.stops[0][0] == "The page did not open"
    assert "could not be reached" in guest.stops[0][1]


def test_a_certificate_of_ones_own_making_is_refused(open_guest: Open, tmp_path: Path) -> None:
    key, certificate = tmp_path / "k.pem", tmp_path / "c.pem"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", str(key), "-out",
         str(certificate), "-days", "2", "-subj", "/CN=127.0.0.1"],
        check=True, capture_output=True,
    )  # fmt: skip
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    with Site({PIN_PATH: PIN_PAGE}, tls=context) as site:
        guest = open_guest(site)
        assert guest.stops[0][0] == "The connection is not safe"
        assert guest.picked == []
        assert site.paths == []


PASSWORD = {"WWW-Authenticate": 'Basic realm="give me"'}


def test_a_wish_for_a_password_is_refused_and_nothing_is_sent(site: Site, open_guest: Open) -> None:
    site.pages[PIN_PATH] = Reply("no", 401, PASSWORD)
    guest = open_guest(site)
    assert len(site.paths) == 1
    assert site.passwords == []
    assert [words for words, _ in guest.notices] == [
        "127.0.0.1 asked for a name and a password of its own. Nothing was sent."
    ]


@pytest.mark.parametrize(
    "part",
    [
        "<img src=/part onerror='document.title = 1'>",
        "<script>fetch('/part').then(r => document.title = r.status)</script>",
        "<iframe src=/part onload='document.title = 1'></iframe>",
    ],
)
def test_a_part_of_a_page_gets_no_password_either(site: Site, open_guest: Open, part: str) -> None:
    site.pages |= {PIN_PATH: f"<p>hello</p>{part}", "/part": Reply("no", 401, PASSWORD)}
    guest = open_guest(site)
    guest.until(lambda: guest.view.page.title() in {"1", "401"})
    assert site.paths.count("/part") == 1
    assert site.passwords == []
    assert len(guest.notices) == 1
    assert guest.js("document.querySelector('p').textContent") == "hello"


def test_a_proxy_gets_no_password(site: Site, open_guest: Open) -> None:
    guest = open_guest(site, load=False)
    asked = QAuthenticator()
    asked.setRealm("proxy")
    guest.view.page.proxyAuthenticationRequired.emit(QUrl(site.url), asked, "proxy.example")
    assert asked.isNull()
    assert guest.notices == [
        ("proxy.example asked for a name and a password of its own. Nothing was sent.", "")
    ]


@pytest.mark.parametrize("there", [True, False])
def test_the_engine_is_told_of_a_screen_reader_that_came_before_it(
    site: Site, open_guest: Open, monkeypatch: pytest.MonkeyPatch, there: bool
) -> None:
    told: list[bool] = []

    class Reader:
        isActive = staticmethod(lambda: there)  # noqa: N815 - Qt's word
        setActive = staticmethod(told.append)  # noqa: N815 - Qt's word

    monkeypatch.setattr("adwarden.ui.guest_view.QAccessible", Reader)
    open_guest(site)
    assert told == [True] * there


def test_the_window_that_a_dialog_belongs_to_stays(qtbot: QtBot) -> None:
    window = QWidget()
    qtbot.addWidget(window)
    window.show()
    before = window.winId()
    dialog = QDialog(window)
    prepare_window(QWidget(dialog))
    dialog.show()
    assert window.winId() == before


def test_the_keyboard_goes_into_the_page_and_out_again(site: Site, open_guest: Open) -> None:
    site.pages[PIN_PATH] = "<input id=one><input id=two>"
    guest = open_guest(site, load=False)
    before = QLineEdit(guest.window)
    before.show()
    QWidget.setTabOrder(before, guest.view.view)
    handle = guest.window.windowHandle()
    assert QTest.qWaitForWindowExposed(guest.window)
    handle.requestActivate()
    guest.until(guest.window.isActiveWindow)
    guest.open()
    guest.painted()
    before.setFocus()
    QTest.keyClick(handle, Qt.Key.Key_Tab)
    guest.eventually("document.activeElement.id", "one")
    inner = guest.view.view.focusProxy()
    assert inner is not None
    QTest.keyClicks(inner, "abc")
    guest.until(lambda: str(guest.js("document.activeElement.value")).endswith("c"))
    assert guest.js("document.activeElement.value") == "abc"
    QTest.keyClick(handle, Qt.Key.Key_Tab)
    guest.eventually("document.activeElement.id", "two")
    QTest.keyClick(handle, Qt.Key.Key_Tab)
    guest.until(before.hasFocus)
