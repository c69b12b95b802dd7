"""Locks and unlocks the real keychain of the stage, as its own programs would."""

from __future__ import annotations

import secretstorage
from secretstorage.util import DBusAddressWrapper, format_secret, open_session

from tests.with_keyring import PASSWORD

_UNLOCKER = "org.gnome.keyring.InternalUnsupportedGuiltRiddenInterface"


def lock() -> None:
    """Lock the default collection."""
    with secretstorage.dbus_init() as connection:
        secretstorage.get_default_collection(connection).lock()


def unlock() -> None:
    """Unlock it with its password, without a prompt."""
    with secretstorage.dbus_init() as connection:
        collection = secretstorage.Collection(connection)
        secret = format_secret(open_session(connection), PASSWORD.encode(), "text/plain")
        service = DBusAddressWrapper("/org/freedesktop/secrets", _UNLOCKER, connection)
        service.call("UnlockWithMasterPassword", "o(oayays)", collection.collection_path, secret)
