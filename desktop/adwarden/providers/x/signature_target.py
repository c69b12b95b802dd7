"""Compares where two requests go: method, address and parameters."""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import unquote

from adwarden.domain.tried import Difference, Explained, Part
from adwarden.providers.x.pasted_request import Pasted
from adwarden.providers.x.signature_fields import split_address, without_query

_X_HOSTS = frozenset(
    {
        "api.x.com",
        "api.twitter.com",
        "ads-api.x.com",
        "ads-api.twitter.com",
        "ads-api-sandbox.x.com",
        "ads-api-sandbox.twitter.com",
    }
)
"""Hosts that may be named in words."""

_VERSION = re.compile(r"/(\d{1,2})/")
_METHODS = frozenset({"GET", "POST", "PUT", "DELETE", "PATCH", "HEAD", "OPTIONS"})


def target_differences(ours: Explained, theirs: Pasted) -> list[Difference]:
    """Return how the requests differ; nothing where only a header was pasted."""
    return [*_method(ours, theirs), *_address(ours, theirs), *_parameters(ours, theirs)]


def _method(ours: Explained, theirs: Pasted) -> Iterator[Difference]:
    if theirs.method and theirs.method != ours.method:
        name = theirs.method if theirs.method in _METHODS else "another method"
        yield Difference(
            Part.HTTP_METHOD, f"It is sent with {name}, and ours with {ours.method}.",
            "The method is signed: compare requests with the same one.",
        )  # fmt: skip


def _address(ours: Explained, theirs: Pasted) -> Iterator[Difference]:
    if not theirs.url:
        return
    scheme, host, path = split_address(theirs.url)
    our_scheme, our_host, our_path = split_address(ours.url)
    if scheme not in ("http", "https") or not host:
        yield Difference(
            Part.URL, "The address is not a whole one.", "It begins with https:// and a host."
        )
        return
    if scheme != our_scheme:
        yield Difference(
            Part.URL, f"It goes to {scheme}, and ours to {our_scheme}.",
            "X takes https alone, and the scheme is signed.",
        )  # fmt: skip
    if host != our_host:
        name = host if host in _X_HOSTS else "another host"
        yield Difference(
            Part.URL, f"It goes to {name}, and ours to {our_host}.",
            "The host is signed: it has to be the one that is asked.",
        )  # fmt: skip
    if path != our_path:
        a, b = _VERSION.match(path), _VERSION.match(our_path)
        if a and b and a[1] != b[1] and path[a.end() :] == our_path[b.end() :]:
            words = f"It asks version {a[1]} of the API, and ours version {b[1]}."
        elif path.rstrip("/") == our_path.rstrip("/"):
            words = "The paths differ by a / at the end."
        elif unquote(path) == unquote(our_path):
            words = "The paths are encoded differently."
        elif path.lower() == our_path.lower():
            words = "The paths differ in capital and small letters alone."
        else:
            words = "The path is another one."
        yield Difference(Part.URL, words, "The path is signed as it is sent.")


def _parameters(ours: Explained, theirs: Pasted) -> Iterator[Difference]:
    if not theirs.url:
        return
    mine = without_query(ours.url)[1]
    its = theirs.query + theirs.form
    if sorted(mine) == sorted(its):
        if mine != its:
            yield Difference(
                Part.ORDER, "The parameters stand in another order than ours.",
                "That is allowed: they are sorted before they are signed.", harmless=True,
            )  # fmt: skip
        return
    remedy = "Parameters are signed: compare requests with the same ones."
    missing = [name for name, _ in mine if name not in dict(its)]
    more = [name for name, _ in its if name not in dict(mine)]
    if missing:
        yield Difference(Part.PARAMETERS, f"It lacks {', '.join(missing)}.", remedy)
    if more:
        count = "a parameter" if len(more) == 1 else f"{len(more)} parameters"
        yield Difference(Part.PARAMETERS, f"It has {count} that ours has not.", remedy)
    for name, value in mine:
        for other_name, other in its:
            if name == other_name and other != value:
                words = f"{name} has another value than ours."
                if unquote(other) == value:
                    words = f"{name} is encoded twice."
                elif other.replace("+", " ") == value:
                    words = f"{name} has a + where ours has a blank."
                yield Difference(Part.PARAMETERS, words, remedy)
    if not missing and not more and len(mine) != len(its):
        yield Difference(Part.PARAMETERS, "A parameter is there more than once.", remedy)
