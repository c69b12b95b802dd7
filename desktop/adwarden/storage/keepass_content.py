"""The encrypted inside of a KDBX 4 file, with the parts of pykeepass: bytes to a tree and back.

Not with pykeepass as a whole: what it parses with keeps keys and texts in reference cycles, and a
database that was opened by its key is saved with no password at all.
"""

from __future__ import annotations

import base64
import contextlib
import hashlib
import io
import re
import struct
import zlib
from collections.abc import Iterable, Iterator
from copy import deepcopy
from typing import Any

from adwarden.domain.data import dataclass
from adwarden.storage import keepass_errors as trouble
from adwarden.storage.keepass_header import KEY_LENGTH, Header, Kdf, new_header, sealed

Parsed = Any
"""What construct makes, and lxml; neither has types."""

_CHACHA20 = 3
_GZIP = 31  # zlib's window for a gzip head
_PROTECTED = ".//Value[@Protected='True']"
_ILLEGAL = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
# Complete: programs for such files count on elements that they would have written themselves. The
# empty times are filled in with the root.
_BLANK = b"""<KeePassFile><Meta><Generator>Adwarden</Generator><DatabaseName>Adwarden</DatabaseName>
<DatabaseNameChanged/><DatabaseDescription/><DatabaseDescriptionChanged/>
<DefaultUserName/><DefaultUserNameChanged/>
<MaintenanceHistoryDays>365</MaintenanceHistoryDays><Color/><MasterKeyChanged/>
<MasterKeyChangeRec>-1</MasterKeyChangeRec><MasterKeyChangeForce>-1</MasterKeyChangeForce>
<MemoryProtection>
<ProtectTitle>False</ProtectTitle><ProtectUserName>False</ProtectUserName>
<ProtectPassword>True</ProtectPassword><ProtectURL>False</ProtectURL>
<ProtectNotes>False</ProtectNotes></MemoryProtection><RecycleBinEnabled>True</RecycleBinEnabled>
<RecycleBinUUID>AAAAAAAAAAAAAAAAAAAAAA==</RecycleBinUUID><RecycleBinChanged/>
<EntryTemplatesGroup>AAAAAAAAAAAAAAAAAAAAAA==</EntryTemplatesGroup><EntryTemplatesGroupChanged/>
<LastSelectedGroup>AAAAAAAAAAAAAAAAAAAAAA==</LastSelectedGroup>
<LastTopVisibleGroup>AAAAAAAAAAAAAAAAAAAAAA==</LastTopVisibleGroup>
<SettingsChanged/><HistoryMaxItems>10</HistoryMaxItems>
<HistoryMaxSize>6291456</HistoryMaxSize></Meta><Root/></KeePassFile>"""


@dataclass(frozen=True, slots=True)
class Content:
    """A decrypted file. ``tree`` is an lxml tree with all values in clear.

    ``head`` and ``inner`` are pykeepass's. ``faithful`` is false when something in it would be
    written back differently.
    """

    head: Parsed
    inner: Parsed
    tree: Parsed
    faithful: bool

    def canonical(self) -> bytes:
        """Return all that a person could lose: the tree, the attachments."""
        from lxml import etree

        binaries = self.inner.get("binary", ())
        attached = b"".join(struct.pack("<Q", len(one.data)) + one.data for one in binaries)
        return bytes(etree.tostring(self.tree)) + attached

    def empty_attachments(self, loosened: Iterable[str]) -> None:
        """Take out the content of attachments that no entry has any more, of those numbers.

        Their places stay: entries know attachments by the number.
        """
        used = {value.get("Ref") for value in self.tree.iterfind(".//Binary/Value")}
        binaries = self.inner.get("binary", ())
        for number in set(loosened) - used:
            if number.isdecimal() and int(number) < len(binaries):
                one = binaries[int(number)]
                one.data = one.data[:1]  # its flags

    def set_salt(self, salt: bytes) -> None:
        """Have the next ``encode`` write another salt; its key must fit."""
        parameters = self.head.value.dynamic_header.kdf_parameters.data.dict
        parameters["S"].value = salt


def decode(data: bytes, header: Header, key: bytes, file: str) -> Content:
    """Return what is in a file whose head and key were checked.

    Raises ``KeychainError`` (FILE_DAMAGED).
    """
    from construct import ConstructError
    from lxml.etree import LxmlError

    assert len(key) == KEY_LENGTH
    try:
        content = _unpacked(data, header, key)
        if content.tree.find("Root/Group") is None or content.tree.find("Meta") is None:
            raise ValueError
        return content
    except (
        ConstructError, LxmlError, zlib.error, struct.error,
        ValueError, LookupError, TypeError, AttributeError, RecursionError, OverflowError,
    ) as error:  # fmt: skip
        failure = trouble.damaged(file, type(error).__name__)
    # Out here: the frames of the original hold the key and what was decrypted.
    raise failure


def encode(content: Content, key: bytes, file: str) -> bytes:
    """Return the file's bytes, with new seeds; ``key`` must be the one for its salt.

    Raises ``KeychainError`` when the content cannot be written.
    """
    from construct import ConstructError

    assert len(key) == KEY_LENGTH
    try:
        return _packed(content, key)
    except (ConstructError, ValueError, TypeError, LookupError, AttributeError) as error:
        failure = trouble.not_reproduced(file, type(error).__name__)
    raise failure


def blank(kdf: Kdf) -> Content:
    """Return a new database without groups and times; ``add_root`` gives it both."""
    from lxml import etree
    from pykeepass.kdbx_parsing.kdbx4 import InnerHeader

    stream = struct.pack("<BII", 1, 4, _CHACHA20) + struct.pack("<BI", 2, 64) + bytes(64)
    inner = InnerHeader.parse(stream + struct.pack("<BI", 0, 0))
    tree = etree.parse(io.BytesIO(_BLANK), etree.XMLParser(remove_blank_text=True))
    return Content(_head().parse(new_header(kdf)), inner, tree, faithful=True)


def _unpacked(data: bytes, header: Header, key: bytes) -> Content:
    from lxml import etree
    from pykeepass.kdbx_parsing import kdbx4

    head = _head().parse(data)
    with _keys(head, key) as context:
        packed = kdbx4.DecryptedPayload.parse(data[header.length + 64 :], **context)
    if head.value.dynamic_header.compression_flags.data.compression:
        packed = zlib.decompress(packed, _GZIP)
    stream = io.BytesIO(packed)
    inner = kdbx4.InnerHeader.parse_stream(stream, _root=None)
    for item in (*inner.values(), *inner.get("binary", ())):
        if isinstance(item, dict):
            item.pop("_io", None)  # the whole file in clear
    tree = etree.parse(stream, etree.XMLParser(remove_blank_text=True))
    cipher = _inner_cipher(inner)
    faithful = True
    for value in tree.iterfind(_PROTECTED):
        plain = cipher.decrypt(base64.b64decode(value.text or ""))
        text = _ILLEGAL.sub("", plain.decode("utf-8", "replace"))
        value.text = text or None
        faithful = faithful and text.encode() == plain
    return Content(head, inner, tree, faithful)


def _packed(content: Content, key: bytes) -> bytes:
    from construct import Container
    from lxml import etree
    from pykeepass.kdbx_parsing import kdbx4
    from pykeepass.kdbx_parsing.common import rotate_seeds

    payload = Container(inner_header=content.inner)
    whole = Container(header=content.head, body=Container(payload=payload))
    rotate_seeds(whole, rotate_kdf_salt=False)
    tree = deepcopy(content.tree)
    cipher = _inner_cipher(content.inner)
    for value in tree.iterfind(_PROTECTED):
        if value.text is not None:
            value.text = base64.b64encode(cipher.encrypt(value.text.encode()))
    packed = kdbx4.InnerHeader.build(content.inner, _root=None) + etree.tostring(tree)
    if content.head.value.dynamic_header.compression_flags.data.compression:
        packed = zlib.compress(packed, 6, _GZIP)
    head = _head().build(content.head)
    seed = content.head.value.dynamic_header.master_seed.data
    with _keys(content.head, key) as context:
        return sealed(head, seed, key) + bytes(kdbx4.DecryptedPayload.build(packed, **context))


@contextlib.contextmanager
def _keys(head: Parsed, key: bytes) -> Iterator[dict[str, Any]]:
    """Give construct the keys for one call, in a form that can be overwritten.

    What it calls with refers to itself: it would keep them until the collector's next round. Its
    inner contexts would as well, were it not for a root.
    """
    from construct import Container

    seed = head.value.dynamic_header.master_seed.data
    master = bytearray(hashlib.sha256(seed + key).digest())
    transformed = bytearray(key)
    try:
        yield {
            "_": Container(header=head),
            "_root": None,
            "master_key": master,
            "transformed_key": transformed,
        }
    finally:
        master[:] = transformed[:] = bytes(KEY_LENGTH)


def _inner_cipher(inner: Parsed) -> Parsed:
    """Return the stream that protected values are encrypted with, a second time."""
    from pykeepass.kdbx_parsing import common

    streams = {"salsa20": common.Salsa20Stream, "chacha20": common.ChaCha20Stream}
    stream = streams[inner.protected_stream_id.data]
    return stream(None, common.GreedyBytes).get_cipher(inner.protected_stream_key.data)


def _head() -> Parsed:
    from pykeepass.kdbx_parsing import KDBX

    return next(part for part in KDBX.subcons if part.name == "header")
