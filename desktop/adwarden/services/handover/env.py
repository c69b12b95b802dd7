"""Variables of the environment: the families of names that are in use, and ``.env`` files.

``bash``, ``docker --env-file`` and python-dotenv read the same from what is written here: none of
its values is quoted, since Docker takes quotes for a part of the value, and what would need some
is refused.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from types import MappingProxyType

from adwarden.domain.data import dataclass
from adwarden.domain.errors import InputError
from adwarden.domain.handover import CredentialSet, Taken
from adwarden.domain.shown import visible
from adwarden.services.handover.assembling import Named, assemble
from adwarden.services.handover.naming import SECRETS

_ORDER = (*SECRETS, "account_id")
_SAFE = re.compile(r"(?!=)[A-Za-z0-9%+/=_.:@-]+")


@dataclass(frozen=True, slots=True)
class Family:
    """One way of naming: ``names`` has a variable for each field of a set that it has a name for.

    ``about`` says who uses it.
    """

    id: str
    title: str
    about: str
    names: Mapping[str, str]

    @property
    def has_user(self) -> bool:
        """Whether there is a name for a user's token; one family names the app alone."""
        return "token" in self.names


def _family(
    name: str, title: str, about: str, names: str, rest: str, account: str
) -> tuple[str, Family]:
    fields = ("api_key", "api_secret", "token", "token_secret")
    made = dict(zip(fields, names.split(), strict=False))
    if "token" not in made:
        return name, Family(name, title, about, MappingProxyType(made))
    made |= {
        "bearer": f"{rest}BEARER_TOKEN",
        "client_id": f"{rest}CLIENT_ID",
        "client_secret": f"{rest}CLIENT_SECRET",
        "account_id": account,
    }
    return name, Family(name, title, about, MappingProxyType(made))


FAMILIES: Mapping[str, Family] = MappingProxyType(
    dict(
        (
            _family(
                "x", "X_API_KEY …", "Most programs written since the name is X.",
                "X_API_KEY X_API_SECRET X_ACCESS_TOKEN X_ACCESS_TOKEN_SECRET",
                "X_", "X_ADS_ACCOUNT_ID",
            ),
            _family(
                "x-ads", "X_ADS_CONSUMER_KEY …", "Programs for the Ads API.",
                "X_ADS_CONSUMER_KEY X_ADS_CONSUMER_SECRET X_ADS_ACCESS_TOKEN"
                " X_ADS_ACCESS_TOKEN_SECRET",
                "X_", "X_ADS_ACCOUNT_ID",
            ),
            _family(
                "x-ads-api", "X_ADS_API_KEY …", "Programs for the Ads API that say API key.",
                "X_ADS_API_KEY X_ADS_API_SECRET X_ADS_ACCESS_TOKEN X_ADS_ACCESS_TOKEN_SECRET",
                "X_", "X_ADS_ACCOUNT_ID",
            ),
            _family(
                "x-oauth", "X_OAUTH_CONSUMER_KEY …", "X’s own MCP server.",
                "X_OAUTH_CONSUMER_KEY X_OAUTH_CONSUMER_SECRET X_OAUTH_ACCESS_TOKEN"
                " X_OAUTH_ACCESS_TOKEN_SECRET",
                "X_", "X_ADS_ACCOUNT_ID",
            ),
            _family(
                "twitter", "TWITTER_CONSUMER_KEY …", "Programs from before the name was X.",
                "TWITTER_CONSUMER_KEY TWITTER_CONSUMER_SECRET TWITTER_ACCESS_TOKEN"
                " TWITTER_ACCESS_TOKEN_SECRET",
                "TWITTER_", "TWITTER_ADS_ACCOUNT_ID",
            ),
            _family(
                "consumer", "CONSUMER_KEY …", "The Ads SDKs and X’s documentation.",
                "CONSUMER_KEY CONSUMER_SECRET ACCESS_TOKEN ACCESS_TOKEN_SECRET",
                "", "ACCOUNT_ID",
            ),
            _family(
                "api", "API_KEY …", "X’s documentation of the API v2.",
                "API_KEY API_SECRET_KEY USER_ACCESS_TOKEN USER_ACCESS_TOKEN_SECRET",
                "", "ACCOUNT_ID",
            ),
            _family(
                "twauth", "TWAUTH_APP_CONSUMER_KEY …", "twauth-web; it names the app alone.",
                "TWAUTH_APP_CONSUMER_KEY TWAUTH_APP_CONSUMER_SECRET", "", "ACCOUNT_ID",
            ),
        )
    )
)  # fmt: skip
"""The families by their ids; the first is the one to offer."""

DEFAULT = "x"

_START = re.compile(
    r"""\s*(?:-\s+)?(?:(?:export|set|setx|env|arg|const|let|var|declare\s+-x|-e)\s+|\$env:)?
        ["']?(?P<name>[A-Za-z_][A-Za-z0-9_.-]{0,79})["']?\s*(?:=|:\s)[ \t]*""",
    re.VERBOSE | re.IGNORECASE,
)
_SETX = re.compile(r"\s*setx\s+(?P<name>[A-Za-z_]\w{0,79})[ \t]+(?=\S)", re.IGNORECASE)
_DOUBLE = re.compile(r'"((?:[^"\\]|\\.)*)"')
_ESCAPED = re.compile(r'\\(["$`\\])')
_LONGEST_LINE = 8192


def read(text: str) -> Taken:
    """Read the sets of an ``.env`` file, or of the lines of a shell, of Docker or of PowerShell.

    Several sets are told apart by what stands before or after the names. Values are read as a
    shell reads them. What is not X's stays unread. ``sets`` is empty where nothing is.
    """
    lines = text.removeprefix("\ufeff").splitlines()
    pairs = (Named(name, value) for line in lines for name, value in _assigned(line))
    sets, remarks = assemble(pairs)
    return Taken("env", sets, remarks)


def _assigned(line: str) -> Iterator[tuple[str, str]]:
    if len(line) > _LONGEST_LINE or line.lstrip()[:1] in ("#", ""):
        return
    place = 0
    while found := _START.match(line, place) or _SETX.match(line, place):
        value, place = _value(line, found.end())
        yield found["name"], value


def _value(line: str, start: int) -> tuple[str, int]:
    """Return the value that begins there, and where it ends."""
    quote = line[start : start + 1]
    if quote == '"' and (double := _DOUBLE.match(line, start)):
        return _ESCAPED.sub(r"\1", double[1]), double.end()
    if quote == "'" and (end := line.find("'", start + 1)) > 0:
        return line[start + 1 : end], end + 1
    if quote in ("'", '"'):
        return "", len(line)  # it was cut off, and a part of it is no value
    end = next((at for at in range(start, len(line)) if line[at].isspace()), len(line))
    return line[start:end].rstrip(",;"), end


def variables(one: CredentialSet, family: str = DEFAULT) -> dict[str, str]:
    """Return the variables of a set by their names in that family; the values are bare secrets.

    What the set does not hold, and what the family has no name for, is left out. Raises
    ``InputError`` for a family that is not known, and where nothing is left.
    """
    names = family_of(family).names
    values: dict[str, str] = {}
    for field in _ORDER:
        held = getattr(one, field)
        value = held if isinstance(held, str) else held.unwrap()
        if value and field in names:
            values[names[field]] = value
    if not any(names[field] in values for field in SECRETS if field in names):
        raise InputError(
            "There is nothing to hand over",
            "Nothing is known here of what these names are for.",
            "Choose another family of names, or another connection.",
            field="family",
        )
    return values


def family_of(name: str) -> Family:
    """Return a family by its id; raises ``InputError``, which lists those that there are."""
    family = FAMILIES.get(name)
    if family is None:
        raise InputError(
            "That family of names is not known",
            "The families differ in what they call the variables.",
            f"Choose one of {', '.join(FAMILIES)}.",
            field="family",
        )
    return family


def render(one: CredentialSet, family: str = DEFAULT) -> str:
    """Return the text of an ``.env`` file.

    Raises ``InputError`` for a value that bash, Docker and python-dotenv would not all read as
    it is; no key or token that X gives is such a one.
    """
    values = variables(one, family)
    for name, value in values.items():
        if not _SAFE.fullmatch(value):
            raise InputError(
                "An .env file cannot hold this",
                f"The value of {name} has characters that shells, Docker and libraries would "
                "each read differently.",
                "Hand it over as JSON, or start the program with adwarden run.",
            )
    whose = visible(" · ".join(part for part in (one.handle and f"@{one.handle}", one.app_name)
                               if part))  # fmt: skip
    head = [f"# {whose}"] if whose else []
    head.append("# Whoever reads this file can act with it: keep it out of version control.")
    return "\n".join([*head, *(f"{name}={value}" for name, value in values.items()), ""])
