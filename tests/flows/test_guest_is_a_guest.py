"""The embedded page in the whole program: what the environment asks for does not disarm it."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from adwarden.practice.server import PracticeServer
from adwarden.practice.world import make_world
from tests.fakes.person import authorize
from tests.flows.outside import Program, descendants

pytestmark = [pytest.mark.flow, pytest.mark.webengine, pytest.mark.keychain]

LISTEN = "0A"
"""How the kernel's table writes that a socket takes connections."""


@pytest.fixture
def server() -> Iterator[PracticeServer]:
    server = PracticeServer(make_world(seed=3))
    server.start()
    yield server
    server.stop()


def start(folder: Path, server: PracticeServer, **environment: str | None) -> Program:
    """Start the program with this environment."""
    addresses = {"ADWARDEN_X_API_URL": server.url, "ADWARDEN_X_ADS_URL": server.url}
    return Program(folder, environment={**addresses, **environment})


def add_app(program: Program, server: PracticeServer) -> None:
    """Add the first of the server's apps."""
    app = server.world.apps[0]
    program.ask("add_app", label="Agency app", key=app.key, secret=app.secret)


def test_no_debugging_port_is_open_while_the_page_is(
    tmp_path: Path, server: PracticeServer
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    asked = {
        "QTWEBENGINE_REMOTE_DEBUGGING": str(port),
        "QTWEBENGINE_CHROMIUM_FLAGS": f"--remote-debugging-port={port} --no-sandbox",
    }
    with start(tmp_path / "data", server, **asked) as program:
        program.painted()
        add_app(program, server)
        program.ask("open_page")
        ours = descendants(program.process.pid)
        assert any(b"QtWebEngineProcess" in command_line(pid) for pid in ours)
        assert not any(b"remote-debugging" in command_line(pid) for pid in ours)
        assert listening(ours) == []
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection(("127.0.0.1", port), timeout=5)
        program.ask("close_dialog", name="Connect account")
        program.close()
        assert program.process.returncode == 0


@pytest.mark.skipif(os.geteuid() != 0, reason="only root is refused the sandbox")
def test_root_without_a_sandbox_authorizes_in_the_system_browser(
    tmp_path: Path, server: PracticeServer
) -> None:
    with start(tmp_path / "data", server, QTWEBENGINE_DISABLE_SANDBOX=None) as program:
        program.painted()
        add_app(program, server)
        program.ask("press", name="Connect account")
        program.ask("words", parts=["sandbox", "root"], on="Connect account")
        link = program.ask("link")
        ours = descendants(program.process.pid)
        assert not any(b"QtWebEngineProcess" in command_line(pid) for pid in ours)
        program.ask("enter_pin", pin=authorize(link, "contoso"))
        program.ask("row", parts=["@contoso", "Working"])
        program.close()
        assert program.process.returncode == 0


def command_line(pid: int) -> bytes:
    """Return the command line of a process; empty when it has ended."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return b""


def listening(pids: set[int]) -> list[str]:
    """Return the addresses at which these processes take connections, as the kernel writes them."""
    sockets = set()
    for pid in pids:
        for descriptor in Path(f"/proc/{pid}/fd").iterdir():
            try:
                target = str(descriptor.readlink())
            except OSError:  # closed meanwhile
                continue
            sockets.add(target)
    found = []
    for table in ("tcp", "tcp6"):
        for line in Path(f"/proc/net/{table}").read_text().splitlines()[1:]:
            fields = line.split()
            if fields[3] == LISTEN and f"socket:[{fields[9]}]" in sockets:
                found.append(fields[1])
    return found
