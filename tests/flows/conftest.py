"""A desk of each test's own; the ``server`` at it is the test file's."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from adwarden.practice.server import PracticeServer
from tests.flows.desk import NO_PAGE, Desk
from tests.with_keyring import KeyringSession


@pytest.fixture(autouse=True, scope="session")
def interrupts() -> None:
    """Let programs be interrupted where the tests themselves run in a shell's background.

    Such a shell has SIGINT ignored, and whoever is started inherits that.
    """
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture
def keyring() -> Iterator[KeyringSession]:
    """Yield a bus and a keychain of this test's own, to be frozen, locked or taken away."""
    with KeyringSession() as session:
        session.start_daemon()
        yield session


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "data"
    folder.mkdir(mode=0o700)
    (folder / "settings.ini").write_text(NO_PAGE)
    return folder


@pytest.fixture
def desk(folder: Path, server: PracticeServer, keyring: KeyringSession) -> Iterator[Desk]:
    desk = Desk(folder, server, keyring)
    yield desk
    desk.close()
