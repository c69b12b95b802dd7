"""What a pasted access token and its secret look like: mix-ups are told before X is asked.

An access token begins with the id of its user; that, and no length, is certain.
"""

from __future__ import annotations

import re
from dataclasses import field

from adwarden.domain.data import dataclass
from adwarden.domain.key_shapes import MAX_PASTE, Advice, Shape, Weight, shape_of

_USER = re.compile(r"(\d{1,20})-")
_VALUE = re.compile(r"[A-Za-z0-9-]{18,200}")
_ALPHANUMERIC = re.compile(r"[A-Za-z0-9]+")
_API_SECRET_LENGTH = 50
_SECRET_LENGTHS = range(35, 51)


@dataclass(frozen=True, slots=True)
class Pair:
    """An access token and its secret, found in one text that was pasted."""

    token: str = field(repr=False)
    secret: str = field(repr=False)


def user_of_token(token: str) -> str:
    """Return the user id before the dash of a cleaned access token, empty where none is."""
    found = _USER.match(token)
    return found.group(1) if found else ""


def read_pair(raw: str) -> Pair | None:
    """Find an access token and its secret in what the developer console or a file has of both.

    ``None`` where there are not exactly one token and, after it or alone, a secret.
    """
    values = list(dict.fromkeys(_VALUE.findall(raw[:MAX_PASTE])))
    tokens = [one for one in values if shape_of(one) is Shape.ACCESS_TOKEN]
    secrets = [one for one in values if shape_of(one) is Shape.API_SECRET]
    if len(tokens) != 1 or not secrets:
        return None
    place = values.index(tokens[0])
    later = [one for one in secrets if values.index(one) > place]
    if not later and len(secrets) > 1:
        return None
    return Pair(tokens[0], (later or secrets)[0])


def advise_token(
    token: str, secret: str, *, user_id: str = "", handle: str = ""
) -> tuple[Advice, ...]:
    """Say what looks wrong with a cleaned pair; empty when all is well.

    ``user_id`` and ``handle`` are those of the connection that the token is meant for, if any.
    """
    shapes = (shape_of(token), shape_of(secret))
    if shapes[1] is Shape.ACCESS_TOKEN and shapes[0] is not Shape.ACCESS_TOKEN:
        return (
            Advice(
                "secret",
                "This is the access token: it begins with the user’s id. Its secret does not.",
                Weight.CERTAIN,
                swap=True,
            ),
        )
    found = [_of_token(token, shapes[0], user_id, handle), _of_secret(token, secret, shapes[1])]
    return tuple(advice for advice in found if advice)


def advise_optional(name: str, text: str) -> Advice | None:
    """Say what looks wrong with a cleaned ``bearer``, ``client_id`` or ``client_secret``."""
    shape = shape_of(text)
    if shape is Shape.EMPTY:
        return None
    if shape is Shape.ACCESS_TOKEN:
        words = "This is an access token of a user, and belongs to a connection."
        return Advice(name, words, Weight.CERTAIN)
    if name != "bearer" and shape is Shape.BEARER:
        return Advice(name, "This is a bearer token.", Weight.CERTAIN)
    if name == "bearer" and shape is not Shape.BEARER:
        words = "A bearer token usually begins with some twenty A. Was all of it copied?"
        return Advice(name, words)
    return None


def _of_token(token: str, shape: Shape, user_id: str, handle: str) -> Advice | None:
    if shape is Shape.EMPTY:
        return None
    if shape is Shape.BEARER:
        return Advice(
            "token",
            "This is a bearer token. It stands for the app, and opens nothing of the Ads API.",
            Weight.CERTAIN,
        )
    owner = user_of_token(token)
    if not owner:
        words = "An access token begins with the user’s id and a dash. Was all of it copied?"
        if shape is Shape.API_KEY:
            words = (
                "This looks like an API key. The access token is below it in the developer "
                "console, and begins with the user’s id and a dash."
            )
        return Advice("token", words)
    if user_id and owner != user_id:
        return Advice(
            "token",
            f"This token is of the user {owner}, and {handle or 'the connection'} is the user "
            f"{user_id}.",
            Weight.CERTAIN,
        )
    if shape is not Shape.ACCESS_TOKEN:
        return Advice("token", "An access token usually looks otherwise. Was all of it copied?")
    return None


def _of_secret(token: str, secret: str, shape: Shape) -> Advice | None:
    if shape is Shape.EMPTY:
        return None
    if secret == token:
        return Advice("secret", "This is the same text as the access token.", Weight.CERTAIN)
    if shape is Shape.ACCESS_TOKEN:
        return Advice("secret", "This is an access token as well, and no secret.", Weight.CERTAIN)
    if shape is Shape.BEARER:
        return Advice("secret", "This is a bearer token, and no secret.", Weight.CERTAIN)
    if not _ALPHANUMERIC.fullmatch(secret):
        return Advice(
            "secret",
            "An access token secret usually has only letters and digits. Was all of it copied, "
            "and only that?",
        )
    if len(secret) == _API_SECRET_LENGTH:
        return Advice(
            "secret",
            "This is as long as an API key secret. The access token has a secret of its own, "
            "usually of 45 characters.",
        )
    if len(secret) not in _SECRET_LENGTHS:
        count = "1 character" if len(secret) == 1 else f"{len(secret)} characters"
        return Advice(
            "secret",
            f"An access token secret usually has 45 characters, this has {count}. "
            "Was all of it copied?",
        )
    return None
