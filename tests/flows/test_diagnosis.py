"""``--diagnose`` as a whole program: what it prints and returns, and what stands on a terminal."""

from __future__ import annotations

import os
import pty
import re
import signal
import subprocess
import sys
import termios
from collections.abc import Iterator, Mapping
from contextlib import closing, nullcontext
from pathlib import Path

import pytest
import secretstorage

from adwarden.diagnose import NOT_TESTED
from adwarden.domain.secret import Secret
from adwarden.practice.server import PracticeServer
from adwarden.practice.world import make_world
from adwarden.storage import settings as known
from adwarden.storage.keepass_place import KeepassPlace
from adwarden.storage.paths import DataFolder
from adwarden.storage.settings import Settings
from tests.fakes.typist import typist
from tests.storage.keepass_parts import PASSWORD, QUICK
from tests.test_diagnose import TESTED, TIMES
from tests.with_keyring import KeyringSession

pytestmark = [pytest.mark.flow, pytest.mark.keychain]

ASKED, NONE = "leave it locked): ", subprocess.DEVNULL


class Whole:
    """The whole program, on a keychain and with a server of its own."""

    def __init__(self, folder: Path, keyring: KeyringSession, url: str) -> None:
        self.folder, self.keyring, self._url = folder, keyring, url

    def with_file(self, path: Path, password: Secret) -> None:
        """Have a KeePass file in use."""
        place = KeepassPlace(path, kdf=QUICK)
        place.create(password)
        place.lock()
        data = DataFolder(self.folder)
        data.prepare()
        settings, _ = Settings.load(data, {})
        settings.set(known.VAULT_FILE, str(path))
        settings.save()

    def run(self, typed: str | None = None, **changes: str) -> tuple[int, dict[str, str], str]:
        """Diagnose; return the code, each line by its name, and what was on the terminal.

        ``typed`` is what somebody types once they are asked, on a terminal.
        """
        terminal = typist(typed, ASKED) if typed is not None else nullcontext((NONE, bytearray()))
        with terminal as (stdin, seen):
            program = self.start(stdin, stdin if typed is not None else subprocess.PIPE, **changes)
            printed, _ = program.communicate(timeout=60)
        lines = (line.partition(": ") for line in printed.decode().splitlines())
        return program.returncode, {name: words for name, _, words in lines}, bytes(seen).decode()

    def start(self, stdin: int, stderr: int, **changes: str) -> subprocess.Popen[bytes]:
        """Start it, with no terminal but the one given."""
        environment: Mapping[str, str] = {
            **os.environ, "DBUS_SESSION_BUS_ADDRESS": self.keyring.address,
            "ADWARDEN_X_API_URL": self._url, "ADWARDEN_X_ADS_URL": self._url, **changes,
        }  # fmt: skip
        command = [sys.executable, "-P", "-m", "adwarden", "--data-dir", str(self.folder)]
        return subprocess.Popen(
            [*command, "--diagnose"], env=environment, stdin=stdin, stdout=subprocess.PIPE,
            stderr=stderr, start_new_session=True,
        )  # fmt: skip


@pytest.fixture
def whole(tmp_path: Path) -> Iterator[Whole]:
    server = PracticeServer(make_world(seed=3, accounts=2))
    server.start()
    with KeyringSession() as keyring:
        keyring.start_daemon()
        yield Whole(tmp_path / "data", keyring, server.url)
    server.stop()


def test_a_whole_diagnosis_asks_for_the_password_and_never_shows_it(
    whole: Whole, tmp_path: Path
) -> None:
    path = tmp_path / "team.kdbx"
    whole.with_file(path, PASSWORD)
    code, lines, terminal_text = whole.run(PASSWORD.unwrap())
    assert code == 0, lines
    assert re.fullmatch(rf"ok, GNOME Keyring: {TIMES}", lines["system keychain"])
    assert TESTED.fullmatch(lines["KeePass file"].removesuffix(f", {path}")), lines
    assert "KeePass file: 0 listed, 0 entries" in lines["secrets"]
    assert "Master password of" in terminal_text
    everything = terminal_text + str(lines)
    assert PASSWORD.unwrap() not in everything
    log = whole.folder / "logs" / "adwarden.log"
    assert PASSWORD.unwrap() not in (log.read_text() if log.exists() else "")
    place = KeepassPlace(path)
    place.open(PASSWORD)
    assert not place.names()
    place.lock()


@pytest.mark.parametrize("typed", [None, "", "not the password"])
def test_a_file_that_stays_locked_is_said(whole: Whole, tmp_path: Path, typed: str | None) -> None:
    path = tmp_path / "team.kdbx"
    whole.with_file(path, PASSWORD)
    before = path.read_bytes()
    code, lines, _ = whole.run(typed)
    if typed:
        assert code == 1
        assert lines["KeePass file"].startswith("FAILED: ")
        assert "password" in lines["KeePass file"]
    else:
        assert code == 0, lines
        assert lines["KeePass file"].endswith(NOT_TESTED)
    assert path.read_bytes() == before


def test_a_locked_keychain_is_said_with_the_fix(whole: Whole) -> None:
    assert whole.run()[0] == 0
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DBUS_SESSION_BUS_ADDRESS", whole.keyring.address)
        with closing(secretstorage.dbus_init()) as bus:
            secretstorage.Collection(bus).lock()
    code, lines, _ = whole.run()
    assert code == 1
    assert lines["system keychain"].startswith("FAILED: The system keychain is locked. ")
    assert "Unlock it: the system asks for its password." in lines["system keychain"]
    assert "not readable now" in lines["secrets"]
    # What does not need the keychain is checked all the same.
    assert lines["network"].startswith("ok, ")


@pytest.mark.parametrize(
    ("what", "why", "others"),
    [
        ("no service", "No program on this computer offers the Secret Service.",
         "GNOME Keyring: It does not run here"),
        ("no bus", "There is no session bus, which the system keychain needs.",
         "Secret Service: There is no session bus to ask."),
    ],
)  # fmt: skip
def test_a_missing_keychain_is_said_with_the_fix(
    whole: Whole, tmp_path: Path, what: str, why: str, others: str
) -> None:
    whole.keyring.stop_daemon()
    nowhere = {"DBUS_SESSION_BUS_ADDRESS": f"unix:path={tmp_path / 'nowhere'}"}
    code, lines, _ = whole.run(None, **(nowhere if what == "no bus" else {}))
    assert code == 1
    begun = f"FAILED: The system keychain cannot be reached. {why} Start Adwarden from a desktop"
    assert lines["system keychain"].startswith(begun)
    assert others in lines["other keychains"]
    assert lines["secrets"].endswith("system keychain: 0 listed, not readable now")
    assert lines["network"].startswith("ok, ")


def test_who_breaks_off_gets_the_terminal_back_as_it_was(whole: Whole, tmp_path: Path) -> None:
    whole.with_file(tmp_path / "team.kdbx", PASSWORD)
    ours, theirs = pty.openpty()
    program = whole.start(theirs, stderr=theirs)
    try:
        seen = b""
        while ASKED.encode() not in seen:
            seen += os.read(ours, 1000)
        assert not termios.tcgetattr(theirs)[3] & termios.ECHO
        program.send_signal(signal.SIGINT)
        program.communicate(timeout=20)
        assert termios.tcgetattr(theirs)[3] & termios.ECHO
    finally:
        program.kill()
        program.wait()
        os.close(ours)
        os.close(theirs)
