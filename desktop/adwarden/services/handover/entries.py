"""What the readers of credentials files share: which texts there are, and how places are named."""

from __future__ import annotations

import re

from adwarden.domain.errors import InputError
from adwarden.domain.secret import Secret
from adwarden.services.handover.yaml_text import Data

_HANDLE = re.compile(r"[A-Za-z0-9_]{1,15}")
_LONGEST_NAME = 40
_LIKE_A_KEY = re.compile(r"[A-Za-z0-9]{18,}")


def text_in(mapping: Data, name: str) -> str:
    """Return a text of a mapping without blanks around it, empty where there is none."""
    value = mapping.get(name) if isinstance(mapping, dict) else None
    return value.strip() if isinstance(value, str) else ""


def secret_in(mapping: Data, name: str) -> Secret:
    """Return a secret text of a mapping, as ``text_in`` does."""
    return Secret(text_in(mapping, name))


def mapping_in(mapping: Data, name: str, title: str) -> dict[str, Data]:
    """Return a mapping within a mapping, empty where there is none.

    Raises ``InputError`` with the title for anything else; ``name`` is one of the format's own.
    """
    value = mapping.get(name) if isinstance(mapping, dict) else None
    if value is None:
        return {}
    if not isinstance(value, dict):
        words = f"What stands under {name} is no mapping of names to values."
        raise InputError(title, words, "Is it the right file? Look at it in an editor.")
    return value


def handle_of(text: str) -> str:
    """Return the handle that a text is, without ``@``; empty for what can be none."""
    bare = text.strip().removeprefix("@")
    return bare if _HANDLE.fullmatch(bare) else ""


def named(what: str, name: str, number: int) -> str:
    """Name a place in a file: by its name, or by number where that might be a secret.

    People put keys where names belong; what looks like one is never repeated.
    """
    fit = name.strip() and name.isprintable() and len(name) <= _LONGEST_NAME
    return f"{what} {name if fit and not _LIKE_A_KEY.search(name) else number}"


def sentence(words: str) -> str:
    """Begin with a capital letter, and leave names as they are written."""
    return f"{words[:1].upper()}{words[1:]}"


def missing_words(missing: list[str], place: str) -> str:
    """Say which parts are not there, as a sentence about a place."""
    listed = missing[0] if len(missing) == 1 else ", ".join(missing[:-1]) + f" and {missing[-1]}"
    return f"{sentence(place)} has no {listed}."
