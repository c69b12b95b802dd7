"""How a credential becomes the text of one keychain entry, and what an entry is called.

An entry describes itself, so that it can be recognised without the index.
"""

from __future__ import annotations

import json
import unicodedata
from types import MappingProxyType
from typing import Any

from adwarden.domain.errors import ErrorCode, KeychainError
from adwarden.domain.model import Credential
from adwarden.domain.secret import Secret

BACKUP_FACTS = frozenset({"id", "place"})
"""What only the entries of a backup tell: what the index knows of the app or connection."""

FACTS = BACKUP_FACTS | {
    "user_id", "screen_name", "app", "label", "access", "home", "note", "origin", "since",
    "approved", "written",
}  # fmt: skip
"""The fields that are no secrets. Every other field is one, also those of later versions."""

LIMIT = 1_000
"""UTF-16 code units in an entry: Windows holds 1,280, and entries must fit everywhere."""

VERSION = 1
SEPARATOR = " · "
NAMESPACE = "Adwarden"
_RESERVED = frozenset({"v", "kind"})
_LABEL_LENGTH = 60
_NAME_LENGTH = 200
_JOINERS = "\u200c\u200d"


def entry_service(app_label: str, short_id: str, namespace: str = NAMESPACE) -> str:
    """Return the service name of an entry: ``Adwarden · <app label> · <short id>``.

    The label loses control characters and what goes beyond 60 characters; ``short_id`` keeps
    the name unique (Windows files entries under the service alone) and must have four or more
    characters, as shorter numbers belong to the manifest.
    """
    return SEPARATOR.join((namespace, tidy(app_label) or "unnamed", tidy(short_id)))


def entry_username(text: str) -> str:
    """Return an app label or ``@handle`` as the user name of an entry; never empty."""
    return tidy(text) or "unnamed"


def tidy(text: str, length: int = _LABEL_LENGTH) -> str:
    """Return ``text`` on one line, cut, without control characters and direction marks.

    Nor has it what Unicode has set aside as no characters at all, which no XML can hold.
    """
    kept = "".join(
        " " if unicodedata.category(char) in ("Cc", "Zl", "Zp") else char
        for char in text
        if (unicodedata.category(char) not in ("Cs", "Cf") or char in _JOINERS)
        and not _is_none(char)
    )
    return " ".join(kept.split())[:length].strip()


def _is_none(char: str) -> bool:
    """Whether this is one of the 66 noncharacters: the last two of each plane, and 32 more."""
    number = ord(char)
    return number & 0xFFFE == 0xFFFE or 0xFDD0 <= number <= 0xFDEF


def is_name(text: str) -> bool:
    """Whether every system keeps ``text`` as it is when it is part of an entry's name."""
    return bool(text) and tidy(text, _NAME_LENGTH) == text


def text_length(text: str) -> int:
    """Return the length in UTF-16 code units, as Windows counts it."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def to_json(document: dict[str, Any]) -> str:
    """Return the shortest JSON of ``document`` that every keychain can hold as UTF-8."""
    text = json.dumps(document, ensure_ascii=False, separators=(",", ":"))
    try:
        text.encode()
    except UnicodeEncodeError:
        # Half a surrogate pair is no UTF-8; escaped it survives.
        text = json.dumps(document, separators=(",", ":"))
    return text


def check_length(text: str) -> None:
    """Raise ``KeychainError`` (ENTRY_TOO_LARGE) when an entry would not fit on every system."""
    length = text_length(text)
    del text  # an error is kept with the names of this frame
    if length > LIMIT:
        raise KeychainError(
            ErrorCode.ENTRY_TOO_LARGE,
            "This is too long for the keychain",
            f"An entry may have {LIMIT:,} characters, and this one would have {length:,}.",
            "Check that only the key itself was pasted.",
        )


def encode(credential: Credential) -> str:
    """Return the text of the entry in a keychain.

    Raises ``KeychainError`` (ENTRY_TOO_LARGE), and what ``in_full`` raises.
    """
    # Made once more rather than held: an error is kept with the names of this frame.
    check_length(in_full(credential))
    return in_full(credential)


def in_full(credential: Credential) -> str:
    """Return the text of a credential of any length, as a file can hold it.

    Raises ``ValueError`` when a field could not be told apart again: a fact that is not among
    ``FACTS``, or a secret that is.
    """
    secrets, facts = credential.secrets, credential.facts
    if not set(facts) <= FACTS or set(secrets) & (FACTS | _RESERVED):
        raise ValueError("a field of the credential is under the wrong name")
    document: dict[str, Any] = {"v": VERSION, "kind": credential.kind}
    document.update((name, secret.unwrap()) for name, secret in secrets.items())
    document.update(facts)
    return to_json(document)


def decode(text: str) -> Credential:
    """Return the credential of an entry, of whatever kind.

    Raises ``KeychainError`` (ENTRY_DAMAGED), which carries nothing of the text.
    """
    document = from_json(text)
    kind = document.pop("kind", None) if document else None
    if document is None or not isinstance(kind, str) or not _all_texts(document):
        raise damaged()
    return Credential(
        kind,
        MappingProxyType({n: Secret(v) for n, v in document.items() if n not in FACTS}),
        MappingProxyType({n: v for n, v in document.items() if n in FACTS}),
    )


def from_json(text: str) -> dict[str, Any] | None:
    """Return the fields of an entry but ``v``, or ``None`` when it is not one of this version."""
    try:
        document = json.loads(text)
    except (ValueError, RecursionError):
        # Not raised on from here: the exception carries the whole text of the entry.
        return None
    if not isinstance(document, dict):
        return None
    version = document.pop("v", None)
    # True equals 1 for Python, but not for an entry.
    return document if type(version) is int and version == VERSION else None


def damaged(detail: str = "") -> KeychainError:
    """Return the error for an entry that is there but is not one of ours any more."""
    return KeychainError(
        ErrorCode.ENTRY_DAMAGED,
        "The keychain entry cannot be read",
        "Something changed the entry, or a newer version of Adwarden wrote it.",
        "Authorize the account again, or enter the app's keys again.",
        detail=detail,
    )


def _all_texts(document: dict[str, Any]) -> bool:
    return all(isinstance(value, str) for value in document.values())
