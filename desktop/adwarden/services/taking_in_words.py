"""What is said of a set of a file before it is taken in, and what its X app will be called."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from adwarden.domain.handover import CredentialSet
from adwarden.domain.token_shapes import user_of_token
from adwarden.services.app_checks import MAX_LABEL

_ROOM = MAX_LABEL - 4
"""Characters, which leave some for a number."""
_NAMELESS = "Imported app"


def free_label(wanted: str, taken: Iterable[str]) -> str:
    """Return a name for a new app that no other has; letters' case makes none another."""
    label = _plain(wanted)[:_ROOM].strip() or _NAMELESS
    others = {one.casefold() for one in taken}
    numbered = (f"{label} {number}" for number in range(2, len(others) + 3))
    return next(name for name in (label, *numbered) if name.casefold() not in others)


def called(wanted: str, label: str) -> str:
    """Return a sentence on a name that cannot be as the file has it, with a blank before it."""
    plain = _plain(wanted)
    if not plain or plain == label:
        return ""
    cause = "its name is too long" if len(plain) > _ROOM else "another one has its name"
    return f" It will be called “{label}”, as {cause}."


def _plain(wanted: str) -> str:
    return " ".join("".join(one if one.isprintable() else " " for one in wanted).split())


def lacking(one: CredentialSet) -> str:
    """Say what a set cannot be taken in without; empty where it has all of that."""
    if not one.api_key:
        if one.token:
            return "It has no API key, which tells what X app the token belongs to."
        return "It has no API key."
    if one.token and not one.token_secret:
        return "The secret of its access token is missing."
    if one.token_secret and not one.token:
        return "It has an access token secret, and no access token."
    return ""


def misnamed(handle: str) -> str:
    """Say that what a set calls its user does not fit its token."""
    return (
        f"The file says that it is {handle}’s, whose user id is another than the one in the access "
        "token. Only X can tell whose it is: have it checked."
    )


def what_is_new(parts: Sequence[str], one: CredentialSet, only_kept: bool) -> str:
    """Say what of a set would be written; ``only_kept`` tells where it is without any."""
    if not parts and only_kept:
        return "All of it is kept here already."
    if not parts:
        return "Nothing of it is new: what is not kept here stands before it in the file."
    named = {"app": "the X app", "token": "the access token"}
    new = " and ".join(named.get(part, f"the {part.replace('_', ' ')}") for part in parts)
    found = f"New here: {new}."
    if "token" in parts and not user_of_token(one.token.unwrap()):
        found += " Only X can tell whose token it is: have it checked."
    return found
