"""What the field calls the same seven secrets, and which of the names of a text belong together.

For everything that is names with values: variables, JSON, Postman, labels in free text. Knows
nothing of how a text is written. Sources of the names: X's documentation and its SDKs.
"""

from __future__ import annotations

import re

from adwarden.domain.key_shapes import Shape, shape_of
from adwarden.domain.shown import visible

SECRETS = (
    "api_key",
    "api_secret",
    "token",
    "token_secret",
    "bearer",
    "client_id",
    "client_secret",
)
"""The fields of a ``CredentialSet`` that are secrets, in the order in which they are written."""

ABOUT = ("handle", "user_id", "app_name", "account_id")
"""The fields that say what a set is about."""

WEAK = ("key", "secret", "token")
"""Names that say too little by themselves; what is beside them tells what they mean."""

_NAMES = {
    "api_key": "api_key app_key consumer_key oauth_consumer_key app_consumer_key client_key"
    " app_api_key consumer_api_key",
    "api_secret": "api_secret api_secret_key api_key_secret app_secret app_key_secret"
    " consumer_secret consumer_key_secret consumer_secret_key consumer_api_secret"
    " consumer_api_secret_key oauth_consumer_secret app_consumer_secret secret_key"
    " app_api_secret app_secret_key",
    "token": "access_token access_token_key user_access_token oauth_token oauth_access_token"
    " access_key resource_owner_key user_token user_oauth_token",
    "token_secret": "access_token_secret access_secret token_secret oauth_token_secret"
    " oauth_access_token_secret user_access_token_secret user_access_secret"
    " resource_owner_secret user_token_secret access_token_key_secret access_secret_token"
    " access_key_secret access_token_secret_key token_secret_key access_secret_key"
    " user_secret_key user_access_token_secret_key",
    "bearer": "bearer_token bearer app_bearer_token app_only_access_token",
    "client_id": "client_id oauth2_client_id",
    "client_secret": "client_secret client_secret_key oauth2_client_secret",
    "handle": "handle screen_name username user_name",
    "user_id": "user_id",
    "app_name": "app_name",
    "account_id": "account_id ads_account_id ad_account_id account_ids",
}
BASES = {name: field for field, names in _NAMES.items() for name in names.split()}
"""Every name without prefix, in lower case with ``_``, and the field that it means."""

_VENDORS = {"x", "twitter", "tw", "twtr", "twauth", "twurl", "xurl", "xads", "tweepy"}
OTHERS = {
    "oauth2", "refresh", "request", "verify", "webhook", "webhooks", "jwt",
    # Other services that speak OAuth 1, and stand in the same files.
    "tumblr", "flickr", "linkedin", "trello", "etsy", "discogs", "garmin", "magento", "netsuite",
    "quickbooks", "woocommerce", "bitbucket", "jira", "evernote", "goodreads", "meetup",
    "aws", "amazon", "google", "azure", "github", "gitlab", "stripe", "slack", "openai",
    "facebook", "meta", "tiktok", "pinterest", "snapchat", "reddit",
}  # fmt: skip
"""Words around a name that say it is of something else."""

_MAY_PRECEDE_OAUTH2 = {"client_id", "client_secret"}
_NO_SUFFIX = {
    "url", "uri", "expires", "expiration", "expiry", "at", "in", "ttl", "path", "file", "name",
    "id", "type", "endpoint", "lifetime", "scope", "scopes", "length", "version", "hash",
}  # fmt: skip
_MOST_WORDS = max(name.count("_") for name in BASES) + 1
_HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_NO_WORD = re.compile(r"[^A-Za-z0-9]+")
_LONGEST_NAME = 80
_RUN = re.compile(r"[A-Za-z0-9]{16,}")
_PLACEHOLDER = re.compile(
    r"""<.*|\[.*\]|\{\{.*\}\}|\$\{.*\}|\$[A-Za-z_]\w*|%\w+%|process\.env\..*|os\.environ.*|ENV\[.*
    |(?:your|my|enter|insert|replace|paste|add|the)[ _-].*|.*[ _-]here
    |[xX]{3,}|\*+|•+|\.{3,}|…|-+|_+|todo|tbd|fixme|changeme|change[ _-]me|none|null|nil|undefined
    |true|false|example|secret|placeholder|redacted|\[?redacted\]?""",
    re.VERBOSE | re.IGNORECASE,
)
_INVISIBLE = "\ufeff\u200b\u200c\u200d\u2060\u00ad"
_LONGEST_VALUE = 4096


def words_of(name: str) -> tuple[str, ...]:
    """Return a name's words in lower case: ``consumerKey``, ``CONSUMER_KEY``, ``Consumer key``."""
    plain = name.replace("OAuth", "Oauth").strip()
    return tuple(_NO_WORD.sub(" ", _HUMP.sub(" ", plain)).lower().split())


class Name:
    """A name that was recognised: its ``field`` (or one of ``WEAK``), and the words around it."""

    __slots__ = ("base", "field", "prefix", "suffix", "weak")

    def __init__(
        self, field: str, base: str, prefix: tuple[str, ...], suffix: tuple[str, ...]
    ) -> None:
        self.field = field
        self.base = base
        self.prefix = prefix
        self.suffix = suffix
        self.weak = field == base and base in WEAK


def recognise(name: str, *, weak: bool = False) -> Name | None:
    """Tell what a name means; ``None`` where it is none of ours.

    ``weak`` takes ``key``, ``secret`` and ``token`` alone as well, for an object of a file that
    holds nothing else. With ``X`` or ``TWITTER`` in front they always count.
    """
    if len(name) > _LONGEST_NAME:
        return None
    words = words_of(name)
    for start in range(len(words)):
        for end in range(min(len(words), start + _MOST_WORDS), start, -1):
            base = "_".join(words[start:end])
            if base in BASES:
                return _allowed(Name(BASES[base], base, words[:start], words[end:]))
    if words and words[-1] in WEAK and (is_of_vendor(words[:-1]) or (weak and len(words) == 1)):
        return _allowed(Name(words[-1], words[-1], words[:-1], ()))
    return None


def _allowed(name: Name) -> Name | None:
    around = set(name.prefix) | set(name.suffix)
    if "oauth" in name.prefix and "2" in name.prefix:
        around.add("oauth2")
    if name.base in _MAY_PRECEDE_OAUTH2:
        around.discard("oauth2")
    if around & OTHERS or set(name.suffix) & _NO_SUFFIX:
        return None
    if name.base in ("username", "user_name", "handle") and not is_of_vendor(name.prefix):
        # Nearly every file has a user name of something else.
        return name if not name.prefix and not name.suffix else None
    return name


def is_of_vendor(prefix: tuple[str, ...]) -> bool:
    """Tell whether the words in front of a name say that it is one of X's."""
    return not _VENDORS.isdisjoint(prefix)


def value_of(raw: str) -> str:
    """Return a value without what is around it; empty where it cannot be a secret of X's.

    That is a template's example text, a reference to another place, or a text with blanks or
    line breaks inside.
    """
    text = raw.strip().strip(_INVISIBLE).strip()
    if not text or len(text) > _LONGEST_VALUE or _PLACEHOLDER.fullmatch(text):
        return ""
    return text if text.isprintable() and not any(map(str.isspace, text)) else ""


def is_example(raw: str) -> bool:
    """Tell whether a value is there, but none that could be used."""
    return bool(raw.strip().strip(_INVISIBLE).strip()) and not value_of(raw)


def safe_name(text: str, otherwise: str = "a name", longest: int = 40) -> str:
    """Return a name from a file, fit to be shown: a secret put in its place is not repeated."""
    short = visible(text).strip()
    if not short or len(short) > longest or shape_of(short) is not Shape.UNKNOWN:
        return otherwise
    return otherwise if any(keylike(run) for run in _RUN.findall(short)) else short


def keylike(run: str) -> bool:
    """Tell whether a run of letters and digits is no word of a language."""
    return not (run.isalpha() and (run.islower() or run.isupper() or run.istitle()))
