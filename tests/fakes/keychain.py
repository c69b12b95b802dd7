"""Stand-ins for a keychain, and the fixtures that give a test a real one."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest
from keyring.errors import PasswordDeleteError

from adwarden.domain.model import Credential
from adwarden.domain.secret import Secret
from adwarden.storage.vault import KeychainState, KeychainStatus
from tests.with_keyring import KeyringSession

READY = KeychainStatus(KeychainState.READY, "Test keychain")
LOCKED = KeychainStatus(KeychainState.LOCKED, "Test keychain", "It is locked.", "Unlock it.")


def token(text: str = "1234567890-abc", handle: str = "northwind") -> Credential:
    """Return a credential as a connection has it."""
    return Credential(
        "x-oauth1-token",
        {"token": Secret(text), "secret": Secret(f"secret of {text}")},
        {"user_id": "1234567890", "screen_name": handle, "app": "Agency app"},
    )


class MemoryBackend:
    """A keychain in memory that does what a test tells it.

    ``failures`` maps a method to what it raises. ``answer`` replaces what reading gives.
    While ``gate`` is not set, calls block after setting ``entered``.
    """

    def __init__(self) -> None:
        self.entries: dict[tuple[str, str], str] = {}
        self.calls: list[tuple[str, str]] = []
        self.threads: set[int] = set()
        self.failures: dict[str, Exception] = {}
        self.answer: str | None = None
        self.gate = threading.Event()
        self.gate.set()
        self.entered = threading.Event()

    def get_password(self, service: str, username: str) -> str | None:
        self._enter("get", service)
        return self.entries.get((service, username)) if self.answer is None else self.answer

    def set_password(self, service: str, username: str, password: str) -> None:
        self._enter("set", service)
        self.entries[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        self._enter("delete", service)
        if self.entries.pop((service, username), None) is None:
            raise PasswordDeleteError(service)

    def done(self, service: str) -> list[str]:
        """Return the methods called for one service, in order."""
        return [method for method, called in self.calls if called == service]

    def _enter(self, method: str, service: str) -> None:
        self.threads.add(threading.get_ident())
        self.entered.set()
        self.gate.wait()
        self.calls.append((method, service))
        if method in self.failures:
            raise self.failures[method]


@pytest.fixture(scope="session")
def keyring_daemon() -> Iterator[KeyringSession]:
    """Return an unlocked GNOME keyring on a bus of its own, one for a whole test process."""
    with KeyringSession() as session:
        session.start_daemon()
        yield session


@pytest.fixture
def real_keyring(keyring_daemon: KeyringSession, monkeypatch: pytest.MonkeyPatch) -> KeyringSession:
    """Return the unlocked GNOME keyring, with the environment pointing to it."""
    use(keyring_daemon, monkeypatch)
    return keyring_daemon


@pytest.fixture
def own_session(monkeypatch: pytest.MonkeyPatch) -> Iterator[KeyringSession]:
    """Return a bus for this test alone; no keyring runs on it yet."""
    with KeyringSession() as session:
        use(session, monkeypatch)
        yield session


def use(session: KeyringSession, monkeypatch: pytest.MonkeyPatch) -> None:
    """Point this process to ``session``."""
    for name, value in session.environment.items():
        monkeypatch.setenv(name, value)
