"""Many entries of the Secret Service in two exchanges instead of two for each of them.

Only entries that are asked for by name are read: other programs file theirs the same way. Names
can be found without reading anything.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import islice
from typing import TYPE_CHECKING, Any

from jeepney import (
    DBusAddress,
    DBusErrorResponse,
    HeaderFields,
    Message,
    MessageType,
    Properties,
    new_method_call,
)

from adwarden.storage.keychain_codec import damaged
from adwarden.storage.keychain_errors import locked_entry
from adwarden.storage.keychain_status import EntryName
from adwarden.storage.secret_service import SecretService
from adwarden.storage.secret_service_bus import BUS_NAME

if TYPE_CHECKING:
    from adwarden.domain.errors import KeychainError
    from adwarden.storage.secret_service_bus import Connection

_SERVICE = DBusAddress("/org/freedesktop/secrets", BUS_NAME, "org.freedesktop.Secret.Service")
_COLLECTION = "org.freedesktop.Secret.Collection"
_ITEM = "org.freedesktop.Secret.Item"
_FILED_BY = {"application": "Python keyring library"}
"""What keyring says of each entry beside its two names (``Keyring.appid``)."""

_AHEAD = 100
"""Searches on their way at once; a session bus refuses more than some ten thousand."""

_AT_ONCE = 500
"""Secrets in one answer; a message of the bus may have 128 MB."""


def read_all(
    service: SecretService, names: Iterable[EntryName]
) -> dict[EntryName, str | KeychainError]:
    """Return the texts of the entries that are there, by name; never prompts.

    A locked entry has its error in place of the text. Raises what the bus and the collection
    raise, ``LockedException`` among it.
    """
    from secretstorage.util import DBusAddressWrapper

    wanted = list(dict.fromkeys(names))
    collection = service.collection()
    connection, session = collection.connection, collection.session
    assert session is not None
    assert session.aes_key is not None
    key = session.aes_key
    where = DBusAddress(collection.collection_path, BUS_NAME, _COLLECTION)
    searches = [
        new_method_call(where, "SearchItems", "a{ss}", ({"service": s, "username": u},))
        for s, u in wanted
    ]
    # The first one counts where there are several, as it does when one entry is read.
    paths = {
        name: found[0][0]
        for name, found in zip(wanted, _exchange(connection, searches), strict=True)
        if found[0]
    }
    secrets: dict[str, Any] = {}
    bus = DBusAddressWrapper(_SERVICE.object_path, _SERVICE.interface, connection)
    unread = iter(paths.values())
    while batch := list(islice(unread, _AT_ONCE)):
        # Those that are locked are left out of the answer.
        secrets |= bus.call("GetSecrets", "aoo", batch, session.object_path)[0]
    return {name: _text(secrets.get(path), key) for name, path in paths.items()}


def find_all(service: SecretService) -> tuple[EntryName, ...] | None:
    """Return the names of all entries that keyring has filed, by whichever program.

    ``None`` where the service refuses to search like that. Never prompts, reads no secret. Raises
    what the bus and the collection raise.
    """
    collection = service.collection()
    connection = collection.connection
    where = DBusAddress(collection.collection_path, BUS_NAME, _COLLECTION)
    search = new_method_call(where, "SearchItems", "a{ss}", (_FILED_BY,))
    try:
        paths = _exchange(connection, [search])[0][0]
        wanted = [
            Properties(DBusAddress(path, BUS_NAME, _ITEM)).get("Attributes") for path in paths
        ]
        answers = _exchange(connection, wanted)
    except DBusErrorResponse:
        return None  # also where an entry went in between
    told = (answer[0][1] for answer in answers)
    names = (EntryName(one.get("service", ""), one.get("username", "")) for one in told)
    return tuple(dict.fromkeys(names))


def _exchange(connection: Connection, calls: Sequence[Message]) -> list[Any]:
    """Send all before the first answer has come; return the answers' bodies in order."""
    answers: dict[int, Any] = {}
    serials: list[int] = []
    ahead = iter(calls)

    def send(count: int) -> None:
        for call in islice(ahead, count):
            serials.append(next(connection.outgoing_serial))
            connection.send(call, serial=serials[-1])

    send(_AHEAD)
    while len(answers) < len(serials):
        message = connection.receive()
        serial = message.header.fields.get(HeaderFields.reply_serial, -1)
        if serial not in serials[-2 * _AHEAD :]:
            continue
        if message.header.message_type is MessageType.error:
            raise DBusErrorResponse(message)
        answers[serial] = message.body
        send(1)
    return [answers[serial] for serial in serials]


def _text(secret: Any, key: bytes) -> str | KeychainError:  # noqa: ANN401 - of the bus
    """Return the text of one secret: session, vector, cipher text (AES-128 CBC, PKCS 7), type."""
    from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

    if secret is None:
        return locked_entry()
    _, vector, encrypted, _ = secret
    decryptor = Cipher(algorithms.AES(key), modes.CBC(bytes(vector))).decryptor()
    padded = decryptor.update(bytes(encrypted)) + decryptor.finalize()
    try:
        return padded[: -padded[-1]].decode()
    except UnicodeDecodeError as error:
        detail = type(error).__name__
    return damaged(detail)
