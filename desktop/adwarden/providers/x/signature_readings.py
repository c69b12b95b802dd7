"""The ways in which a pasted header can be read, and what is odd about how it is written."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import field
from urllib.parse import unquote

from adwarden.domain.data import dataclass
from adwarden.domain.tried import Difference, Part
from adwarden.providers.x.pasted_request import Field, Pasted
from adwarden.providers.x.signature_mistakes import HASHES, Mistake

_RULE = "Encode each value once, as RFC 3986 says."
_TWICE = re.compile(r"%25[0-9A-Fa-f]{2}")
_SMALL = re.compile(r"%(?:[a-f][0-9A-Fa-f]|[0-9A-F][a-f])")
_STRAY = re.compile(r"%(?![0-9A-Fa-f]{2})")
_RESERVED = re.compile(r"[^A-Za-z0-9._~%-]")
_HEX = re.compile(r"(?:[0-9a-fA-F]{40}|[0-9a-fA-F]{64}|[0-9a-fA-F]{128})")


@dataclass(frozen=True, slots=True)
class Reading:
    """A signature as it may have been meant; ``mistake`` is what has to be forgiven for that."""

    text: str = field(repr=False)
    mistake: Mistake | None = None


def readings(signature: Field) -> tuple[Reading, ...]:
    """Return the ways to read a signature, the right one first."""
    once = signature.value
    twice = Mistake(
        Part.ENCODING, "and is then encoded twice in the header", "Encode the signature once."
    )
    lost = Mistake(
        Part.ENCODING,
        "and its + are then turned into blanks",
        "Write + as %2B in the header.",
    )
    padding = Mistake(
        Part.SIGNATURE, "and its = at the end is then missing", "Keep all of the Base64 text."
    )
    found = [Reading(once), Reading(unquote(once), twice)]
    if " " in once:
        found.append(Reading(once.replace(" ", "+"), lost))
    if len(once) in (27, 43):
        found.append(Reading(f"{once}=", padding))
    if len(once) == 86:
        found.append(Reading(f"{once}==", padding))
    if signature.raw != once:
        # Written plainly, a % in it would be its own.
        found.append(Reading(signature.raw))
    return tuple(found)


def shape_of(theirs: Pasted) -> list[Difference]:
    """Return what is odd about how the fields are written."""
    found = list(_signature_shape(theirs))
    if theirs.in_query:
        found.append(
            Difference(
                Part.PASTED,
                "The fields stand in the address, not in a header.",
                "X takes that, but addresses end up in logs.",
                harmless=True,
            )
        )
        return found
    if not theirs.quoted:
        found.append(
            Difference(
                Part.ENCODING,
                "The values are not in double quotes.",
                'Write every field as name="value".',
            )
        )
    if not theirs.commas:
        found.append(
            Difference(
                Part.ENCODING,
                "The fields are not divided by commas.",
                "Put a comma and a blank between them.",
            )
        )
    return found + list(_encoding(theirs.fields))


def _signature_shape(theirs: Pasted) -> Iterable[Difference]:
    for one in theirs.values("oauth_signature")[:1]:
        plain = {f.name: f.value for f in theirs.fields}.get("oauth_signature_method")
        forms = {len(reading.text) for reading in readings(one)}
        if not one.value:
            yield Difference(Part.SIGNATURE, "The signature is empty.", "Sign the request.")
        elif _HEX.fullmatch(one.value):
            yield Difference(
                Part.SIGNATURE,
                "The signature is in hexadecimal digits.",
                "Take the bytes of the HMAC and write them in Base64.",
            )
        elif plain != "PLAINTEXT" and not forms & set(HASHES):
            yield Difference(
                Part.SIGNATURE,
                f"A signature of HMAC-SHA1 has 28 characters in Base64; this one has "
                f"{len(one.value)}.",
                "Copy it again, all of it, or see what signs it.",
            )
        elif plain == "HMAC-SHA1" and 28 not in forms:
            name = next(HASHES[size] for size in sorted(forms) if size in HASHES)
            yield Difference(
                Part.SIGNATURE_METHOD,
                f"The header says HMAC-SHA1, but the signature is as long as one of {name}.",
                "X takes HMAC-SHA1 only.",
            )


def _encoding(fields: Iterable[Field]) -> Iterable[Difference]:
    for one in fields:
        if one.name == "realm":
            continue
        name = f"The value of {shown_name(one.name)}"
        if _TWICE.search(one.raw):
            yield Difference(Part.ENCODING, f"{name} is encoded twice: it has %25.", _RULE)
        if _STRAY.search(one.raw):
            yield Difference(
                Part.ENCODING, f"{name} has a % that encodes nothing.", "Write a % itself as %25."
            )
        if "+" in one.raw and one.name != "oauth_signature":
            yield Difference(
                Part.ENCODING,
                f"{name} has a +, which is no blank in a header.",
                "Write a blank as %20, and a + as %2B.",
            )
        elif _RESERVED.search(one.raw):
            yield Difference(
                Part.ENCODING,
                f"{name} has characters that are not encoded, such as + / = or a blank.",
                "Write + as %2B, / as %2F and = as %3D.",
            )
        if _SMALL.search(one.raw):
            yield Difference(
                Part.ENCODING,
                f"{name} is encoded with small letters, such as %2f.",
                "Servers read it alike; where it is signed, capitals are a must.",
                harmless=True,
            )


KNOWN = (
    "oauth_consumer_key",
    "oauth_nonce",
    "oauth_signature",
    "oauth_signature_method",
    "oauth_timestamp",
    "oauth_token",
    "oauth_version",
    "oauth_callback",
    "oauth_verifier",
    "oauth_body_hash",
    "realm",
)
"""Names that may be repeated in words; any other was pasted, and may be anything."""


def shown_name(name: str) -> str:
    """Return a field's name where it is one that is known."""
    return name if name in KNOWN else "a field of another name"
