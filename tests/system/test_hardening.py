from __future__ import annotations

import os
import random
import signal
import string
import subprocess
import sys
from pathlib import Path

import pytest

from adwarden.domain.errors import AdwardenError
from adwarden.system import hardening
from adwarden.system.hardening import (
    SandboxState,
    display_is_there,
    harden,
    qt_is_usable,
    sandbox_state,
)

empty_core_dumps = hardening._empty_core_dumps


@pytest.fixture(autouse=True)
def _this_process_stays_as_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep limits that nobody may take back off the process of all the other tests."""
    monkeypatch.setattr(hardening, "_no_core_dumps", lambda: "")
    monkeypatch.setattr(hardening, "_empty_core_dumps", lambda: "")


def run(script: str, **environ: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", script],
        check=True,
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path), **environ},
        timeout=60,
    )
    return done.stdout.strip()


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has neither")
def test_core_dumps_are_off_files_private_and_the_process_stays_dumpable() -> None:
    script = """
import os, resource
from adwarden.system.hardening import harden
assert harden() == []
print(resource.getrlimit(resource.RLIMIT_CORE), oct(os.umask(0)))
import ctypes
PR_GET_DUMPABLE = 3
print(ctypes.CDLL(None).prctl(PR_GET_DUMPABLE, 0, 0, 0, 0))
"""
    limits, dumpable = run(script).splitlines()
    # One byte on Linux: the only limit that a dump piped to a program heeds.
    assert limits == ("(1, 1) 0o77" if sys.platform == "linux" else "(0, 0) 0o77")
    if sys.platform == "linux":
        assert dumpable == "1"


CRASH = """
import os, resource, signal, sys
from pathlib import Path
from adwarden.system import hardening
from adwarden.system.diagnostics import Diagnostics
from adwarden.system.redaction import Redactor
way, folder = sys.argv[1:]
secret = sys.stdin.readline().strip()
held = [secret * 3]
try:
    resource.setrlimit(resource.RLIMIT_CORE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
except ValueError:
    pass  # ruled out for this whole session
Path("/proc/self/coredump_filter").write_text("33")
if way == "limit":
    assert hardening._no_core_dumps() == ""
elif way == "filter":
    assert hardening._empty_core_dumps() == ""
elif way == "both":
    assert hardening.harden() == []
    assert Diagnostics(Redactor()).catch_crashes(Path(folder)) == []
if way == "ruled out":
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    assert hardening.harden() == []
    assert resource.getrlimit(resource.RLIMIT_CORE) == (0, 0)
os.kill(os.getpid(), signal.SIGSEGV)
"""


def crash(folder: Path, way: str) -> dict[str, bool]:
    """Crash in a folder; return its files after that, and whether the secret is in them."""
    secret = "CANARY" + "".join(random.choices(string.ascii_letters, k=24))
    folder.mkdir()
    done = subprocess.run(
        [sys.executable, "-c", CRASH, way, str(folder)],
        input=f"{secret}\n",
        text=True,
        capture_output=True,
        cwd=folder,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        timeout=60,
    )
    assert done.returncode == -signal.SIGSEGV, done.stderr
    assert secret not in done.stdout + done.stderr
    return {path.name: secret.encode() in path.read_bytes() for path in folder.iterdir()}


@pytest.mark.skipif(sys.platform != "linux", reason="core files as Linux writes them")
def test_a_crash_leaves_no_core_file_and_no_secret_in_any_file(tmp_path: Path) -> None:
    assert crash(tmp_path / "limit", "limit") == {}
    assert crash(tmp_path / "ruled-out", "ruled out") == {}
    assert crash(tmp_path / "both", "both") == {"crash.log": False}


@pytest.mark.skipif(sys.platform != "linux", reason="core files as Linux writes them")
def test_what_is_dumped_all_the_same_holds_no_memory(tmp_path: Path) -> None:
    plain = crash(tmp_path / "plain", "nothing")
    if not any(plain.values()):
        pytest.skip("this computer hands core dumps to a program, or may not raise the limit")
    emptied = crash(tmp_path / "filter", "filter")
    assert emptied
    assert not any(emptied.values())


@pytest.mark.skipif(sys.platform != "linux", reason="as Linux has it")
def test_a_filter_that_cannot_be_set_is_said_unless_there_are_no_core_files(
    tmp_path: Path,
) -> None:
    assert empty_core_dumps(str(tmp_path / "not there")) == ""
    assert "Is a directory" in empty_core_dumps(str(tmp_path))


def test_it_loads_nothing_heavy() -> None:
    script = """
import sys
from adwarden.system.hardening import harden
harden()
heavy = ("PySide6", "asyncio", "logging", "requests", "keyring", "importlib.metadata")
print([name for name in heavy if name in sys.modules])
"""
    assert run(script) == "[]"


def test_a_variable_that_disarms_the_page_or_the_keychain_is_dropped() -> None:
    environ = {
        "QTWEBENGINE_REMOTE_DEBUGGING": "9222",
        "QTWEBENGINE_CHROMIUM_FLAGS": "--remote-debugging-port=1 --disable-web-security",
        "QTWEBENGINE_DISABLE_SANDBOX": "0",
        "QTWEBENGINEPROCESS_PATH": "/tmp/evil",
        "QTWEBENGINE_RESOURCES_PATH": "/tmp/evil",
        "PYTHON_KEYRING_BACKEND": "keyring.backends.null.Keyring",
        "KEYRING_PROPERTY_FILE_PATH": "/tmp/x",
        "SSLKEYLOGFILE": "/tmp/keys",
        "HTTPS_PROXY": "http://proxy:1",
        "QT_QPA_PLATFORM": "offscreen",
    }
    assert harden(environ) == []
    assert environ == {"HTTPS_PROXY": "http://proxy:1", "QT_QPA_PLATFORM": "offscreen"}


@pytest.mark.parametrize(
    "wish",
    [
        {"QTWEBENGINE_DISABLE_SANDBOX": "1"},
        {"QTWEBENGINE_CHROMIUM_FLAGS": "--remote-debugging-port=1 --no-sandbox"},
        {"QTWEBENGINE_DISABLE_SANDBOX": "1", "QTWEBENGINE_CHROMIUM_FLAGS": "--disable-gpu"},
    ],
)
def test_an_explicit_wish_turns_the_sandbox_off_and_nothing_else(wish: dict[str, str]) -> None:
    environ = dict(wish)
    assert sandbox_state(environ, 0) is SandboxState.OFF_BY_ENVIRONMENT
    harden(environ)
    assert environ == {"QTWEBENGINE_DISABLE_SANDBOX": "1"}
    assert sandbox_state(environ, 1000) is SandboxState.OFF_BY_ENVIRONMENT


@pytest.mark.parametrize(
    "environ",
    [
        {},
        {"QTWEBENGINE_DISABLE_SANDBOX": "0"},
        {"QTWEBENGINE_DISABLE_SANDBOX": ""},
        {"QTWEBENGINE_CHROMIUM_FLAGS": "--no-sandbox-please x--no-sandbox"},
    ],
)
def test_without_a_wish_the_sandbox_is_on_except_for_root(environ: dict[str, str]) -> None:
    assert sandbox_state(environ, 1000) is SandboxState.ON
    assert sandbox_state(environ, 0) is SandboxState.IMPOSSIBLE_AS_ROOT
    harden(environ)
    assert "QTWEBENGINE_DISABLE_SANDBOX" not in environ


def test_a_packaged_build_keeps_the_path_to_its_own_page_process(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(sys, "_MEIPASS", "/opt/adwarden/lib", raising=False)
    environ = {"QTWEBENGINEPROCESS_PATH": "/opt/adwarden/lib/Qt/QtWebEngineProcess"}
    harden(environ)
    assert environ
    for path in ("/opt/adwarden/lib/../../evil", "/opt/adwarden/library/evil", ""):
        environ = {"QTWEBENGINEPROCESS_PATH": path}
        harden(environ)
        assert not environ


def test_a_step_that_fails_is_said_and_stops_nothing() -> None:
    class Stuck(dict[str, str]):
        def __delitem__(self, name: str) -> None:
            raise OSError("stuck")

    assert harden(Stuck(QTWEBENGINE_REMOTE_DEBUGGING="1")) == [
        "The environment could not be cleaned: stuck"
    ]


def test_the_qt_that_aborts_is_refused_where_it_aborts() -> None:
    for version in ("6.12.0", "6.12.0.1"):
        with pytest.raises(AdwardenError, match=r"6\.11\.3"):
            qt_is_usable(version, (3, 11, 7))
    qt_is_usable("6.12.0", (3, 12, 0))
    qt_is_usable("6.11.3", (3, 11, 7))
    qt_is_usable("6.12.1", (3, 11, 7))
    qt_is_usable()


def test_five_thousand_signals_leave_the_process_alive() -> None:
    script = """
from PySide6.QtCore import QObject, Signal
class Bell(QObject):
    rung = Signal(bool)
bell, heard = Bell(), []
bell.rung.connect(heard.append)
for _ in range(5000):
    bell.rung.emit(True)
print(len(heard))
"""
    assert run(script) == "5000"


@pytest.mark.parametrize(
    "environ",
    [
        {"DISPLAY": ":0"},
        {"WAYLAND_DISPLAY": "wayland-0"},
        {"WAYLAND_SOCKET": "7"},
        {"QT_QPA_PLATFORM": "offscreen"},
        {"QT_QPA_PLATFORM": "minimal:x"},
        {"QT_QPA_PLATFORM": "xcb", "DISPLAY": ":0"},
    ],
)
def test_a_place_to_draw_is_enough(environ: dict[str, str]) -> None:
    display_is_there(environ, "linux")


@pytest.mark.parametrize("environ", [{}, {"DISPLAY": ""}, {"QT_QPA_PLATFORM": "xcb"}])
def test_without_a_display_the_start_is_refused_on_linux_alone(environ: dict[str, str]) -> None:
    with pytest.raises(AdwardenError, match="DISPLAY"):
        display_is_there(environ, "linux")
    display_is_there(environ, "darwin")
    display_is_there(environ, "win32")


@pytest.mark.skipif(sys.platform != "linux", reason="what dumps hold is Linux' own")
def test_for_a_while_there_are_no_core_dumps_and_what_was_found_comes_back() -> None:
    """In a process of its own, which may begin with any limits."""
    program = """
import resource, sys
from pathlib import Path
from adwarden.system.hardening import no_core_dumps
def now():
    return resource.getrlimit(resource.RLIMIT_CORE), Path("/proc/self/coredump_filter").read_text()
resource.setrlimit(resource.RLIMIT_CORE, (4096, 8192))
Path("/proc/self/coredump_filter").write_text("0x33")
before = now()
with no_core_dumps() as failed:
    assert failed == []
    assert now() == ((1, 8192), "00000000\\n"), now()
assert now() == before, now()
"""
    subprocess.run(
        [sys.executable, "-c", program],
        check=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    )
