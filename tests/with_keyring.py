"""A session bus, a GNOME keyring and a home of their own, for a command or for a test.

``python tests/with_keyring.py COMMAND ...`` runs COMMAND with an unlocked keyring and ends with
its exit code. Only processes started here are ended.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType

from jeepney import DBusErrorResponse, MatchRule
from jeepney.bus import get_bus
from jeepney.bus_messages import message_bus
from jeepney.io.blocking import DBusConnection, Proxy, prep_socket

NAME = "org.freedesktop.secrets"
PASSWORD = "test"
_WAIT_S = 20.0
_TIED = ("setpriv", "--pdeathsig", "TERM") if shutil.which("setpriv") else ()
"""Ends a process with the one that started it, also when that one crashes."""

_BUS_CONFIG = """<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>session</type>
  <listen>unix:path={socket}</listen>
  <auth>EXTERNAL</auth>
  {services}
  <policy context="mandatory">{forbidden}</policy>
  <policy context="default">
    <allow send_destination="*" eavesdrop="true"/>
    <allow eavesdrop="true"/>
    <allow own="*"/>
  </policy>
</busconfig>
"""


class KeyringSession:
    """The bus and the daemon; ``environment`` is what a program needs to use them.

    With ``activation`` the bus starts a missing service by itself, as on a desktop. There is no
    display in it, so that a prompt is dismissed at once instead of waiting for a person.
    """

    def __init__(self, *, activation: bool = False) -> None:
        # Sockets live in it, and the path of a socket has room for 107 characters only.
        self._root = Path(tempfile.mkdtemp(prefix="adwarden-keyring-", dir="/tmp"))
        self._activation = activation
        self._bus: subprocess.Popen[bytes] | None = None
        self._daemon: subprocess.Popen[bytes] | None = None
        self.address = f"unix:path={self._root / 'bus'}"
        home = self._root / "home"
        self.environment = {
            "HOME": str(home),
            "XDG_DATA_HOME": str(home / ".local/share"),
            "XDG_CONFIG_HOME": str(home / ".config"),
            "XDG_CACHE_HOME": str(home / ".cache"),
            "XDG_RUNTIME_DIR": str(self._root / "run"),
            "DBUS_SESSION_BUS_ADDRESS": self.address,
        }

    def __enter__(self) -> KeyringSession:
        for name, path in self.environment.items():
            if name != "DBUS_SESSION_BUS_ADDRESS":
                Path(path).mkdir(parents=True, mode=0o700, exist_ok=True)
        self.start_bus()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.stop_daemon()
        self.stop_bus()
        shutil.rmtree(self._root, ignore_errors=True)

    @property
    def daemon(self) -> subprocess.Popen[bytes]:
        """The running GNOME keyring."""
        assert self._daemon is not None
        return self._daemon

    @property
    def bus(self) -> subprocess.Popen[bytes]:
        """The running session bus."""
        assert self._bus is not None
        return self._bus

    def start_bus(self) -> None:
        """Start the bus and return when it listens."""
        config = self._configure("")
        readable, writable = os.pipe()
        self._bus = subprocess.Popen(
            [
                *_TIED,
                "dbus-daemon",
                f"--config-file={config}",
                "--nofork",
                f"--print-address={writable}",
            ],
            env=self._own_environment(),
            pass_fds=(writable,),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        os.close(writable)
        with os.fdopen(readable) as pipe:
            # Written once the socket listens; ends empty when the bus could not start.
            if not pipe.readline():
                raise RuntimeError("dbus-daemon did not start")

    def start_daemon(self, password: str | None = PASSWORD) -> None:
        """Start GNOME keyring and return when it is on the bus.

        With a password the default collection is made, or unlocked; with ``None`` it is not.
        """
        command = [*_TIED, "gnome-keyring-daemon", "--foreground", "--components=secrets"]
        with self._connection() as connection, connection.filter(_owner_rule()) as changes:
            Proxy(message_bus, connection).AddMatch(_owner_rule())
            self._daemon = subprocess.Popen(
                command if password is None else [*command, "--unlock"],
                env=self._own_environment(),
                stdin=subprocess.PIPE,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
            )
            assert self._daemon.stdin is not None
            self._daemon.stdin.write((password or "").encode())
            self._daemon.stdin.close()
            connection.recv_until_filtered(changes, timeout=_WAIT_S)

    def stop_daemon(self) -> None:
        """End GNOME keyring, if it runs."""
        _end(self._daemon)
        self._daemon = None

    def kill_daemon(self) -> None:
        """Kill GNOME keyring as a crash would, and return when the bus has noticed."""
        with self._connection() as connection, connection.filter(_owner_rule()) as changes:
            Proxy(message_bus, connection).AddMatch(_owner_rule())
            self.daemon.kill()
            self.daemon.wait()
            connection.recv_until_filtered(changes, timeout=_WAIT_S)
        self._daemon = None

    def stop_bus(self) -> None:
        """End the bus, if it runs; services that it started end with it."""
        _end(self._bus)
        self._bus = None

    def forbid(self, *calls: str) -> None:
        """Have the bus refuse these calls from now on, ``Item.Delete`` for instance, and no others.

        The service runs, and whoever calls is told that access is denied.
        """
        rule = '<deny send_interface="org.freedesktop.Secret.{}" send_member="{}"/>'
        self._configure("".join(rule.format(*call.split(".")) for call in calls))
        with self._connection() as connection:
            Proxy(message_bus, connection).ReloadConfig()

    def owner_pid(self) -> int:
        """Return the process id of whoever offers the service, 0 when nobody does."""
        with self._connection() as connection:
            bus = Proxy(message_bus, connection)
            try:
                return int(bus.GetConnectionUnixProcessID(NAME)[0])
            except DBusErrorResponse:
                return 0

    def _configure(self, forbidden: str) -> Path:
        config = self._root / "bus.conf"
        services = "<standard_session_servicedirs/>" if self._activation else ""
        socket = self._root / "bus"
        config.write_text(_BUS_CONFIG.format(socket=socket, services=services, forbidden=forbidden))
        return config

    def _own_environment(self) -> dict[str, str]:
        hidden = ("DISPLAY", "WAYLAND_DISPLAY", "GNOME_KEYRING_CONTROL")
        outer = {name: value for name, value in os.environ.items() if name not in hidden}
        return {**outer, **self.environment}

    @contextmanager
    def _connection(self) -> Iterator[DBusConnection]:
        connection = DBusConnection(prep_socket(get_bus(self.address)))
        try:
            yield connection
        finally:
            connection.close()


def _owner_rule() -> MatchRule:
    rule = MatchRule(type="signal", sender="org.freedesktop.DBus", member="NameOwnerChanged")
    rule.add_arg_condition(0, NAME)
    return rule


def _end(process: subprocess.Popen[bytes] | None) -> None:
    if process is None or process.poll() is not None:
        return
    process.terminate()
    try:
        process.wait(timeout=5)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def main(command: list[str]) -> int:
    """Run ``command`` in a session of its own and return its exit code."""
    if not command:
        print("usage: with_keyring.py COMMAND ...", file=sys.stderr)
        return 2
    # As an exception, so that what was started here ends with this program.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    with KeyringSession() as session:
        session.start_daemon()
        return subprocess.run(command, env={**os.environ, **session.environment}).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
