"""No secret leaves its place: a whole journey with every log turned up, then a search of it all."""

from __future__ import annotations

import base64
import json
import os
import secrets
import shutil
import signal
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from adwarden.practice.people import Person, PracticeApp
from adwarden.practice.server import PracticeServer
from adwarden.practice.tokens import AccessToken, RequestToken
from adwarden.practice.world import make_world
from tests.fakes.person import authorize
from tests.fakes.typist import typist
from tests.flows.outside import LIMIT, ROOT, Program, descendants, surroundings
from tests.with_keyring import KeyringSession

pytestmark = [pytest.mark.flow, pytest.mark.webengine, pytest.mark.keychain]

SETTINGS = "[diagnostics]\nlog_level = DEBUG\n[secrets]\nreveal = pressed\n"

BACKUP, TEAM = "backup.kdbx", "team.kdbx"

REPORTS = {"access.csv": "CSV", "access.html": "HTML", "access.json": "JSON"}

HANDED_OVER = ["env", "json", "twurlrc", "xurl", "tweepy", "postman", "curl"]

KEEPASS = b"\x03\xd9\xa2\x9a\x67\xfb\x4b\xb5"

Environment = Mapping[str, str | None]

PART = 12
"""Characters of a secret that are as bad as all of it: what others shorten begins like this."""


class Secrets:
    """All that must not be seen, as the server in place of X gives it out."""

    def __init__(self, server: PracticeServer, monkeypatch: pytest.MonkeyPatch) -> None:
        self.app = server.world.apps[0]
        self.values: dict[str, str] = {self.app.key: "API key", self.app.secret: "API key secret"}
        self.client_id = secrets.token_hex(17)
        self.client_secret = secrets.token_hex(25)
        self.owner = server.world.person_named("northwind_ads")
        self._console = server.faults.console_token
        self.password, self.master = secrets.token_hex(16), secrets.token_hex(16)
        access, requests = server.faults._access_tokens, server.faults._request_tokens
        self.values |= {
            access.bearer(self.app): "bearer token",
            self.client_id: "client ID",
            self.client_secret: "client secret",
            self.password: "backup password",
            self.master: "master password",
        }
        create, allow, grant = requests.create, requests.allow, access.grant

        def created(app: PracticeApp, callback: str, level: str) -> RequestToken:
            made = create(app, callback, level)
            self.values[made.secret] = "request token secret"
            return made

        def allowed(known: RequestToken) -> str:
            pin = allow(known)
            self.values[pin] = "PIN"
            return pin

        def granted(app: PracticeApp, person: Person, *, level: str = "") -> AccessToken:
            made = grant(app, person, level=level)
            self.values[made.token] = "access token"
            self.values[made.secret] = "access token secret"
            return made

        monkeypatch.setattr(requests, "create", created)
        monkeypatch.setattr(requests, "allow", allowed)
        monkeypatch.setattr(access, "grant", granted)

    def pasted(self) -> tuple[str, str]:
        """Return what X's console shows to the owner of the app."""
        assert self.owner is not None
        given = self._console(self.app, self.owner)
        return given.token, given.secret

    def forms(self) -> dict[bytes, str]:
        """Return every way in which a secret could stand somewhere, and what it is."""
        found: dict[bytes, str] = {}
        for value, name in self.values.items():
            plain = value.encode()
            found[plain] = name
            found[quote(value, safe="").encode()] = f"{name}, quoted"
            found[value.encode("utf-16-le")] = f"{name}, wide"
            found[plain.hex().encode()] = f"{name}, in hex"
            # An access token begins with its user's id, which is no secret.
            # A bearer token begins with a row of A, as much that is in base64 does.
            own = plain.rpartition(b"-")[2].lstrip(b"A")
            if len(own) >= 2 * PART:
                found[own[:PART]] = f"the beginning of the {name}"
                found[own[-PART:]] = f"the end of the {name}"
            # Three beginnings, because what stands before it shifts the letters.
            for shift in range(3):
                coded = base64.b64encode(b"x" * shift + plain).rstrip(b"=")
                found[coded[2 if shift else 0 : -2].lstrip()[2:]] = f"{name}, in base64"
        return found


class Search:
    """Collects what there is to be seen, keeps count, and looks through it at the end."""

    def __init__(self) -> None:
        self._texts: dict[bytes, str] = {}
        self.places: Counter[str] = Counter()
        self.bytes: Counter[str] = Counter()

    def take(self, kind: str, place: str, data: bytes) -> None:
        """Note one text with its place; the same text is searched once."""
        self.places[kind] += 1
        self.bytes[kind] += len(data)
        self._texts.setdefault(data, f"{kind}: {place}")

    def folder(self, kind: str, root: Path) -> None:
        """Take everything that stands in files below a folder, with the names of the files."""
        for path in sorted(root.rglob("*")):
            self.take(kind, "name", str(path).encode())
            if path.is_file():
                self.take(kind, str(path), path.read_bytes())

    def processes(self, *pids: int) -> int:
        """Take command line and environment of these processes and of all that they started."""
        found = set().union(*map(descendants, pids))
        for one in found:
            for name in ("cmdline", "environ"):
                try:
                    data = Path(f"/proc/{one}/{name}").read_bytes()
                except OSError:  # ended, or not to be read by anybody
                    continue
                self.take("processes", f"{one} {name}", data)
        return len(found)

    def hits(self, forms: dict[bytes, str]) -> list[str]:
        """Return where secrets were found: what and where, never the secret itself."""
        return [
            f"{name} in {place}"
            for data, place in self._texts.items()
            for form, name in forms.items()
            if form in data
        ]


class Round:
    """One journey: after each step everything is looked at."""

    def __init__(
        self, program: Program, folders: dict[str, Path], search: Search, *pids: int
    ) -> None:
        self._program, self._folders, self._search = program, folders, search
        self._pids = program.process.pid, *pids
        self.steps: list[str] = []

    def folder(self, kind: str) -> Path:
        """Return one of the folders that are looked through."""
        return self._folders[kind]

    def do(self, act: str, *, copied: bool = False, **named: object) -> Any:  # noqa: ANN401
        """Do a step, then look; where a secret was ``copied``, not at the clipboard."""
        result = self._program.ask(act, **named)
        self._program.ask("loud")
        self.look(act, copied=copied)
        return result

    def look(self, step: str, *, copied: bool = False) -> None:
        """Take in all that is to be seen now."""
        self.steps.append(step)
        for place, text in self._program.ask("places"):
            kind = "clipboard" if place.startswith("clipboard") else "widgets"
            if copied and kind == "clipboard":
                continue
            self._search.take(kind, f"{step}, {place}", text.encode("utf-8", "replace"))
            self._search.take(kind, f"{step}, {place}", json.dumps(text).encode())
        for kind, folder in self._folders.items():
            self._search.folder(kind, folder)
        self._search.processes(*self._pids)
        self._search.take("standard error", step, self._program.log.read_bytes())
        self._search.take("X server", step, _x_windows())


@pytest.fixture
def server() -> Iterator[PracticeServer]:
    server = PracticeServer(make_world(seed=5))
    server.start()
    yield server
    server.stop()


@pytest.mark.timeout(300)  # half a million texts are looked through, while other tests run
def test_no_secret_is_seen_anywhere_on_the_whole_journey(
    server: PracticeServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    marked = Secrets(server, monkeypatch)
    search = Search()
    with KeyringSession() as keyring, tempfile.TemporaryDirectory(dir="/tmp") as short:
        keyring.start_daemon()
        # A home of its own, so that the keychain's own file is the one thing outside of it.
        folders = {"data folder": tmp_path / "data", "home": tmp_path / "home", "run": Path(short)}
        for folder in folders.values():
            folder.mkdir(mode=0o700, exist_ok=True)
        (folders["data folder"] / "settings.ini").write_text(SETTINGS)
        (folders["home"] / "tmp").mkdir()
        environment: Environment = {
            "DBUS_SESSION_BUS_ADDRESS": keyring.address,
            "HOME": str(folders["home"]),
            "TMPDIR": str(folders["home"] / "tmp"),
            "XDG_RUNTIME_DIR": short,
            **{f"XDG_{name}_HOME": None for name in ("DATA", "CONFIG", "CACHE", "STATE")},
            "ADWARDEN_X_API_URL": server.url,
            "ADWARDEN_X_ADS_URL": server.url,
            "PYTHONASYNCIODEBUG": "1",
            "QT_LOGGING_RULES": "qt.webengine*=true;qt.network*=true;qt.accessibility*=true",
        }
        pids = keyring.daemon.pid, keyring.bus.pid, os.getpid()
        with Program(folders["data folder"], environment=environment) as program:
            program.painted()
            here = Round(program, folders, search, *pids)
            _journey(here, marked)
            assert program.close() < 5
            assert program.process.returncode == 0
            search.take("standard output", "all of it", program.printed.encode())
            search.take("standard error", "all of it", program.log.read_bytes())
        # The disconnected one is revoked at the end of the ten seconds, here by quitting.
        assert server.journal.count("/1.1/oauth/invalidate_token.json", status=200) == 1
        for kind, folder in folders.items():
            search.folder(kind, folder)
        here.steps += _crash(folders, environment, search, marked)
        here.steps += _console(folders, environment, search, marked.master)
        for kind, folder in folders.items():
            search.folder(kind, folder)
        for name in (BACKUP, TEAM):
            assert (folders["home"] / name).read_bytes().startswith(KEEPASS)
    log = (folders["data folder"] / "logs" / "adwarden.log").read_text()
    print(f"{len(marked.values)} secrets: {dict(Counter(marked.values.values()))}")
    print(f"{len(here.steps)} steps: {', '.join(here.steps)}")
    for kind, count in sorted(search.places.items()):
        print(f"{kind}: {count:,} places, {search.bytes[kind]:,} bytes")
    print(f"in all {search.places.total():,} places, {search.bytes.total():,} bytes")
    assert set(marked.values.values()) == {
        "API key", "API key secret", "request token secret", "PIN", "access token",
        "access token secret", "bearer token", "client ID", "client secret", "backup password",
        "master password",
    }  # fmt: skip
    assert "unexpected, in" in log
    assert "DEBUG" in log
    hits = search.hits(marked.forms())
    assert not hits, "\n".join(hits)


def _journey(here: Round, marked: Secrets) -> None:
    here.do("loud")
    here.do("begin_app", label="Agency app", key=marked.app.key, secret=marked.app.secret)
    here.do("words", parts=["Now connect an account"])
    here.do("open_page")
    link = here.do("link")
    here.do("enter_pin", pin="0011222", wait="X did not accept this PIN")
    # The link of before is burnt; the new page asks again.
    assert link != here.do("link")
    here.do("type_pin", pin=authorize(here.do("link"), "agency_ops"))
    here.do("finish_pin")
    here.do("row", parts=["@agency_ops", "Working"])
    here.do("rested")
    here.do("connect", handle="contoso")
    here.do("press", name="Refresh")
    here.do("rested")
    here.do("connect", handle="contoso", press="Reconnect")
    here.do("rested")
    here.do("check_all", parts=["2 connections work"])
    here.do("select", handle="@contoso")
    assert here.do("copy_secret", what="Access token secret", copied=True) > 2 * PART
    here.do("words", parts=["cleared in"], copied=True)
    here.do("clear_secret")
    here.do("select_app", label="Agency app")
    here.do("keep_client", client_id=marked.client_id, client_secret=marked.client_secret)
    assert here.do("copy_secret", what="Client secret", copied=True) == len(marked.client_secret)
    here.do("clear_secret")
    assert here.do("hold", what="API key secret")
    here.do("let_go", what="API key secret")
    token, secret = marked.pasted()
    here.do("paste_token", token=token, secret=secret)
    here.do("row", parts=["@northwind_ads", "Working"])
    here.do("rested")
    here.do("select", handle="@northwind_ads")
    assert here.do("hold", what="Access token secret")
    here.do("let_go", what="Access token secret")
    for name, kind in REPORTS.items():
        here.do("export_report", path=str(here.folder("home") / name), kind=kind)
    here.do("back_up", path=str(here.folder("home") / BACKUP), password=marked.password)
    here.do("into_file", path=str(here.folder("home") / TEAM), password=marked.master)
    here.do("press", name="Refresh")
    here.do("rested")
    here.do("lock_file")
    here.do("unlock_file", name=TEAM, password=marked.master)
    here.do("row", parts=["@contoso", "Working"])
    _tools(here, marked)
    here.do("fail", secrets=list(marked.values))
    report = here.do("report")
    assert "Traceback" in report
    assert "RuntimeError" in report
    here.do("select", handle="@agency_ops")
    here.do("select", handle="@contoso")
    here.do("press", name="Disconnect")
    here.do("answer", name="Revoke at X and remove")
    here.do("disconnected", handle="@contoso")


def _tools(here: Round, marked: Secrets) -> None:
    """Take in, hand over and try, as far as nothing is written: that is meant to have secrets."""
    here.do("select", handle="@contoso")
    assert min(here.do("preview", formats=HANDED_OVER)) > 100
    here.do("close_dialog", name="Hand over")
    here.do("send_request", parts=["200 OK"])
    here.do("close_dialog", name="Try a request")
    text = "".join(f"{name}: {value}\n" for value, name in marked.values.items())
    here.do("look_into_text", text=text, parts=["known"])
    here.do("close_dialog", name="Bring in tokens")


def _crash(
    folders: dict[str, Path], environment: Environment, search: Search, marked: Secrets
) -> list[str]:
    """Have a second run, with dumps allowed as far as it goes, die of a fault in native code."""
    before = set(ROOT.iterdir())
    prefix = ("prlimit", "--core=unlimited:unlimited", "--") if shutil.which("prlimit") else ()
    with Program(folders["data folder"], environment=environment, prefix=prefix) as program:
        program.painted()
        here = Round(program, folders, search)
        here.do("unlock_file", name=TEAM, password=marked.master)
        # The disconnected one comes back; X has forgotten its token, which the backup cannot know.
        here.do("restore", path=str(folders["home"] / BACKUP), password=marked.password)
        here.do("row", parts=["@contoso"])
        here.do("select", handle="@agency_ops")
        here.do("press", name="Refresh")
        here.do("rested")
        here.do("copy_secret", what="Access token", copied=True)
        program.send("crash")
        assert program.process.wait(LIMIT) == -signal.SIGSEGV
        search.take("standard error", "crash", program.log.read_bytes())
    for path in set(ROOT.iterdir()) - before:
        if path.is_file():
            search.take("dumps", str(path), path.read_bytes())
    assert not [path for path in ROOT.glob("core*") if path not in before]
    return here.steps


def _console(
    folders: dict[str, Path], environment: Environment, search: Search, master: str
) -> list[str]:
    """Take in what the console says, and the next start after a crash."""
    begin = [sys.executable, "-P", "-m", "adwarden", "--data-dir", str(folders["data folder"])]
    around = surroundings(environment)
    report = str(folders["home"] / "console.json")
    for arguments in (
        ("list", "--json"), ("refresh",), ("history", "--json"), ("report", "--format", "csv"),
        ("report", "--format", "json", "--output", report), ("--diagnose",),
    ):  # fmt: skip
        done = subprocess.run(
            [*begin, *arguments], env=around, capture_output=True, check=False, timeout=60
        )
        # What is in the KeePass file cannot be refreshed: it is locked.
        assert done.returncode == (4 if arguments == ("refresh",) else 0), done.stderr
        search.take("console", " ".join(arguments), done.stdout + done.stderr)
    # Once more with the KeePass file open: somebody types its password.
    processes: list[int] = []

    def asked() -> None:
        search.processes(processes[0])

    with typist(master, "leave it locked): ", asked) as (terminal, seen):
        program = subprocess.Popen(
            [*begin, "--diagnose"], env=around, stdin=terminal, stderr=terminal,
            stdout=subprocess.PIPE, start_new_session=True,
        )  # fmt: skip
        processes.append(program.pid)
        said, _ = program.communicate(timeout=60)
    assert b"KeePass file: ok, " in said, said
    search.take("console", "diagnose, file open", said)
    search.take("console", "diagnose, terminal", bytes(seen))
    return ["list", "refresh", "history", "report", "report", "diagnose", "diagnose (file open)"]


def test_the_search_finds_what_it_looks_for(
    server: PracticeServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    marked = Secrets(server, monkeypatch)
    key = marked.app.key.encode()
    for around in (
        b"%b", b"\xff\x00%b,",
    ):  # fmt: skip
        for coded in (
            key,
            key.decode().encode("utf-16-le"),
            key.hex().encode(),
            base64.b64encode(key),
            base64.b64encode(b"1" + key + b"2"),
            base64.b64encode(b"12" + key + b"345"),
        ):
            search = Search()
            search.take("test", "somewhere", around % coded)
            assert search.hits(marked.forms())


def _x_windows() -> bytes:
    """Return names and properties of all windows, as any program on the display sees them."""
    if shutil.which("xwininfo") is None:
        return b""
    done = subprocess.run(["xwininfo", "-root", "-tree"], capture_output=True, check=False)
    return done.stdout
