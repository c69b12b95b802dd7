"""The mistakes that are made when requests are signed, each tried to see which signature it gives.

``oauthlib`` signs all of them; only what it is given to sign is wrong on purpose.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import field
from itertools import combinations, product
from typing import Any, cast
from urllib.parse import urlsplit

from oauthlib.oauth1 import Client
from oauthlib.oauth1.rfc5849 import signature, utils

from adwarden.domain.data import dataclass
from adwarden.domain.requests import Pairs
from adwarden.domain.tried import Part
from adwarden.providers.x.signature import Keys, base_string, normalized

MOST_MISTAKES = 2
"""Mistakes at the same time that are tried; more would fit by chance to nothing, but take long."""

HASHES = {28: "HMAC-SHA1", 44: "HMAC-SHA256", 88: "HMAC-SHA512"}
"""Which method makes a signature of so many characters."""

_HOSTS = (
    "ads-api.x.com",
    "ads-api.twitter.com",
    "api.x.com",
    "api.twitter.com",
    "ads-api-sandbox.x.com",
    "ads-api-sandbox.twitter.com",
)
_METHODS = ("GET", "POST", "PUT", "DELETE", "PATCH", "HEAD")
_PORT = re.compile(r":\d+$")
_ENCODED = re.compile(r"%[0-9A-F]{2}")


@dataclass(frozen=True, slots=True)
class Mistake:
    """What was done wrong, in words that go on after “This signature comes out …”."""

    part: Part
    words: str
    remedy: str


@dataclass(frozen=True, slots=True)
class Request:
    """What was to be signed; ``url`` is without query, ``oauth`` without signature and realm."""

    method: str
    url: str = field(repr=False)
    query: Pairs = field(repr=False)
    oauth: Pairs = field(repr=False)
    realm: str = field(default="", repr=False)


_Options = list[tuple[Mistake | None, Any]]


def explain_mistake(
    request: Request, keys: Keys, fits: Callable[[str], bool], hash_name: str
) -> tuple[Mistake, ...] | None:
    """Return the fewest mistakes that give a signature that ``fits``; none where it is right.

    ``None`` where nothing that is tried gives it.
    """
    dimensions = [
        _methods(request),
        _addresses(request),
        _parameters(request),
        _secrets(keys),
        _joinings(),
    ]
    signer = Client.SIGNATURE_METHODS.get(hash_name)
    if signer is None or hash_name.startswith("RSA"):
        return None
    for count in range(MOST_MISTAKES + 1):
        for mistakes, chosen in _choices(dimensions, count):
            method, url, parameters, client, join = chosen
            if fits(signer(join(method, url, parameters), client)):
                return mistakes
    return None


def _choices(
    dimensions: list[_Options], count: int
) -> Iterator[tuple[tuple[Mistake, ...], tuple[Any, ...]]]:
    """Yield what there is with so many mistakes, each in a dimension of its own."""
    for wrong in combinations(range(len(dimensions)), count):
        options = [one[1:] if place in wrong else one[:1] for place, one in enumerate(dimensions)]
        for chosen in product(*options):
            yield (
                tuple(mistake for mistake, _ in chosen if mistake is not None),
                tuple(value for _, value in chosen),
            )


def _joinings() -> _Options:
    """Return how method, address and parameter string may be put together."""

    def joined(method: str, url: str, parameters: str) -> str:
        base = base_string(method, url, parameters)
        # oauthlib writes it in capitals, which is right.
        return method + base[len(method) :] if method.islower() else base

    def bare(method: str, url: str, parameters: str) -> str:
        return f"{method}&{url}&{parameters}"

    def mistake(what: str) -> Mistake:
        return Mistake(
            Part.ENCODING, f"when {what} in the base string",
            "Address and parameter string are each encoded as a whole, and then put together "
            "with the method, by &.",
        )  # fmt: skip

    return [
        (None, joined),
        (mistake("nothing is encoded"), bare),
        (mistake("the address is not encoded"),
         lambda method, url, parameters: bare(method, url, utils.escape(parameters))),
        (mistake("the parameter string is not encoded"),
         lambda method, url, parameters: bare(method, utils.escape(url), parameters)),
    ]  # fmt: skip


def _methods(request: Request) -> _Options:
    method = request.method.upper()
    remedy = "Sign the method that is sent."
    wrong: _Options = [
        (Mistake(Part.HTTP_METHOD, f"when {one} is signed instead of the method sent", remedy), one)
        for one in _METHODS
        if one != method
    ]
    lower = Mistake(
        Part.HTTP_METHOD, "when the method is signed in small letters", "Sign it in capitals."
    )
    return [(None, method), *wrong, (lower, method.lower())]


def _addresses(request: Request) -> _Options:
    try:
        right = signature.base_string_uri(request.url)
        split = urlsplit(right)
        scheme, host, path = split.scheme, split.netloc, split.path
    except ValueError:
        return [(None, request.url)]
    options: _Options = [(None, right)]

    def add(words: str, remedy: str, url: str) -> None:
        if url != right:
            options.append((Mistake(Part.URL, words, remedy), url))

    other = {"https": "http", "http": "https"}.get(scheme, "https")
    add(
        f"when {other} is signed instead of {scheme}",
        f"Sign the address as it is sent, with {scheme}. Behind a proxy that ends TLS, libraries "
        "take the wrong one.",
        f"{other}://{host}{path}",
    )
    sent = host if host in _HOSTS else "the host it is sent to"
    for name in _HOSTS:
        if host != name:
            add(f"when {name} is signed instead of {sent}", "Use the same host for both.",
                f"https://{name}{path}")  # fmt: skip
    if request.query:
        query = "&".join(f"{name}={value}" for name, value in request.query)
        encoded = "&".join(f"{utils.escape(a)}={utils.escape(b)}" for a, b in request.query)
        for text in dict.fromkeys((query, encoded)):
            add("when the query is left in the signed address",
                "Sign the address up to the ?; the query counts as parameters.",
                f"{right}?{text}")  # fmt: skip
    slash = path[:-1] if path.endswith("/") else f"{path}/"
    add("when the path is signed with, or without, a / at its end", "Sign the path as it is sent.",
        f"{scheme}://{host}{slash}")  # fmt: skip
    version = re.match(r"/(\d{1,2})(?=/)", path)
    if version is not None:
        rest = path[version.end() :]
        for number in ("10", "11", "12"):
            add("when another version of the API is signed than is asked",
                "Sign the path as it is sent.", f"{scheme}://{host}/{number}{rest}")  # fmt: skip
        add("when the version is left out of the signed path", "Sign the path as it is sent.",
            f"{scheme}://{host}{rest}")  # fmt: skip
    port = _PORT.search(host)
    if port is None:
        add("when the port is part of the signed address",
            "Leave out the port where it is the usual one.",
            f"{scheme}://{host}:{443 if scheme == 'https' else 80}{path}")  # fmt: skip
    else:
        add("when the port is left out of the signed address",
            "Sign the port where it is not the usual one.",
            f"{scheme}://{host[: port.start()]}{path}")  # fmt: skip
    return options


def _parameters(request: Request) -> _Options:
    query, oauth = list(request.query), list(request.oauth)
    right = normalized(query + oauth)
    options: _Options = [(None, right)]

    def add(part: Part, words: str, remedy: str, text: str) -> None:
        if all(text != known for _, known in options):
            options.append((Mistake(part, words, remedy), text))

    def without(name: str) -> str:
        return normalized(query + [one for one in oauth if one[0] != name])

    rule = "Encode as RFC 3986 says: %20 for a blank, capitals in %2F."
    if any(" " in name + value for name, value in query):
        add(Part.ENCODING, "when blanks are signed as +", rule, right.replace("%20", "+"))
        add(Part.ENCODING, "when a + for a blank is signed as %2B",
            rule, right.replace("%20", "%2B"))  # fmt: skip
    add(Part.ENCODING, "when percent-encoding is signed in small letters, such as %2f", rule,
        _ENCODED.sub(lambda found: found.group().lower(), right))  # fmt: skip
    add(Part.ENCODING, "when values are encoded twice before they are signed",
        "Encode each value once.",
        normalized([(utils.escape(a), utils.escape(b)) for a, b in query] + oauth))  # fmt: skip
    raw = "&".join(f"{name}={value}" for name, value in sorted(query + oauth))
    add(Part.ENCODING, "when values are signed without being encoded", rule, raw)
    add(Part.ENCODING, "when : and , are signed without being encoded",
        "Encode every : as %3A and every , as %2C.",
        right.replace("%3A", ":").replace("%2C", ","))  # fmt: skip
    add(Part.PARAMETERS, "when the parameters of the address are not signed",
        "Sign them together with the oauth_ fields.", normalized(oauth))  # fmt: skip
    for name in ("oauth_token", "oauth_version", "oauth_nonce", "oauth_timestamp",
                 "oauth_consumer_key", "oauth_signature_method"):  # fmt: skip
        add(Part.PARAMETERS, f"when {name} is not signed",
            "Sign every oauth_ field but the signature.", without(name))  # fmt: skip
    if request.realm:
        add(Part.PARAMETERS, "when realm is signed", "realm is no part of the signature.",
            normalized([*query, *oauth, ("realm", request.realm)]))  # fmt: skip
    add(Part.PARAMETERS, "when an empty oauth_signature is signed",
        "Leave it out until it is known.",
        normalized([*query, *oauth, ("oauth_signature", "")]))  # fmt: skip
    for pairs in (query + oauth, oauth + query, sorted(query) + sorted(oauth),
                  sorted(oauth) + sorted(query), sorted(query + oauth, reverse=True)):  # fmt: skip
        add(Part.ORDER, "when the parameters are not sorted",
            "Sort all of them, those of the address and the oauth_ fields, by name and value.",
            "&".join(f"{utils.escape(a)}={utils.escape(b)}" for a, b in pairs))  # fmt: skip
    return options


def _secrets(keys: Keys) -> _Options:
    key, secret = (keys.app.secrets[name].unwrap() for name in ("key", "secret"))
    token, owner = (keys.user.secrets[name].unwrap() for name in ("token", "secret"))
    copy = "Copy it again, without blanks, quotes or line breaks."
    both = "The signing key is consumer secret, &, token secret."
    wrong = [
        ("when consumer secret and token secret are swapped", both, owner, secret),
        ("when the token secret is missing", both, secret, ""),
        ("when the consumer secret is missing", both, "", owner),
        ("when both secrets are missing", both, "", ""),
        ("when the consumer secret is used for both", both, secret, secret),
        ("when the token secret is used for both", both, owner, owner),
        ("when the consumer key is used as the consumer secret", both, key, owner),
        ("when the token is used as the token secret", both, secret, token),
        ("when key and token are used as the secrets", both, key, token),
        ("when the last character of the consumer secret is missing", copy, secret[:-1], owner),
        ("when the last character of the token secret is missing", copy, secret, owner[:-1]),
    ]
    for end, what in (("\n", "a line break"), ("\r", "a line break"), (" ", "a blank")):
        wrong += [
            (f"when the consumer secret ends with {what}", copy, secret + end, owner),
            (f"when the token secret ends with {what}", copy, secret, owner + end),
            (f"when both secrets end with {what}", copy, secret + end, owner + end),
        ]
    for quote in ('"', "'"):
        in_one, in_other = f"{quote}{secret}{quote}", f"{quote}{owner}{quote}"
        wrong += [
            ("when the consumer secret is in quotes", copy, in_one, owner),
            ("when the token secret is in quotes", copy, secret, in_other),
            ("when both secrets are in quotes", copy, in_one, in_other),
        ]
    return [
        (None, _client(secret, owner)),
        *((Mistake(Part.SECRET, words, remedy), _client(a, b)) for words, remedy, a, b in wrong),
    ]


def _client(secret: str, owner: str) -> Client:
    return Client(cast("Any", ""), client_secret=secret, resource_owner_secret=owner)
