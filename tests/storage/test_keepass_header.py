"""The gate before any library sees the file: damage costs nothing and is told in words."""

from __future__ import annotations

import hashlib
import struct
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adwarden.domain.errors import ErrorCode, KeychainError
from adwarden.domain.secret import Secret
from adwarden.storage.keepass_header import STRONG, Kdf, new_header, read_header
from adwarden.storage.keepass_keys import MasterKey

SALT = bytes(range(32))
KDF = STRONG.salted(SALT)
LIMIT_S = 1.0
"""Seconds; a thousand times what a head takes, and nothing to a derivation gone wild."""


def sealed(head: bytes) -> bytes:
    """Return a file of that head with the right checksum, and no body worth the name."""
    return head + hashlib.sha256(head).digest() + bytes(32) + b"body"


def refusal(data: bytes) -> KeychainError:
    begun = time.monotonic()
    with pytest.raises(KeychainError) as caught:
        read_header(data, "team.kdbx")
    assert time.monotonic() - begun < LIMIT_S
    assert caught.value.__context__ is None
    assert "team.kdbx" in caught.value.message
    assert caught.value.remedy
    return caught.value


@pytest.mark.parametrize(
    "kdf", [KDF, Kdf("argon2d", 2, 1 << 20, 2, 0x10, SALT), Kdf("aes", 60_000, salt=SALT)]
)
def test_a_head_says_what_was_written(kdf: Kdf) -> None:
    read = read_header(sealed(new_header(kdf)), "team.kdbx")
    if kdf.name == "aes":
        assert (read.kdf.name, read.kdf.passes, read.kdf.salt) == ("aes", 60_000, SALT)
    else:
        assert read.kdf == kdf
    assert read.length == len(new_header(kdf))


@given(st.data())
def test_every_flipped_bit_in_the_head_is_damage(data: st.DataObject) -> None:
    head = bytearray(sealed(new_header(KDF))[: len(new_header(KDF)) + 32])
    # The first bytes say what kind of file it is: another kind is no damage.
    at = data.draw(st.integers(12, len(head) - 1))
    head[at] ^= 1 << data.draw(st.integers(0, 7))
    error = refusal(bytes(head) + bytes(64))
    assert error.code is ErrorCode.FILE_DAMAGED


@given(st.integers(0, 400), st.binary(max_size=40))
def test_what_is_cut_off_or_made_up_is_refused(length: int, junk: bytes) -> None:
    whole = sealed(new_header(KDF))
    refusal(whole[: min(length, len(new_header(KDF)) + 63)])
    refusal(junk)
    refusal(whole[:12] + junk)


@given(
    at=st.integers(8, len(new_header(KDF)) - 1),
    bytes_=st.binary(min_size=1, max_size=9),
)
def test_a_forged_head_asks_for_nothing_beyond_the_limits(at: int, bytes_: bytes) -> None:
    head = new_header(KDF)
    data = sealed((head[:at] + bytes_ + head[at + len(bytes_) :])[: len(head)])
    try:
        kdf = read_header(data, "team.kdbx").kdf
    except KeychainError:
        return
    assert kdf.passes <= 200_000_000
    assert kdf.memory <= 1 << 30
    assert kdf.lanes <= 64
    assert kdf.passes * kdf.memory <= 32 << 30


@pytest.mark.parametrize(
    "kdf",
    [
        Kdf("argon2id", 14, 2 << 30, 2, 0x13, SALT),
        Kdf("argon2id", 1 << 30, 64 << 20, 2, 0x13, SALT),
        Kdf("argon2id", 1000, 1 << 30, 2, 0x13, SALT),
        Kdf("argon2id", 2, 64 << 20, 100, 0x13, SALT),
        Kdf("aes", 1 << 40, salt=SALT),
    ],
)
def test_a_derivation_that_takes_hours_is_refused_in_words(kdf: Kdf) -> None:
    error = refusal(sealed(new_header(kdf)))
    assert error.code is ErrorCode.FILE_UNSUPPORTED
    assert "Argon2id" in error.remedy


def test_other_kinds_of_files_are_named() -> None:
    head = new_header(KDF)
    old = refusal(head[:8] + struct.pack("<HH", 1, 3) + head[12:])
    assert old.code is ErrorCode.FILE_UNSUPPORTED
    assert "KDBX 3.1" in old.message
    assert "KDBX 4" in old.remedy
    assert "KeePass 1" in refusal(b"\x03\xd9\xa2\x9a\x65\xfb\x4b\xb5" + head[8:]).message
    newer = head[:8] + struct.pack("<HH", 0, 5) + head[12:]
    assert "newer" in refusal(sealed(newer)).message
    unknown = head[:12] + struct.pack("<BI", 99, 0) + head[12:]
    assert "newer" in refusal(sealed(unknown)).message
    cipher = bytearray(head)
    cipher[17] ^= 1
    assert "encryption" in refusal(sealed(bytes(cipher))).message


def test_the_quick_way_to_an_aes_key_is_the_libraries_own() -> None:
    from pykeepass.kdbx_parsing.common import aes_kdf, compute_key_composite

    key = MasterKey(Secret("pw")).derive(Kdf("aes", 1_000, salt=SALT))
    assert key == aes_kdf(SALT, 1_000, compute_key_composite(password="pw"))
    longer = MasterKey(Secret("pw")).derive(Kdf("aes", 70_000, salt=SALT))
    assert longer == aes_kdf(SALT, 70_000, compute_key_composite(password="pw"))


def test_a_key_is_derived_once_for_the_same_salt_and_can_be_overwritten() -> None:
    quick = Kdf("argon2id", 1, 64 << 10, 1, 0x13, SALT)
    key = MasterKey(Secret("pw"))
    first = key.derive(quick)
    assert key.derive(quick) == first
    assert key.derive(quick.salted(SALT[::-1])) != first
    assert key.same(MasterKey(Secret("pw")))
    assert not key.same(MasterKey(Secret("PW")))
    composite, derived = key._composite, key._derived
    key.wipe()
    assert not any(composite)
    assert not any(derived)
