"""The Secret Service of the Linux desktops: its state, and the one connection to it.

Nothing here shows a prompt except ``unlock``. To be imported on the keychain thread, when first
needed; the state is read with the D-Bus client alone, without loading cryptography.
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from jeepney import DBusAddress, DBusErrorResponse, MatchRule, MessageType, Properties
from jeepney.bus import get_bus
from jeepney.bus_messages import message_bus
from jeepney.io.blocking import Proxy, prep_socket

from adwarden.storage.keychain_status import KeychainState, KeychainStatus
from adwarden.storage.secret_service_bus import (
    BUS_NAME,
    PROBE_S,
    Connection,
    PromptLeftOpenError,
)

if TYPE_CHECKING:
    from secretstorage import Collection
    from secretstorage.dhcrypto import Session

GENERIC, _GNOME = "Secret Service", "GNOME Keyring"
_PRODUCTS = {
    "org.gnome.keyring": _GNOME,
    "org.kde.kwalletd6": "KWallet",
    "org.kde.kwalletd5": "KWallet",
    "org.kde.secretservicecompat": "KWallet",
    "org.keepassxc.KeePassXC.MainWindow": "KeePassXC",
}
_COLLECTION = DBusAddress(
    "/org/freedesktop/secrets/aliases/default", BUS_NAME, "org.freedesktop.Secret.Collection"
)
_ERROR = "org.freedesktop.DBus.Error."
_NO_COLLECTION = {_ERROR + name for name in ("UnknownMethod", "UnknownObject")}
_NO_COLLECTION.add("org.freedesktop.Secret.Error.NoSuchObject")
_NO_SERVICE = {_ERROR + name for name in ("ServiceUnknown", "Spawn.ExecFailed", "NoReply")}
_GREETING_S = 1.0
_OPERATION_S = 120.0
"""Generous, for a slow disk: it is only there so that the thread is free again one day."""

_STILL_ASKS = (
    "The system’s question for its password is still open, and cannot be closed from here: answer "
    "it or close it there."
)


class ServiceMissingError(Exception):
    """The program that offers the Secret Service cannot be started, or ended."""


class SecretService:
    """The service behind one kept connection and one encrypted session; for one thread only.

    Keeping them saves two key agreements a call, which is most of the time of a read. They are
    made anew when the service was restarted or the connection broke.
    """

    def __init__(self) -> None:
        self._connection: Connection | None = None
        self._session: Session | None = None
        self._owner = ""
        self._product = GENERIC
        self._left: Connection | None = None
        """Over which a question was asked that nobody waits for any more."""

    def status(self) -> KeychainStatus:
        """Return the state, in about 1 ms and without a prompt; waits 3 s for a dead bus."""
        kept = self._connection is not None
        try:
            try:
                return self._look()
            except ConnectionError:
                self._hang_up()
                if not kept:
                    raise
                # The bus may have been restarted since; only a new connection can tell.
                return self._look()
        except TimeoutError:
            return self._failed("The system keychain did not answer in time.")
        except (OSError, KeyError, ValueError, RuntimeError):
            return self._missing("There is no session bus, which the system keychain needs.")
        except ServiceMissingError:
            return self._missing("The program that keeps the system keychain does not start.")
        except DBusErrorResponse:
            return self._failed("The system keychain gave an error instead of its state.")

    def collection(self) -> Collection:
        """Return the default collection, ready to use; never prompts.

        Raises ``LockedException``, ``ItemNotFoundException`` when there is none, and what the
        bus raises.
        """
        from secretstorage import Collection
        from secretstorage.exceptions import LockedException
        from secretstorage.util import open_session

        connection = self._connect()
        self._greet(connection)
        collection = Collection(connection)
        if collection.is_locked():
            raise LockedException
        if self._session is None:
            self._session = open_session(connection)
        collection.session = self._session
        connection.limit = _OPERATION_S
        return collection

    def unlock(self, given_up: threading.Event) -> None:
        """Let the system ask for the password, or for one for a new default collection.

        Blocks until the prompt is answered, or until ``given_up`` is set. Then it is closed, save
        for GNOME Keyring's: that one (42.1) aborts when it is asked to. What was left open is
        waited for again the next time. Raises ``PromptDismissedException``,
        ``PromptGivenUpError``, ``PromptLeftOpenError``.
        """
        try:
            if (left := self._still_asking()) is None:
                self._unlock(given_up)
                return
            # A second question would only stand in line behind it.
            dismissed = left.wait_again(given_up)
        except PromptLeftOpenError:
            if self._left is None:
                self._left, self._connection, self._session = self._connection, None, None
            raise
        self._forget_left()
        if dismissed:
            from secretstorage.exceptions import PromptDismissedException

            raise PromptDismissedException

    def _unlock(self, given_up: threading.Event) -> None:
        from secretstorage import Collection, create_collection
        from secretstorage.exceptions import ItemNotFoundException, PromptDismissedException
        from secretstorage.util import add_match_rules, open_session

        connection = self._connect()
        if not self._greet(connection):
            raise ServiceMissingError
        add_match_rules(connection)
        closes = self._product != _GNOME
        try:
            collection = Collection(connection)
        except ItemNotFoundException:
            session = open_session(connection)
            with connection.prompting(given_up, closes=closes):
                create_collection(connection, "Default", "default", session)
            return
        if collection.is_locked():
            with connection.prompting(given_up, closes=closes):
                dismissed = collection.unlock()
            if dismissed:
                raise PromptDismissedException

    def close(self) -> None:
        """Close the connections; the next call makes a new one."""
        self._forget_left()
        self._hang_up()

    def _still_asking(self) -> Connection | None:
        if self._left is not None and not self._left.still_asks():
            self._forget_left()
        return self._left

    def _forget_left(self) -> None:
        left, self._left = self._left, None
        if left is not None:
            left.hang_up()

    def _hang_up(self) -> None:
        connection, self._connection = self._connection, None
        self._session = None
        self._owner = ""
        if connection is not None:
            connection.hang_up()

    def _connect(self) -> Connection:
        if self._connection is not None and self._connection.broken:
            self._hang_up()
        if self._connection is None:
            self._connection = _open()
        self._connection.limit = PROBE_S
        return self._connection

    def _look(self) -> KeychainStatus:
        connection = self._connect()
        if not self._greet(connection):
            return self._missing("No program on this computer offers the Secret Service.")
        locked = _is_locked(connection)
        asks = self._still_asking() is not None
        if locked is None:
            return KeychainStatus(
                KeychainState.NO_COLLECTION,
                self._product,
                "The system keychain has no default keyring to keep entries in yet.",
                _STILL_ASKS if asks else "Unlock it: the system asks for a password for a new one.",
            )
        if locked:
            return KeychainStatus(
                KeychainState.LOCKED,
                self._product,
                "It gives nothing out and takes nothing in while it is locked.",
                _STILL_ASKS if asks else "Unlock it: the system asks for its password.",
            )
        return KeychainStatus(KeychainState.READY, self._product)

    def _greet(self, connection: Connection) -> bool:
        """Find the service, start it if it can be; a restarted one knows no old session."""
        bus = Proxy(message_bus, connection)
        owner = _owner_of(bus, BUS_NAME)
        if not owner:
            if BUS_NAME not in bus.ListActivatableNames()[0]:
                return False
            _start(bus)
            owner = _owner_of(bus, BUS_NAME)
        if owner != self._owner:
            self._owner, self._session = owner, None
            found = (label for name, label in _PRODUCTS.items() if _owner_of(bus, name) == owner)
            self._product = next(found, GENERIC)
        return True

    def _missing(self, message: str) -> KeychainStatus:
        self.close()
        remedy = "Start Adwarden from a desktop session with GNOME Keyring, KWallet or KeePassXC."
        return KeychainStatus(KeychainState.MISSING, GENERIC, message, remedy)

    def _failed(self, message: str) -> KeychainStatus:
        product = self._product
        self._hang_up()
        remedy = "Try again in a while, or sign in to the desktop again."
        return KeychainStatus(KeychainState.FAILED, product, message, remedy)


def _open() -> Connection:
    sock = prep_socket(get_bus("SESSION"), timeout=_GREETING_S)
    try:
        connection = Connection(sock)
        rule = MatchRule(type="signal", sender="org.freedesktop.DBus", member="NameOwnerChanged")
        rule.add_arg_condition(0, BUS_NAME)
        Proxy(message_bus, connection).AddMatch(rule)
    except (OSError, DBusErrorResponse):
        sock.close()
        raise
    return connection


def _is_locked(connection: Connection) -> bool | None:
    """Ask the default collection; ``None`` when there is none."""
    reply = connection.send_and_get_reply(Properties(_COLLECTION).get("Locked"))
    if reply.header.message_type is not MessageType.error:
        return bool(reply.body[0][1])
    error = DBusErrorResponse(reply)
    if error.name in _NO_COLLECTION:
        return None
    if error.name in _NO_SERVICE:
        raise ServiceMissingError
    raise error


def _owner_of(bus: Proxy, name: str) -> str:
    try:
        return str(bus.GetNameOwner(name)[0])
    except DBusErrorResponse as error:
        if error.name == "org.freedesktop.DBus.Error.NameHasNoOwner":
            return ""
        raise


def _start(bus: Proxy) -> None:
    try:
        bus.StartServiceByName(BUS_NAME)
    except DBusErrorResponse as error:
        if str(error.name).startswith("org.freedesktop.DBus.Error.Spawn."):
            raise ServiceMissingError from None
        raise
