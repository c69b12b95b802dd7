"""Compares the fields of two OAuth headers, and tells what is different in words without values."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import parse_qsl, urlsplit

from adwarden.domain.requests import Pairs
from adwarden.domain.tried import Difference, Explained, Part
from adwarden.providers.x.pasted_request import Pasted
from adwarden.providers.x.signature import Keys
from adwarden.providers.x.signature_readings import KNOWN, shown_name

CLOCK_SECONDS = 300
"""How far off a timestamp may be: X documents none, and refuses beyond about five minutes."""

_NEEDED = (
    "oauth_consumer_key",
    "oauth_token",
    "oauth_signature_method",
    "oauth_timestamp",
    "oauth_nonce",
    "oauth_signature",
)
_METHODS = frozenset(
    {"HMAC-SHA1", "HMAC-SHA256", "HMAC-SHA512", "RSA-SHA1", "RSA-SHA256", "PLAINTEXT"}
)
_OUR_ORDER = (
    "oauth_nonce",
    "oauth_timestamp",
    "oauth_version",
    "oauth_signature_method",
    "oauth_consumer_key",
    "oauth_token",
    "oauth_signature",
)


def differences_of(keys: Keys, ours: Explained, theirs: Pasted) -> list[Difference]:
    """Return how the fields differ from ours, in the order in which a person would look."""
    return [
        *_presence(theirs),
        *_keys(keys, theirs),
        *_time(ours, theirs),
        *_rest(ours, theirs),
    ]


def without_query(url: str) -> tuple[str, Pairs]:
    """Return an address up to its query, and the query's parameters; never raises."""
    head, _, query = url.partition("#")[0].partition("?")
    try:
        return head, tuple(parse_qsl(query, keep_blank_values=True, max_num_fields=500))
    except ValueError:
        return head, ()


def _presence(theirs: Pasted) -> Iterator[Difference]:
    for name in _NEEDED:
        if not theirs.values(name):
            token = name == "oauth_token"
            yield Difference(
                Part.MISSING,
                f"{name} is missing.",
                "Without it only the app is signed for, and no user." if token else "Add it.",
            )
    if not theirs.values("oauth_version"):
        yield Difference(
            Part.MISSING,
            "oauth_version is missing.",
            "It may be left out, but then it must not be signed either.",
            harmless=True,
        )
    for name in dict.fromkeys(one.name for one in theirs.fields):
        if len(theirs.values(name)) > 1:
            yield Difference(
                Part.DUPLICATE, f"{_start(name)} is there more than once.", "Keep one of them."
            )
        if name == "realm":
            yield Difference(
                Part.EXTRA, "realm is there, which X does not need.",
                "It must not be part of what is signed.", harmless=True,
            )  # fmt: skip
        elif name == "oauth_body_hash":
            yield Difference(
                Part.EXTRA, "oauth_body_hash is there, which Ruby adds to every request.",
                "X does not need it; it has to be signed like any other field.", harmless=True,
            )  # fmt: skip
        elif name not in (*_NEEDED, "oauth_version"):
            yield Difference(
                Part.EXTRA,
                f"{_start(name)} is there, which does not belong into this request."
                if name in KNOWN
                else "There is a field that OAuth does not have.",
                "Take it away: parameters of the request stand in the address.",
            )


def _start(name: str) -> str:
    words = shown_name(name)
    return words if name in KNOWN else words[0].upper() + words[1:]


def _keys(keys: Keys, theirs: Pasted) -> Iterator[Difference]:
    app, user = keys.app.secrets, keys.user.secrets
    mine = {
        Part.CONSUMER_KEY: ("oauth_consumer_key", app["key"].unwrap()),
        Part.TOKEN: ("oauth_token", user["token"].unwrap()),
    }
    elsewhere = {
        app["key"].unwrap(): "the consumer key",
        app["secret"].unwrap(): "the consumer secret",
        user["token"].unwrap(): "the access token",
        user["secret"].unwrap(): "the token secret",
    }
    for part, (name, value) in mine.items():
        for one in theirs.values(name)[:1]:
            if one.value == value:
                continue
            what = "consumer key" if part is Part.CONSUMER_KEY else "token"
            remedy = f"Use the {what} of this connection, or choose the connection it is of."
            if one.value in elsewhere:
                words = f"{elsewhere[one.value]} stands where the {what} belongs."
                # A secret in a header is known to everybody who has seen it.
                more = " It has been sent: renew it." if "secret" in words else ""
                yield Difference(part, words[0].upper() + words[1:], f"Exchange them.{more}")
            else:
                yield Difference(part, _unlike(what, one.value, value), remedy)


def _unlike(what: str, theirs: str, ours: str) -> str:
    if not theirs.strip():
        return f"The {what} is empty."
    if theirs.strip(" \t\r\n\"'") == ours:
        return f"The {what} has blanks, quotes or line breaks around it."
    if theirs.lower() == ours.lower():
        return f"The {what} differs in capital and small letters alone."
    if ours.startswith(theirs) or ours.endswith(theirs):
        return f"The {what} is not whole: {len(ours) - len(theirs)} characters are missing."
    if theirs.partition("-")[0] == ours.partition("-")[0] and "-" in ours:
        return f"The {what} is another one of the same user: perhaps an older one."
    return f"The {what} is another one."


def _time(ours: Explained, theirs: Pasted) -> Iterator[Difference]:
    for one in theirs.values("oauth_timestamp")[:1]:
        text = one.value
        if not (text.isascii() and text.isdigit()):
            yield Difference(
                Part.TIMESTAMP, "The timestamp is no whole number.",
                "It is the seconds since 1970, in UTC, in digits alone.",
            )  # fmt: skip
            continue
        if len(text) > 11:
            unit = {13: "milliseconds", 16: "microseconds"}.get(len(text), "something else")
            yield Difference(
                Part.TIMESTAMP, f"The timestamp is in {unit}, not in seconds.",
                "It is the seconds since 1970, in UTC.",
            )  # fmt: skip
            continue
        off = int(text) - ours.timestamp
        way = "ahead of" if off > 0 else "behind"
        if abs(off) > CLOCK_SECONDS:
            yield Difference(
                Part.TIMESTAMP,
                f"The timestamp is {abs(off):,} seconds {way} this computer’s clock.",
                "If the header was made just now, the clock where it was made is wrong, and X "
                "refuses it with code 135 or 32. If it is older, it cannot be sent any more.",
            )
        elif abs(off) > 1:
            yield Difference(
                Part.TIMESTAMP,
                f"The timestamp is {abs(off):,} seconds {way} this computer’s clock.",
                "X allows about five minutes.",
                harmless=True,
            )


def _rest(ours: Explained, theirs: Pasted) -> Iterator[Difference]:
    for one in theirs.values("oauth_nonce")[:1]:
        if not one.value:
            yield Difference(Part.NONCE, "The nonce is empty.", "Make a new one for each request.")
        elif not (one.value.isascii() and one.value.isprintable()) or " " in one.value:
            yield Difference(
                Part.NONCE, "The nonce has characters that X may not take.",
                "Use letters and digits alone.",
            )  # fmt: skip
        else:
            same = f'oauth_nonce="{one.raw}"' in ours.header.unwrap()
            yield Difference(
                Part.NONCE,
                "The nonce is the same." if same else "The nonce is another one, as it should be.",
                "X takes each nonce once."
                if same
                else "Each request needs one that was not used before.",
                harmless=True,
            )
    for one in theirs.values("oauth_signature_method")[:1]:
        if one.value != "HMAC-SHA1":
            known = one.value.upper() if one.value.upper() in _METHODS else "another one"
            small = "HMAC-SHA1 in other letters" if known == "HMAC-SHA1" else known
            yield Difference(
                Part.SIGNATURE_METHOD, f"The signature method is {small}.",
                "X takes HMAC-SHA1 only, written so.",
            )  # fmt: skip
    for one in theirs.values("oauth_version")[:1]:
        if one.value != "1.0":
            yield Difference(Part.VERSION, "The version is not 1.0.", "Write 1.0, or leave it out.")
    order = [one.name for one in theirs.fields if one.name in _OUR_ORDER]
    if order != [name for name in _OUR_ORDER if name in order]:
        yield Difference(
            Part.ORDER,
            "The fields stand in another order than ours.",
            "That is allowed: only what is signed has to be sorted.",
            harmless=True,
        )


def split_address(url: str) -> tuple[str, str, str]:
    """Return scheme, host with port, and path of an address; empty where it is none."""
    try:
        parts = urlsplit(url)
        return parts.scheme.lower(), parts.netloc.lower(), parts.path
    except ValueError:
        return "", "", ""
