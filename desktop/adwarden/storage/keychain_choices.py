"""Which keychains there could be on a system, which one is used, and why the others are not.

For the keychain thread: it may ask the session bus. Reads no setting and loads no plug-in.
"""

from __future__ import annotations

import sys

from adwarden.domain.data import dataclass
from adwarden.storage.keychain_status import KeychainState, KeychainStatus

_SERVICE = "org.freedesktop.secrets"
_LINUX = {
    "GNOME Keyring": ("org.gnome.keyring",),
    "KWallet": ("org.kde.kwalletd6", "org.kde.kwalletd5", "org.kde.secretservicecompat"),
    "KeePassXC": ("org.keepassxc.KeePassXC.MainWindow",),
}
_HINTS = {
    "KWallet": "switch on its Secret Service interface in KDE’s settings",
    "KeePassXC": "switch on its Secret Service integration in its settings",
    "GNOME Keyring": "start it with the desktop session",
}
_NEVER = (
    "Plain text files, and what plug-ins of the keyring library offer",
    "Never used: a setting or an environment variable could lead there without anybody seeing it.",
)


@dataclass(frozen=True, slots=True)
class Choice:
    """A keychain; ``why`` says in words why it is used or is not."""

    name: str
    used: bool
    why: str


def choices(status: KeychainStatus, platform: str = sys.platform) -> tuple[Choice, ...]:
    """Return all keychains that were thought of; ``status`` is that of the one in use."""
    never = Choice(_NEVER[0], False, _NEVER[1])
    if platform == "win32":
        own = _own("Windows Credential Manager", status, "It is the keychain of Windows.")
        return (own, never)
    if platform == "darwin":
        own = _own("macOS Keychain", status, "It is the keychain of macOS.")
        return (own, never)
    return (*_on_linux(status), never)


def _own(name: str, status: KeychainStatus, why: str) -> Choice:
    if status.state is KeychainState.MISSING:
        return Choice(name, False, status.message)
    return Choice(name, True, why)


def _on_linux(status: KeychainStatus) -> tuple[Choice, ...]:
    try:
        running, startable, owner = _on_the_bus()
    except (OSError, KeyError, ValueError, RuntimeError):
        return (Choice("Secret Service", False, "There is no session bus to ask."),)
    used = status.backend if owner else ""
    found = [
        Choice(name, True, "It answers for the Secret Service of this desktop session.")
        if name == used
        else Choice(name, False, _why_not(name, names, running, startable, used))
        for name, names in _LINUX.items()
    ]
    if used and used not in _LINUX:
        words = "A program that Adwarden does not know answers for the Secret Service."
        found.insert(0, Choice(used, True, words))
    return tuple(sorted(found, key=lambda one: not one.used))


def _why_not(
    name: str, names: tuple[str, ...], running: set[str], startable: set[str], used: str
) -> str:
    if running & set(names):
        if used:
            return f"It runs, but {used} answers for the Secret Service."
        return f"It runs, but does not answer for the Secret Service: {_HINTS[name]}."
    if startable & set(names):
        return "It is installed, but does not run."
    return "It does not run here, or is not installed."


def _on_the_bus() -> tuple[set[str], set[str], bool]:
    """Return the names that are on the bus, those that could be, and whether the service is.

    Raises ``OSError`` or ``KeyError`` without a bus, ``ValueError`` for an address that is none.
    """
    from jeepney.bus_messages import message_bus
    from jeepney.io.blocking import Proxy, open_dbus_connection

    with open_dbus_connection("SESSION") as connection:
        bus = Proxy(message_bus, connection, timeout=3.0)
        running = set(bus.ListNames()[0])
        startable = set(bus.ListActivatableNames()[0])
    return running, startable, _SERVICE in running
