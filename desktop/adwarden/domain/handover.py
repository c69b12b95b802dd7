"""What other tools hold of an X app and a user's token, whatever their files call it.

A set is read from a tool's file, or written into one. Its secrets are ``Secret``s all the way;
only the writers of formats unwrap them.
"""

from __future__ import annotations

from enum import Enum

from adwarden.domain.data import dataclass
from adwarden.domain.secret import Secret

NONE = Secret("")
"""Stands for a secret that a file does not hold."""


@dataclass(frozen=True, slots=True)
class CredentialSet:
    """The keys of an app and, as a rule, the token of one user; what is not known is empty.

    ``handle`` is without ``@``; ``user_id`` is text. ``app_name`` is what the file calls the app,
    ``account_id`` an ad account that it names. ``at`` is where in the file it stands, in words
    for a person and without any value that is secret: ``profile northwind_ads, consumer key 1``.
    """

    api_key: Secret = NONE
    api_secret: Secret = NONE
    token: Secret = NONE
    token_secret: Secret = NONE
    bearer: Secret = NONE
    client_id: Secret = NONE
    client_secret: Secret = NONE
    handle: str = ""
    user_id: str = ""
    app_name: str = ""
    account_id: str = ""
    at: str = ""


@dataclass(frozen=True, slots=True)
class Taken:
    """What was read from one text: its sets, and what a person should know of the rest.

    ``format`` is the id of the format it was taken for (``twurlrc``, ``xurl``, ``env``,
    ``postman``, ``json``, ``text``), ``remarks`` are sentences without any secret, such as
    ``The OAuth 2 tokens of xurl were left out: Adwarden keeps no tokens of that kind.``
    """

    format: str
    sets: tuple[CredentialSet, ...]
    remarks: tuple[str, ...] = ()


class Shape(Enum):
    """What a hand-over makes: the whole of a file, a part of one that others own too, or words."""

    FILE = "file"
    MERGED = "merged"
    SNIPPET = "snippet"
