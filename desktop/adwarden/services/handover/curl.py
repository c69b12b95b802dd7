"""curl: one request with its signature, which is good for that request and for some minutes."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Literal
from urllib.parse import urlsplit

from adwarden.domain.errors import InputError
from adwarden.domain.handover import CredentialSet

GOOD_FOR = 300
"""Seconds by which X lets a clock differ, about; a signed request is refused thereafter."""

Method = Literal["GET", "POST", "PUT", "DELETE"]
METHODS: Mapping[str, Method] = MappingProxyType(
    {"GET": "GET", "POST": "POST", "PUT": "PUT", "DELETE": "DELETE"}
)
_LOOPBACK = {"127.0.0.1", "localhost", "::1"}
_GLOBS = frozenset("[]{}")


def render(one: CredentialSet, method: str, url: str, now: float, nonce: str = "") -> str:
    """Return a curl command for a POSIX shell; no secret is in it, and it works once.

    ``now`` is in Unix seconds; an empty ``nonce`` has one made. Parameters belong into the
    ``url``, percent-encoded. Raises ``InputError`` for a URL or a method that cannot be signed,
    and for a set without its four values.
    """
    known = METHODS.get(method.upper())
    if known is None:
        raise InputError(
            "That method is not known",
            "Requests to X have one of a few methods.",
            f"Choose one of {', '.join(METHODS)}.",
            field="method",
        )
    _check(url)
    header = header_of(one, known, url, now, nonce)
    until = datetime.fromtimestamp(now + GOOD_FOR, UTC).strftime("%H:%M:%S")
    lines = [f"curl --request {known}", f"--header {shlex.quote(f'Authorization: {header}')}"]
    if _GLOBS & set(url):
        lines.append("--globoff")
    lines.append(shlex.quote(url))
    return (
        f"# Good for this one request, once, until about {until} UTC: X refuses a signature that "
        f"is\n# older than some five minutes. Change anything in it, and it must be signed anew.\n"
        + " \\\n  ".join(lines)
        + "\n"
    )


def header_of(one: CredentialSet, method: Method, url: str, now: float, nonce: str = "") -> str:
    """Return the value of the ``Authorization`` header, made by oauthlib; raises ``InputError``."""
    if not (one.api_key and one.api_secret and one.token and one.token_secret):
        raise InputError(
            "This cannot be signed",
            "A signature needs the app’s key and secret and the token with its secret, and not "
            "all of them are known.",
            "Choose a connection that has all four.",
        )
    from oauthlib.oauth1 import Client

    client = Client(
        one.api_key.unwrap(),
        client_secret=one.api_secret.unwrap(),
        resource_owner_key=one.token.unwrap(),
        resource_owner_secret=one.token_secret.unwrap(),
        nonce=nonce or None,
        timestamp=str(int(now)),
    )
    try:
        _, headers, _ = client.sign(url, http_method=method)
    except ValueError:
        headers = None
    if headers is None:
        # Outside of the except: the error of oauthlib repeats the address.
        raise _refused("It has characters in it that must be percent-encoded.")
    return str(headers["Authorization"])


def _check(url: str) -> None:
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
        port_fits = parts.port is None or parts.port > 0
    except ValueError:
        raise _refused("It is no address.") from None
    if not host or not port_fits or not url.isascii() or not url.isprintable() or " " in url:
        raise _refused("It is no address, or has characters that must be percent-encoded.")
    if parts.scheme != "https" and not (parts.scheme == "http" and host in _LOOPBACK):
        raise _refused("X is spoken to by https alone.")
    if parts.username is not None or parts.fragment:
        raise _refused("It has a user name or a fragment, which no request to X has.")


def _refused(why: str) -> InputError:
    return InputError(
        "That address cannot be signed", why, "Check the address and its parameters.", field="url"
    )
