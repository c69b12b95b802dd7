"""Which keychain is used, and why the others are not."""

from __future__ import annotations

import pytest

from adwarden.storage.keychain_choices import choices
from adwarden.storage.keychain_status import KeychainState, KeychainStatus


def test_why_each_keychain_is_used_or_not() -> None:
    missing = KeychainStatus(KeychainState.MISSING, "Windows Credential Manager", "A part is gone.")
    windows = choices(missing, "win32")
    assert (windows[0].used, windows[0].why) == (False, "A part is gone.")
    assert windows[-1].why.startswith("Never used")
    mac = choices(KeychainStatus(KeychainState.READY, "macOS Keychain"), "darwin")
    assert mac[0].used


@pytest.mark.keychain
@pytest.mark.usefixtures("real_keyring")
def test_why_each_linux_keychain_is_used_or_not() -> None:
    found = choices(KeychainStatus(KeychainState.READY, "GNOME Keyring"), "linux")
    assert [one.name for one in found if one.used] == ["GNOME Keyring"]
    assert {one.name for one in found} > {"KWallet", "KeePassXC"}
    assert all(one.why for one in found)


def test_without_a_bus_the_reason_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nowhere/bus")
    found = choices(KeychainStatus(KeychainState.MISSING, "Secret Service"), "linux")
    assert "no session bus" in found[0].why
