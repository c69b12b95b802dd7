"""A tried request as text for elsewhere: a curl command, and a Python program.

By default no secret is in it; what has the signed header is a ``Secret``.
"""

from __future__ import annotations

import json
import shlex
from collections.abc import Mapping

from adwarden.domain.secret import Secret
from adwarden.domain.tried import Explained

NAMES: Mapping[str, str] = {
    "key": "X_API_KEY",
    "secret": "X_API_SECRET",
    "token": "X_ACCESS_TOKEN",
    "token_secret": "X_ACCESS_TOKEN_SECRET",
}
"""The variables of the environment that a copied program reads."""

GOOD_FOR = 300
"""Seconds from its timestamp in which X takes a signed request, as far as is known."""


def as_curl(explained: Explained) -> str:
    """Return a command that takes the header from the variable ``AUTHORIZATION``."""
    return _curl(explained, '"Authorization: $AUTHORIZATION"')


def as_signed_curl(explained: Explained) -> Secret:
    """Return a command with the header in it: good for one request, within ``GOOD_FOR``."""
    header = shlex.quote(f"Authorization: {explained.header.unwrap()}")
    return Secret(_curl(explained, header))


def _curl(explained: Explained, header: str) -> str:
    return (
        f"curl --request {explained.method} \\\n"
        f"  --url {shlex.quote(explained.url)} \\\n"
        f"  --header {header}\n"
    )


def as_python(
    explained: Explained, whose: str = "CONNECTION", names: Mapping[str, str] = NAMES
) -> str:
    """Return a program that signs the request itself, with keys from the environment.

    ``whose`` names the connection whose keys these are, as ``adwarden run`` takes it.
    """
    name = {what: json.dumps(variable) for what, variable in names.items()}
    # The address has what is encoded only, which JSON and Python write alike.
    return f"""\
# adwarden run {whose} -- python this_file.py
import os

from requests_oauthlib import OAuth1Session

session = OAuth1Session(
    os.environ[{name["key"]}],
    client_secret=os.environ[{name["secret"]}],
    resource_owner_key=os.environ[{name["token"]}],
    resource_owner_secret=os.environ[{name["token_secret"]}],
)
answer = session.request(
    {json.dumps(explained.method)},
    {json.dumps(explained.url)},
)
print(answer.status_code, answer.reason)
print(answer.text)
"""
