"""The key of a KeePass file: from the master password, without keeping its text.

Who has what is kept here can open the file; ``wipe`` overwrites it.
"""

from __future__ import annotations

import hashlib

from adwarden.domain.secret import Secret
from adwarden.storage.keepass_header import KEY_LENGTH, Kdf

_BLOCKS = 65_536  # AES blocks encrypted in one call


class MasterKey:
    """What a password becomes; the derived key is kept with what it was derived by.

    Programs change the salt of a file when they save it. The key is then derived again from the
    hash of the password, without anybody being asked.
    """

    def __init__(self, password: Secret) -> None:
        inner = hashlib.sha256(password.unwrap().encode("utf-8", "surrogatepass")).digest()
        self._composite = bytearray(hashlib.sha256(inner).digest())
        self._derived = bytearray()
        self._kdf: Kdf | None = None

    def derive(self, kdf: Kdf) -> bytes:
        """Return the key for a file's parameters, after 0.1 to some seconds when they are new.

        Raises ``MemoryError`` when there is not enough memory for Argon2.
        """
        if self._kdf != kdf:
            fresh = bytearray(_derive(bytes(self._composite), kdf))
            _overwrite(self._derived)
            self._derived, self._kdf = fresh, kdf
        return bytes(self._derived)

    def same(self, other: MasterKey) -> bool:
        """Whether both are of the same password."""
        import hmac

        return hmac.compare_digest(self._composite, other._composite)

    def wipe(self) -> None:
        """Overwrite both keys; copies that libraries made are beyond reach."""
        _overwrite(self._composite)
        _overwrite(self._derived)
        self._kdf = None


def _overwrite(key: bytearray) -> None:
    key[:] = bytes(len(key))


def _derive(composite: bytes, kdf: Kdf) -> bytes:
    if kdf.name == "aes":
        return _aes(composite, kdf)
    from argon2.exceptions import HashingError
    from argon2.low_level import Type, hash_secret_raw

    try:
        return hash_secret_raw(
            secret=composite,
            salt=kdf.salt,
            time_cost=kdf.passes,
            memory_cost=kdf.memory // 1024,
            parallelism=kdf.lanes,
            hash_len=KEY_LENGTH,
            type=Type.ID if kdf.name == "argon2id" else Type.D,
            version=kdf.version,
        )
    except HashingError:
        # Its frames hold the key.
        pass
    raise MemoryError


def _aes(composite: bytes, kdf: Kdf) -> bytes:
    """Encrypt each half over and over: in CBC mode over zeros, that is one call for many rounds.

    A loop over single blocks, as libraries have it, takes 18 times as long.
    """
    from Cryptodome.Cipher import AES

    zeros = bytes(16 * _BLOCKS)
    whole = b""
    for half in (composite[:16], composite[16:]):
        cipher = AES.new(kdf.salt, AES.MODE_CBC, half)
        left, last = kdf.passes, half
        while left:
            count = min(left, _BLOCKS)
            last = cipher.encrypt(zeros[: 16 * count])[-16:]
            left -= count
        whole += last
    return hashlib.sha256(whole).digest()
