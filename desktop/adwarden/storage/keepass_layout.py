"""How an entry looks in a KeePass file: readable there, and its text comes back exactly.

The password is the main secret, further secrets are protected attributes, facts plain ones.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Mapping
from typing import NamedTuple

from adwarden.storage.keychain_codec import (
    FACTS,
    NAMESPACE,
    SEPARATOR,
    VERSION,
    from_json,
    to_json,
)
from adwarden.storage.keychain_status import EntryName

PASSWORD = "Password"  # noqa: S105 - the name of a field
SERVICE = "Adwarden entry"
USER = "Adwarden user"
KIND = "Adwarden kind"
FORMAT = "Adwarden version"
FIELDS = "Adwarden fields"
"""Which attributes make the entry's text, in order; others are the person's own."""

SELF_TEST = "self-test"
REPLACED = "secrets-replaced"
"""Stands for the fields of a past state whose secrets are gone: brought back, it is no entry."""

NOTES = (
    "Kept by Adwarden, which knows it by the attributes that begin with “Adwarden”. "
    "Replace or remove it there, so that both agree."
)

_MAIN = ("secret", "client_secret", "token", "bearer")
_WHOLE = "whole text"
_BASE64 = "whole text, base64"
_NAME = re.compile(r"(?!otp$)[a-z][a-z0-9_]{0,39}")
_ILLEGAL = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


class Field(NamedTuple):
    """One field or attribute of an entry in the file."""

    key: str
    value: str
    protected: bool = False


def is_storable(text: str) -> bool:
    """Whether ``text`` can stand in XML, which has no control characters nor half pairs."""
    return _ILLEGAL.search(text) is None


def split(text: str) -> tuple[Field, ...]:
    """Return the fields that keep an entry's text; ``join`` of them is that text again.

    A text that is not one of our entries is kept as a whole, as the password.
    """
    fields = _entry(text)
    if fields and join({field.key: field.value for field in fields}) == text:
        return fields
    if is_storable(text):
        return (Field(FIELDS, _WHOLE), Field(PASSWORD, text, protected=True))
    packed = base64.b64encode(text.encode("utf-8", "surrogatepass")).decode()
    return (Field(FIELDS, _BASE64), Field(PASSWORD, packed, protected=True))


def join(values: Mapping[str, str]) -> str | None:
    """Return the text of an entry with these values, ``None`` when it is none of ours any more."""
    listed, password = values.get(FIELDS), values.get(PASSWORD, "")
    if listed is None or listed == _WHOLE:
        return None if listed is None else password
    if listed == _BASE64:
        try:
            return base64.b64decode(password, validate=True).decode("utf-8", "surrogatepass")
        except ValueError:
            return None
    document: dict[str, object] = {"v": VERSION, "kind": values.get(KIND, "")}
    # Another version is passed on as it is: who reads the text knows what to say of it.
    version = values.get(FORMAT, "")
    document["v"] = int(version) if version.isascii() and version.isdecimal() else version
    for part in listed.split():
        name, _, place = part.partition("=")
        value = values.get(place or name)
        if value is None:
            return None
        document[name] = value
    return to_json(document)


def owned(values: Mapping[str, str]) -> frozenset[str]:
    """Return the attributes of an entry that are ours to change and to remove."""
    listed = values.get(FIELDS, "")
    names = () if listed in (_WHOLE, _BASE64) else listed.split()
    attributes = {name for name in names if "=" not in name}
    return frozenset({SERVICE, USER, KIND, FORMAT, FIELDS, PASSWORD, *attributes})


def secrets(values: Mapping[str, str]) -> frozenset[str]:
    """Return which attributes of an entry hold secrets of ours."""
    parts = [part.partition("=") for part in values.get(FIELDS, "").split()]
    return frozenset({PASSWORD, *(place or name for name, _, place in parts if name not in FACTS)})


def title(name: EntryName) -> str:
    """Return what the entry is called in the file: the app, or the handle and the app."""
    parts = name.service.split(SEPARATOR)
    label = SEPARATOR.join(parts[1:-1]) or name.service
    return f"{name.username}{SEPARATOR}{label}" if name.username.startswith("@") else label


def groups(name: EntryName, kind: str) -> tuple[str, ...]:
    """Return the groups that a new entry goes into, from the outermost; none for the self-test."""
    if kind == SELF_TEST:
        return ()
    head = name.service.partition(SEPARATOR)[0]
    outer = head if head.startswith(NAMESPACE) else NAMESPACE
    if kind.startswith("x-app"):
        return (outer, "X apps")
    return (outer, "Connections") if "token" in kind else (outer,)


def _entry(text: str) -> tuple[Field, ...]:
    """Return the fields of an entry as the codec writes it, nothing for any other text."""
    document = from_json(text)
    kind = document.pop("kind", None) if document else None
    if document is None or not isinstance(kind, str):
        return ()
    pairs = document.items()
    if not all(
        _NAME.fullmatch(name) and isinstance(value, str) and is_storable(value)
        for name, value in pairs
    ):
        return ()
    secrets = [name for name in document if name not in FACTS]
    main = next((name for name in _MAIN if name in secrets), secrets[0] if secrets else "")
    listed = " ".join(f"{name}={PASSWORD}" if name == main else name for name in document)
    own = [
        Field(PASSWORD if name == main else name, value, protected=name not in FACTS)
        for name, value in pairs
    ]
    if not is_storable(kind):
        return ()
    return (Field(KIND, kind), Field(FORMAT, str(VERSION)), Field(FIELDS, listed), *own)
