"""Paths that a person types to try a request: what there is, what they may become, what is wrong.

The endpoints are X's, from docs.x.com (see ``request_catalog``). A path never says a host: that is
the settings' alone, as whoever gets a signed request gets to know the app and the token.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import cache
from urllib.parse import parse_qsl

from adwarden.domain.data import dataclass
from adwarden.domain.errors import InputError
from adwarden.domain.request_catalog import CATEGORIES, ENDPOINTS, HELP, IDS_HELP

METHODS = ("GET", "POST", "PUT", "DELETE")
"""What can be tried; all but the first change something, and have to be unlocked."""

ACCOUNT = ":account_id"
API_VERSIONS = ("1.1", "2")
"""First parts of a path that are of X's other API, on another host."""

LONGEST_PATH = 500
LONGEST_QUERY = 8_000
"""Characters of all parameters together; servers refuse longer addresses."""

OFFERED = 12

_SEGMENT = re.compile(r":?[A-Za-z0-9_.~-]+")
_VERSION = re.compile(r"[0-9]{1,2}")
_NAME = re.compile(r"[A-Za-z0-9_.\[\]-]{1,100}")

Pairs = tuple[tuple[str, str], ...]
"""Names and values of parameters, in order; a name may come twice."""


@dataclass(frozen=True, slots=True)
class Parameter:
    """A parameter of an endpoint; ``help`` says in a few words what it takes."""

    name: str
    help: str
    required: bool = False


@dataclass(frozen=True, slots=True)
class Endpoint:
    """A read of X's API; ``path`` has ``:names`` where an id belongs, ``page`` documents it."""

    path: str
    title: str
    category: str
    parameters: tuple[Parameter, ...]
    page: str

    @property
    def places(self) -> tuple[str, ...]:
        """The names that ids take the place of, without colon, the ad account's among them."""
        return tuple(part[1:] for part in self.path.split("/") if part.startswith(":"))


@dataclass(frozen=True, slots=True)
class Typed:
    """A path as it was typed: its parts, and the parameters that stood behind it.

    ``version`` is empty where the settings' is meant; ``API_VERSIONS`` are on the other host.
    """

    parts: tuple[str, ...]
    version: str = ""
    parameters: Pairs = ()

    @property
    def other_api(self) -> bool:
        """Whether it is of X's other API, which X may charge for."""
        return self.version in API_VERSIONS

    @property
    def text(self) -> str:
        """The path, without the version of the Ads API."""
        return "/".join(((self.version,) if self.other_api else ()) + self.parts)


@dataclass(frozen=True, slots=True)
class Completion:
    """What a typed path may become: ``text`` takes the place of all that was typed."""

    text: str
    endpoint: Endpoint


@cache
def catalog() -> tuple[Endpoint, ...]:
    """Return all read endpoints that are known."""
    return tuple(
        Endpoint(
            path,
            title,
            CATEGORIES[category][0],
            tuple(_parameter(name) for name in names.split()),
            CATEGORIES[category][1],
        )
        for category, path, title, names in ENDPOINTS
    )


def _parameter(name: str) -> Parameter:
    bare = name.rstrip("!")
    words = HELP.get(bare) or IDS_HELP
    return Parameter(bare, words, required=bare != name)


def complete(typed: str, *, most: int = OFFERED) -> tuple[Completion, ...]:
    """Return what a path may become that is being typed; never raises.

    Ids that stand in it stay. What only contains the words comes after what begins with them.
    """
    text = _without_version(typed[:LONGEST_PATH].strip().partition("?")[0].lstrip("/"))
    *whole, last = text.split("/")
    begun = [
        Completion("/".join((*whole, *one.path.split("/")[len(whole) :])), one)
        for one in catalog()
        if _begins(one.path.split("/"), whole, last)
    ]
    words = re.split(r"[\s/_:]+", text.lower())
    seen = {one.endpoint.path for one in begun}
    others = [
        Completion(one.path, one)
        for one in catalog()
        if one.path not in seen
        and all(word in f"{one.path} {one.title} {one.category}".lower() for word in words)
    ]
    return tuple((begun + others)[:most])


def _begins(known: Sequence[str], whole: Sequence[str], last: str) -> bool:
    if len(known) <= len(whole):
        return False
    before = zip(known, whole, strict=False)
    if not all(a == b or (a.startswith(":") and b) for a, b in before):
        return False
    part = known[len(whole)]
    # An id that is being typed is what stands there, and not the beginning of it.
    return part.startswith(last) or (part.startswith(":") and len(known) == len(whole) + 1)


def find(typed: Typed) -> Endpoint | None:
    """Return the endpoint that a path is of, ids filled in or not; exact names go first."""
    parts = typed.text.split("/")
    fits = [
        one
        for one in catalog()
        if len(known := one.path.split("/")) == len(parts)
        and all(a == b or a.startswith(":") for a, b in zip(known, parts, strict=True))
    ]
    return min(fits, key=lambda one: one.path.count(":"), default=None)


def parse(typed: str) -> Typed:
    """Read a path such as ``accounts/:account_id/campaigns?count=5``; raises ``InputError``."""
    text = typed.strip()
    if not text.strip("/"):
        raise _wrong("There is no path", "Type one, such as accounts, or choose from the list.")
    if len(text) > LONGEST_PATH + LONGEST_QUERY:
        raise _wrong("The path is too long", "Put the parameters into the fields below it.")
    path, question, query = text.partition("?")
    if "://" in path or path.startswith("//") or "\\" in path or "@" in path:
        raise _wrong(
            "Only the path belongs here",
            "Take away what stands before it: requests go to the addresses in the settings alone.",
        )
    if "#" in text:
        raise _wrong("A path has no #", "Take it away with what follows: servers never see it.")
    if any(char.isspace() for char in path):
        raise _wrong("There are blanks in the path", "Take them away.")
    if "%" in path:
        raise _wrong("A path has no %", "Write it as it is: what must be encoded will be.")
    parts = path.strip("/").split("/")
    if any(part and not part.strip(".") for part in parts):
        raise _wrong("A part of the path is dots alone", "Write all of the path that is meant.")
    if len(path) > LONGEST_PATH:
        raise _wrong("The path is too long", f"{LONGEST_PATH} characters are enough for any.")
    if not all(_SEGMENT.fullmatch(part) for part in parts):
        raise _wrong(
            "This is no path of X",
            "Its parts have letters from a to z, digits, and - _ . ~, with one / between them.",
        )
    parameters = _query(query) if question else ()
    version = ""
    if parts[0] in API_VERSIONS or _VERSION.fullmatch(parts[0]):
        version, parts = parts[0], parts[1:]
        if not parts:
            raise _wrong("The path ends with the version", "Type what follows, such as accounts.")
    return Typed(tuple(parts), version, parameters)


def path_of(text: str, ads_url: str, api_url: str) -> str:
    """Return the path of an address that requests go to anyway; any other text as it is."""
    for base, other_api in ((ads_url, False), (api_url, True)):
        start = f"{base.rstrip('/')}/".lower()
        path = text.strip()[len(start) :]
        other = path.partition("/")[0] in API_VERSIONS
        of_base = other if other_api else _without_version(path) != path
        if of_base and text.strip().lower().startswith(start):
            return path
    return text


def filled(typed: Typed, account_id: str = "", ids: Mapping[str, str] | None = None) -> str:
    """Return the path with its ids, without the version; raises ``InputError``.

    ``ids`` has the values of the other places by their names, without colon.
    """
    values = {**(ids or {}), ACCOUNT[1:]: account_id}
    return "/".join(_part(part, values) for part in typed.parts)


def _part(part: str, values: Mapping[str, str]) -> str:
    if not part.startswith(":"):
        return part
    value = values.get(part[1:], "").strip()
    # The account's id comes from the network: it must stay one part of the path.
    if value.strip(".") and len(value) <= 200 and _SEGMENT.fullmatch(value) and value[0] != ":":
        return value
    if part == ACCOUNT:
        raise InputError(
            "No ad account is chosen" if not value else "This ad account has an impossible ID",
            "The path has :account_id, which an ad account's ID takes the place of.",
            "Choose an ad account.",
            field="account",
        )
    raise InputError(
        "An ID is missing in the path" if not value else "An ID in the path cannot be one",
        f"The path has {part if _is_known(part) else 'a name with a colon'}, which an ID takes "
        "the place of.",
        "Type the ID instead of it.",
        field="path",
    )


def checked(parameters: Pairs) -> Pairs:
    """Return the parameters that are to be sent, without empty ones; raises ``InputError``."""
    kept: list[tuple[str, str]] = []
    for place, (name, value) in enumerate(parameters, 1):
        name = name.strip()
        if not value:
            continue
        if not _NAME.fullmatch(name):
            raise _parameter_error(
                place, "has no name" if not name else "has an impossible name",
                "Names have letters from a to z, digits, and _ . - [ ].",
            )  # fmt: skip
        if name.lower().startswith("oauth_"):
            raise _parameter_error(
                place, "is one of the signature's own",
                "What begins with oauth_ is added when the request is signed.",
            )  # fmt: skip
        if any(ord(char) < 0x20 or 0xD800 <= ord(char) < 0xE000 for char in value):
            raise _parameter_error(
                place, "has characters that cannot be sent", "Type the value again, in one line."
            )
        kept.append((name, value))
    if sum(len(name) + len(value) + 2 for name, value in kept) > LONGEST_QUERY:
        raise InputError(
            "The parameters are too long",
            f"All of them together have more than {LONGEST_QUERY:,} characters.",
            "Ask for fewer IDs at a time.",
            field="parameters",
        )
    return tuple(kept)


def _query(query: str) -> Pairs:
    try:
        return tuple(parse_qsl(query, keep_blank_values=True, max_num_fields=100))
    except ValueError:
        raise _wrong(
            "There are too many parameters in the path", "Put them into the fields below it."
        ) from None


def _is_known(part: str) -> bool:
    return any(part[1:] in one.places for one in catalog())


def _without_version(text: str) -> str:
    first, slash, rest = text.partition("/")
    return rest if slash and _VERSION.fullmatch(first) and first not in API_VERSIONS else text


def _parameter_error(place: int, what: str, remedy: str) -> InputError:
    return InputError(f"Parameter {place} {what}", "", remedy, field=f"parameter {place}")


def _wrong(title: str, remedy: str) -> InputError:
    return InputError(title, "", remedy, field="path")
