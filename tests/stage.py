"""A desktop session for tests and the tour: a home, an X display, a session bus, a keychain.

Linux only, standard library only, because ``make.py`` uses it before anything is installed.
``python -m tests.stage COMMAND …`` runs one command on a stage of its own.
"""

from __future__ import annotations

import os
import select
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from types import TracebackType

TOOLS = ("Xvfb", "dbus-daemon", "dbus-send", "gnome-keyring-daemon")
PASSWORD = b"stage"
PATIENCE = 20.0
"""Seconds that each part gets to come up; a loaded machine needs a few."""

_DROPPED = (
    "DBUS_SESSION_BUS_ADDRESS",
    "WAYLAND_DISPLAY",
    "XAUTHORITY",
    "GNOME_KEYRING_CONTROL",
    "SSH_AUTH_SOCK",
    "HTTP_PROXY",
    "HTTPS_PROXY",
    "ALL_PROXY",
    "http_proxy",
    "https_proxy",
    "all_proxy",
    "QT_QPA_PLATFORMTHEME",
    "QT_STYLE_OVERRIDE",
    "QT_SCALE_FACTOR",
    "QT_LOGGING_RULES",
    "QTWEBENGINE_REMOTE_DEBUGGING",
    "PYTHON_KEYRING_BACKEND",
    "ADWARDEN_DATA_DIR",
    "ADWARDEN_X_API_URL",
    "ADWARDEN_X_ADS_URL",
)


class StageError(Exception):
    """A part of the stage did not come up."""


class Stage:
    """Starts what is asked for, collects the environment for it, and takes it all down again.

    Everything lives in one temporary folder. The children end with this process even when it is
    killed, and only children of this object are ever ended.
    """

    def __init__(self) -> None:
        self.root = Path(tempfile.mkdtemp(prefix="adwarden-stage-"))
        self.env: dict[str, str] = {}
        self.dropped: tuple[str, ...] = _DROPPED
        self._children: list[subprocess.Popen[bytes]] = []
        self._start_home()

    def environ(self) -> dict[str, str]:
        """Return the environment for a process on this stage."""
        kept = {name: value for name, value in os.environ.items() if name not in self.dropped}
        return kept | self.env

    def start_display(self, size: str = "1600x1000") -> str:
        """Start a virtual X display of that many pixels and return its name, as ``:7``."""
        read, write = os.pipe()
        try:
            command = ["Xvfb", "-displayfd", str(write), "-screen", "0", f"{size}x24"]
            command += ["-nolisten", "tcp", "-noreset", "-dpi", "96"]
            self._spawn(command, pass_fds=(write,))
        finally:
            os.close(write)
        number = _first_line(read, "Xvfb")
        self.env |= {"DISPLAY": f":{number}", "QT_QPA_PLATFORM": "xcb", "XDG_SESSION_TYPE": "x11"}
        return self.env["DISPLAY"]

    def start_bus(self) -> str:
        """Start a session bus and return its address."""
        read, write = os.pipe()
        try:
            command = ["dbus-daemon", "--session", "--nofork", "--nopidfile"]
            command += [f"--print-address={write}", f"--address=unix:path={self.root}/run/bus"]
            self._spawn(command, pass_fds=(write,))
        finally:
            os.close(write)
        self.env["DBUS_SESSION_BUS_ADDRESS"] = _first_line(read, "dbus-daemon")
        return self.env["DBUS_SESSION_BUS_ADDRESS"]

    def start_keychain(self) -> None:
        """Start GNOME keyring with an unlocked default collection; needs the bus."""
        child = self._spawn(
            ["gnome-keyring-daemon", "--foreground", "--unlock", "--components=secrets"],
            stdin=subprocess.PIPE,
        )
        if child.stdin is None:
            raise StageError("gnome-keyring-daemon has no input")
        child.stdin.write(PASSWORD)
        child.stdin.close()
        self._wait_until("gnome-keyring-daemon", child, self._keychain_answers)

    def run(self, command: Sequence[str]) -> int:
        """Run ``command`` on this stage, wait for it, and return its exit code."""
        return subprocess.run(command, env=self.environ(), check=False).returncode

    def close(self) -> None:
        """End the children, last one first, and remove the folder."""
        for child in reversed(self._children):
            child.terminate()
            try:
                child.wait(5)
            except subprocess.TimeoutExpired:
                child.kill()
                child.wait()
        self._children.clear()
        shutil.rmtree(self.root, ignore_errors=True)

    def __enter__(self) -> Stage:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def _start_home(self) -> None:
        folders = {
            "HOME": self.root / "home",
            "XDG_RUNTIME_DIR": self.root / "run",
            "XDG_DATA_HOME": self.root / "home/.local/share",
            "XDG_CONFIG_HOME": self.root / "home/.config",
            "XDG_CACHE_HOME": self.root / "home/.cache",
            "XDG_STATE_HOME": self.root / "home/.local/state",
        }
        for name, folder in folders.items():
            folder.mkdir(parents=True, mode=0o700)
            self.env[name] = str(folder)
        # Qt warns in a locale that is not UTF-8, and a bare machine sets none.
        self.env |= {"LANG": "C.UTF-8", "LC_ALL": "C.UTF-8"}
        self.env |= {"NO_PROXY": "127.0.0.1,localhost", "NO_AT_BRIDGE": "1"}
        if os.geteuid() == 0:
            # Chromium refuses its sandbox to root, and a test machine often has no other user.
            self.env["QTWEBENGINE_DISABLE_SANDBOX"] = "1"

    def _spawn(
        self, command: list[str], *, pass_fds: tuple[int, ...] = (), stdin: int | None = None
    ) -> subprocess.Popen[bytes]:
        if shutil.which(command[0]) is None:
            raise StageError(f"{command[0]} is not installed: run `python3 make.py test` once")
        if shutil.which("setpriv"):
            # Ends the child when this process dies, however it dies.
            command = ["setpriv", "--pdeathsig", "TERM", "--", *command]
        with (self.root / f"{len(self._children)}.log").open("wb") as log:
            child = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL if stdin is None else stdin,
                stdout=log,
                stderr=log,
                pass_fds=pass_fds,
                env=self.environ(),
            )
        self._children.append(child)
        return child

    def _wait_until(
        self, name: str, child: subprocess.Popen[bytes], ready: Callable[[], bool]
    ) -> None:
        pause = threading.Event()
        deadline = time.monotonic() + PATIENCE
        while not ready():
            if child.poll() is not None:
                raise StageError(f"{name} ended with {child.returncode}")
            if time.monotonic() > deadline:
                raise StageError(f"{name} did not come up in {PATIENCE:.0f} s")
            pause.wait(0.03)

    def _keychain_answers(self) -> bool:
        # Asks for the alias, not for the service alone: the collection comes after the name.
        # The name is asked of the bus first, since a call to it would start a second daemon.
        owner = self._bus_call(
            "org.freedesktop.DBus",
            "/org/freedesktop/DBus",
            "org.freedesktop.DBus.GetNameOwner",
            "string:org.freedesktop.secrets",
        )
        return bool(owner) and "/collection/" in self._bus_call(
            "org.freedesktop.secrets",
            "/org/freedesktop/secrets",
            "org.freedesktop.Secret.Service.ReadAlias",
            "string:default",
        )

    def _bus_call(self, target: str, path: str, method: str, argument: str) -> str:
        answer = subprocess.run(
            ["dbus-send", "--session", "--print-reply", f"--dest={target}", path, method, argument],
            env=self.environ(),
            capture_output=True,
            text=True,
            check=False,
        )
        return answer.stdout if answer.returncode == 0 else ""


def full_stage() -> Stage:
    """Return a stage with everything on it: home, display, bus and unlocked keychain."""
    stage = Stage()
    try:
        stage.start_display()
        stage.start_bus()
        stage.start_keychain()
    except BaseException:
        stage.close()
        raise
    return stage


def _first_line(read: int, name: str) -> str:
    """Return the line a child writes once it is ready; the pipe ends when the child does."""
    with os.fdopen(read) as pipe:
        if not select.select([pipe], [], [], PATIENCE)[0]:
            raise StageError(f"{name} did not come up in {PATIENCE:.0f} s")
        line = pipe.readline().strip()
    if not line:
        raise StageError(f"{name} ended before it was ready")
    return line


def main() -> int:
    """Run the command given as arguments on a full stage; return its exit code."""
    with full_stage() as stage:
        return stage.run(sys.argv[1:])


if __name__ == "__main__":
    sys.exit(main())
