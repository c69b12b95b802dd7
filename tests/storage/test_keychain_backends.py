from __future__ import annotations

import sys
import types
from collections.abc import Iterator

import pytest

from adwarden.domain.errors import ErrorCode, KeychainError
from adwarden.storage.keychain_backends import system_keychain
from adwarden.storage.vault import KeychainState, Vault, entry_service
from tests.fakes.keychain import token

SERVICE = entry_service("Agency app", "k3f9a2b1")
USER = "@northwind"


class _Error(Exception):
    """What pywintypes.error looks like."""

    def __init__(self, winerror: int, funcname: str, strerror: str) -> None:
        super().__init__(winerror, funcname, strerror)
        self.winerror = winerror
        self.funcname = funcname


class Credentials:
    """The Credential Manager as ``win32cred`` shows it, with its limit and its own errors."""

    CRED_TYPE_GENERIC = 1
    CRED_PERSIST_SESSION = 1
    CRED_PERSIST_LOCAL_MACHINE = 2
    CRED_PERSIST_ENTERPRISE = 3

    def __init__(self) -> None:
        self.targets: dict[str, dict[str, object]] = {}
        self.calls: list[tuple[str, str]] = []

    def CredRead(self, Type: int, TargetName: str) -> dict[str, object]:  # noqa: N803
        if TargetName not in self.targets:
            raise _Error(1168, "CredRead", "Element not found.")
        return self.targets[TargetName]

    def CredWrite(self, credential: dict[str, object], flags: int) -> None:
        blob = str(credential["CredentialBlob"]).encode("utf-16-le")
        if len(blob) > 2560:
            raise _Error(1783, "CredWrite", "The stub received bad data.")
        target = str(credential["TargetName"])
        self.calls.append(("write", target))
        self.targets[target] = {**credential, "CredentialBlob": blob}

    def CredDelete(self, Type: int, TargetName: str) -> None:  # noqa: N803
        if TargetName not in self.targets:
            raise _Error(1168, "CredDelete", "Element not found.")
        self.calls.append(("delete", TargetName))
        del self.targets[TargetName]


@pytest.fixture
def windows(monkeypatch: pytest.MonkeyPatch) -> Iterator[Credentials]:
    credentials = Credentials()
    pywintypes = types.ModuleType("pywintypes")
    pywintypes.error = _Error  # type: ignore[attr-defined]
    pywin32 = types.ModuleType("win32ctypes.pywin32")
    pywin32.pywintypes = pywintypes  # type: ignore[attr-defined]
    pywin32.win32cred = credentials  # type: ignore[attr-defined]
    credentials.__name__ = "win32cred"  # type: ignore[attr-defined]
    package = types.ModuleType("win32ctypes")
    package.pywin32 = pywin32  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "win32ctypes", package)
    monkeypatch.setitem(sys.modules, "win32ctypes.pywin32", pywin32)
    ours = ("keyring.backends.Windows", "adwarden.storage.keychain_windows")
    for name in ours:
        monkeypatch.delitem(sys.modules, name, raising=False)
    yield credentials
    for name in ours:
        sys.modules.pop(name, None)


def test_windows_keeps_one_copy_and_keeps_it_on_the_computer(
    windows: Credentials, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KEYRING_PROPERTY_PERSIST", "enterprise")
    vault = Vault(system=system_keychain("win32"))
    assert vault.status().state is KeychainState.READY
    assert vault.status().backend == "Windows Credential Manager"
    vault.put(SERVICE, USER, token("old"))
    windows.calls.clear()
    vault.put(SERVICE, USER, token("new"))
    assert windows.calls == [("delete", SERVICE), ("write", SERVICE)]
    assert vault.get(SERVICE, USER) == token("new")
    assert set(windows.targets) == {SERVICE, "Adwarden · index · 1"}
    assert {stored["Persist"] for stored in windows.targets.values()} == {2}
    vault.delete(SERVICE, USER)
    assert windows.targets == {}
    assert vault.selftest().passed


def test_an_entry_that_windows_could_not_hold_never_gets_there(windows: Credentials) -> None:
    vault = Vault(system=system_keychain("win32"))
    with pytest.raises(KeychainError) as caught:
        vault.put(SERVICE, USER, token("t" * 1000))
    assert caught.value.code is ErrorCode.ENTRY_TOO_LARGE
    assert windows.targets == {}


@pytest.mark.skipif(sys.platform != "linux", reason="asks for the keychains of other systems")
@pytest.mark.parametrize(
    ("platform", "name"), [("win32", "Windows Credential Manager"), ("darwin", "macOS Keychain")]
)
def test_the_keychain_of_another_system_is_missing_in_words(platform: str, name: str) -> None:
    vault = Vault(system=system_keychain(platform))
    status = vault.status()
    assert (status.state, status.backend) == (KeychainState.MISSING, name)
    assert status.message
    assert status.remedy
    with pytest.raises(KeychainError) as caught:
        vault.get(SERVICE, USER)
    assert caught.value.code is ErrorCode.KEYCHAIN_MISSING


def test_macos_uses_the_default_keychain_whatever_the_environment_says(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("KEYCHAIN_PATH", "/tmp/other.keychain")
    monkeypatch.setenv("KEYRING_PROPERTY_KEYCHAIN", "/tmp/other.keychain")
    for name in ("keyring.backends.macOS", "adwarden.storage.keychain_macos"):
        monkeypatch.delitem(sys.modules, name, raising=False)
    backend = system_keychain("darwin").backend()
    assert getattr(backend, "keychain", "?") is None
