"""The unencrypted head of a KDBX 4 file, read and checked before any library sees the file.

A flipped bit in it could otherwise have a key derived for hours, or all memory taken: the head's
own checksum and the limits below come first. Layout: https://keepass.info/help/kb/kdbx.html
"""

from __future__ import annotations

import hashlib
import hmac
import struct
from dataclasses import replace
from typing import Literal

from adwarden.domain.data import dataclass
from adwarden.domain.errors import KeychainError
from adwarden.storage import keepass_errors as trouble

LARGEST_FILE = 64 << 20
"""Bytes; a file of 500 entries has some 100,000."""

KEY_LENGTH = 32
SALT_LENGTH = 32

MAGIC = b"\x03\xd9\xa2\x9a"
"""How every KeePass file begins, of whichever version."""

_SIGNATURE = b"\x03\xd9\xa2\x9a\x67\xfb\x4b\xb5"
_KEEPASS_1 = b"\x03\xd9\xa2\x9a\x65\xfb\x4b\xb5"
_NEWEST_MINOR = 1
_END, _COMMENT, _CIPHER, _COMPRESSION, _SEED, _IV, _KDF, _PUBLIC = 0, 1, 2, 3, 4, 7, 11, 12
_KNOWN = frozenset({_END, _COMMENT, _CIPHER, _COMPRESSION, _SEED, _IV, _KDF, _PUBLIC})
_AES = bytes.fromhex("31c1f2e6bf714350be5805216afc5aff")
_IVS = {
    _AES: 16,
    bytes.fromhex("ad68f29f576f4bb9a36ad47af965346c"): 16,  # Twofish
    bytes.fromhex("d6038a2b8b6f4cb5a524339a31dbb59a"): 12,  # ChaCha20
}

KdfName = Literal["argon2d", "argon2id", "aes"]
_KDFS: dict[bytes, KdfName] = {
    bytes.fromhex("ef636ddf8c29444b91f7a9a403e30a0c"): "argon2d",
    bytes.fromhex("9e298b1956db4773b23dfc3ec6f0a1e6"): "argon2id",
    bytes.fromhex("c9d9f39a628a4460bf740d08c18a4fea"): "aes",
}

_MOST_MEMORY = 1 << 30  # bytes
_MOST_PASSES = 1000
_MOST_WORK = 32 << 30  # bytes of memory times passes: some 15 s
_MOST_LANES = 64
_MOST_AES_ROUNDS = 200_000_000  # some 17 s
_U32, _U64, _BYTES = 0x04, 0x05, 0x42


@dataclass(frozen=True, slots=True)
class Kdf:
    """How a key is derived from the password; ``memory`` in bytes, for Argon2 alone.

    Two files with equal ones, salt included, have the same key for the same password.
    """

    name: KdfName
    passes: int
    memory: int = 0
    lanes: int = 1
    version: int = 0x13
    salt: bytes = b""

    def salted(self, salt: bytes) -> Kdf:
        """Return the same with another salt."""
        return replace(self, salt=salt)


STRONG = Kdf("argon2id", passes=14, memory=64 << 20, lanes=2)
"""For new files: what KeePassXC takes, as Argon2id; 0.4 s on two cores of 2020."""


@dataclass(frozen=True, slots=True)
class Header:
    """What the head of a file says; ``length`` in bytes, up to its checksum."""

    length: int
    kdf: Kdf
    seed: bytes


def read_header(data: bytes, file: str) -> Header:
    """Return the checked head of a file.

    Raises ``KeychainError``: FILE_DAMAGED, or FILE_UNSUPPORTED with what to do about it.
    """
    try:
        return _read(data, file)
    except (struct.error, IndexError, KeyError, ValueError) as error:
        detail = type(error).__name__
    raise trouble.damaged(file, detail)


def opens(header: Header, data: bytes, key: bytes) -> bool:
    """Whether ``key`` is that of the file; as the head is whole, else a wrong password."""
    mac = _mac(data[: header.length], header.seed, key)
    return hmac.compare_digest(mac, data[header.length + 32 : header.length + 64])


def sealed(head: bytes, seed: bytes, key: bytes) -> bytes:
    """Return a head with what follows it: its checksum, and the proof that ``key`` is the one."""
    return head + hashlib.sha256(head).digest() + _mac(head, seed, key)


def _mac(head: bytes, seed: bytes, key: bytes) -> bytes:
    inner = hashlib.sha512(seed + key + b"\x01").digest()
    return hmac.digest(hashlib.sha512(b"\xff" * 8 + inner).digest(), head, "sha256")


def new_header(kdf: Kdf) -> bytes:
    """Return the head of a new file, AES-256 and gzip; seeds are to be set when it is written."""
    kind = next(uuid for uuid, name in _KDFS.items() if name == kdf.name)
    parameters = [(_BYTES, "$UUID", kind), (_BYTES, "S", kdf.salt)]
    if kdf.name == "aes":
        parameters.append((_U64, "R", struct.pack("<Q", kdf.passes)))
    else:
        parameters += [
            (_U32, "P", struct.pack("<I", kdf.lanes)),
            (_U64, "M", struct.pack("<Q", kdf.memory)),
            (_U64, "I", struct.pack("<Q", kdf.passes)),
            (_U32, "V", struct.pack("<I", kdf.version)),
        ]
    written = b"".join(
        struct.pack("<BI", kind, len(key)) + key.encode() + struct.pack("<I", len(value)) + value
        for kind, key, value in parameters
    )
    fields = (
        (_CIPHER, _AES),
        (_COMPRESSION, struct.pack("<I", 1)),
        (_SEED, bytes(KEY_LENGTH)),
        (_IV, bytes(_IVS[_AES])),
        (_KDF, b"\x00\x01" + written + b"\x00"),
        (_END, b"\r\n\r\n"),
    )
    body = b"".join(struct.pack("<BI", number, len(value)) + value for number, value in fields)
    return _SIGNATURE + struct.pack("<HH", 0, 4) + body


def _read(data: bytes, file: str) -> Header:
    if len(data) > LARGEST_FILE:
        raise trouble.unsupported(
            file, "is larger than 64 MB.", "Use a file of its own for Adwarden."
        )
    if data[:8] == _KEEPASS_1:
        raise _old(file, "KeePass 1")
    if data[:8] != _SIGNATURE:
        raise ValueError
    minor, major = struct.unpack_from("<HH", data, 8)
    if major < 4:
        raise _old(file, f"KDBX {major}.{minor}")
    fields, length = _fields(data)
    if hashlib.sha256(data[:length]).digest() != data[length : length + 32]:
        raise ValueError
    # From here on the head is as it was written: what is not understood is not damage.
    if (major, minor) > (4, _NEWEST_MINOR) or not set(fields) <= _KNOWN:
        raise trouble.unsupported(
            file, "was made by a newer program.", "Save it as KDBX 4 in KeePassXC, or update."
        )
    if fields[_CIPHER] not in _IVS:
        raise trouble.unsupported(
            file, "uses an encryption that is not known here.", "Choose AES-256 in KeePassXC."
        )
    if len(fields[_SEED]) != KEY_LENGTH or len(fields[_IV]) != _IVS[fields[_CIPHER]]:
        raise ValueError
    if len(data) < length + 64:
        raise ValueError
    return Header(length, _kdf(_variants(fields[_KDF]), file), fields[_SEED])


def _fields(data: bytes) -> tuple[dict[int, bytes], int]:
    """Return the fields of the head and where it ends; each field stands there once."""
    fields: dict[int, bytes] = {}
    at = 12
    while _END not in fields:
        number, length = struct.unpack_from("<BI", data, at)
        at += 5 + length
        if at > len(data) or number in fields:
            raise ValueError
        fields[number] = data[at - length : at]
    return fields, at


def _variants(data: bytes) -> dict[str, bytes | int]:
    """Return a variant dictionary; values of other types than those of a KDF are left out."""
    found: dict[str, bytes | int] = {}
    if data[1] != 1:
        raise ValueError
    at = 2
    while data[at]:
        kind, length = struct.unpack_from("<BI", data, at)
        key = data[at + 5 : at + 5 + length].decode()
        at += 5 + length
        (length,) = struct.unpack_from("<I", data, at)
        value = data[at + 4 : at + 4 + length]
        at += 4 + length
        if kind == _BYTES:
            found[key] = value
        elif kind in (_U32, _U64):
            found[key] = int.from_bytes(value, "little")
    return found


def _kdf(found: dict[str, bytes | int], file: str) -> Kdf:
    kind, salt = found["$UUID"], found["S"]
    if not isinstance(kind, bytes) or not isinstance(salt, bytes):
        raise ValueError
    name = _KDFS.get(kind)
    if name is None or "K" in found or "A" in found:
        raise _costly(file, "uses a key derivation that is not known here.")
    if name == "aes":
        kdf = Kdf(name, _number(found["R"]), salt=salt)
        if len(salt) != KEY_LENGTH or not kdf.passes:
            raise ValueError
        if kdf.passes > _MOST_AES_ROUNDS:
            raise _costly(file, f"asks for {kdf.passes:,} rounds of key derivation.")
        return kdf
    passes, memory, lanes, version = (_number(found[key]) for key in "IMPV")
    kdf = Kdf(name, passes, memory, lanes, version, salt)
    if not (passes and 8 <= len(salt) <= 256 and version in (0x10, 0x13) and lanes):
        raise ValueError
    if lanes > _MOST_LANES or memory > _MOST_MEMORY or passes > _MOST_PASSES:
        raise _costly(
            file,
            f"asks for {memory >> 20:,} MB, {passes:,} passes and {lanes:,} lanes to derive "
            "its key; more than Adwarden gives.",
        )
    if passes * memory > _MOST_WORK:
        raise _costly(file, "asks for more work to derive its key than Adwarden gives.")
    if memory < 8192 * lanes:
        raise ValueError
    return kdf


def _number(value: bytes | int) -> int:
    if not isinstance(value, int):
        raise ValueError
    return value


def _old(file: str, version: str) -> KeychainError:
    return trouble.unsupported(
        file,
        f"has the older format {version}.",
        "In KeePassXC, open Database settings, Security, Encryption settings, choose KDBX 4 and "
        "save.",
    )


def _costly(file: str, why: str) -> KeychainError:
    return trouble.unsupported(
        file, why, "In KeePassXC, choose Argon2id with its usual values in the Encryption settings."
    )
