"""A desktop session for tests and the tour: a home, an X display, a session bus, a keychain.

Linux only. ``python -m tests.stage COMMAND …`` runs one command on a stage of its own and ends
with its exit code.
"""

from __future__ import annotations

import os
import select
import shutil
import subprocess
import sys
import tempfile
from contextlib import ExitStack
from types import TracebackType

from tests.with_keyring import KeyringSession

TOOLS = ("Xvfb", "dbus-daemon", "gnome-keyring-daemon")
PATIENCE = 20.0
"""Seconds that the display gets to come up; a loaded machine needs a few."""

_DROPPED = (
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
    """Starts display, bus and keychain, knows the environment for them, and takes all down again.

    Everything lives in temporary folders, and only children of this object are ever ended.
    """

    def __init__(self, size: str = "1600x1000") -> None:
        self._stack = ExitStack()
        self._keyring = KeyringSession()
        self._size = size
        self.env: dict[str, str] = {}
        self.dropped: tuple[str, ...] = _DROPPED

    def __enter__(self) -> Stage:
        """Start everything; raises ``StageError`` when a part does not come up."""
        if missing := [tool for tool in TOOLS if shutil.which(tool) is None]:
            raise StageError(
                f"{', '.join(missing)} missing: run `python3 make.py test` once, it installs them"
            )
        with ExitStack() as stack:
            stack.callback(self._stack.close)
            self._stack.enter_context(self._keyring)
            self._keyring.start_daemon()
            self.env |= self._keyring.environment
            self.env |= {"XDG_STATE_HOME": f"{self.env['HOME']}/.local/state"}
            # Qt warns in a locale that is not UTF-8, and a bare machine sets none.
            self.env |= {"LANG": "C.UTF-8", "LC_ALL": "C.UTF-8"}
            self.env |= {"NO_PROXY": "127.0.0.1,localhost", "NO_AT_BRIDGE": "1"}
            self.env |= {"DISPLAY": self._start_display(), "QT_QPA_PLATFORM": "xcb"}
            if os.geteuid() == 0:
                # Chromium refuses its sandbox to root, often the only user of a test machine.
                self.env["QTWEBENGINE_DISABLE_SANDBOX"] = "1"
            stack.pop_all()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stack.close()

    def environ(self) -> dict[str, str]:
        """Return the environment for a process on this stage."""
        kept = {name: value for name, value in os.environ.items() if name not in self.dropped}
        return kept | self.env

    def _start_display(self) -> str:
        read, write = os.pipe()
        command = ["Xvfb", "-displayfd", str(write), "-screen", "0", f"{self._size}x24"]
        command += ["-nolisten", "tcp", "-noreset", "-dpi", "96"]
        if shutil.which("setpriv"):
            # Ends the server when this process dies, however it dies.
            command = ["setpriv", "--pdeathsig", "TERM", "--", *command]
        with tempfile.TemporaryFile() as log:
            child = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, pass_fds=(write,)
            )
            self._stack.callback(_end, child)
            os.close(write)
            with os.fdopen(read) as pipe:
                ready = select.select([pipe], [], [], PATIENCE)[0]
                number = pipe.readline().strip() if ready else ""
            if not number:
                log.seek(0)
                words = log.read().decode(errors="replace").strip()
                raise StageError(f"Xvfb did not come up: {words or 'no reason given'}")
        return f":{number}"


def _end(child: subprocess.Popen[bytes]) -> None:
    child.terminate()
    try:
        child.wait(5)
    except subprocess.TimeoutExpired:
        child.kill()
        child.wait()


def main() -> int:
    """Run the command given as arguments on a stage; return its exit code."""
    try:
        with Stage() as stage:
            return subprocess.run(sys.argv[1:], env=stage.environ(), check=False).returncode
    except StageError as error:
        print(f"The virtual desktop did not start: {error}", file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())
