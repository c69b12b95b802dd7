"""The formats that can be handed over, as one table that window and console show.

Each renders a text from one set; those that others own too are merged into what is there. The
modules of the formats are loaded when one of them is used.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from importlib import import_module
from types import MappingProxyType
from typing import Any
from urllib.parse import quote

from adwarden.domain.data import dataclass
from adwarden.domain.errors import InputError
from adwarden.domain.handover import CredentialSet, Shape
from adwarden.domain.key_shapes import Shape as KeyShape
from adwarden.domain.key_shapes import shape_of
from adwarden.domain.secret import MASK
from adwarden.services.handover.naming import SECRETS, keylike


@dataclass(frozen=True, slots=True)
class Options:
    """What a person chose for one hand-over; a format reads what concerns it.

    ``family`` names the variables. ``default`` makes the set the one that a tool takes unless
    told otherwise, ``app_name`` is what a merged file calls the app. ``method``, ``url`` and
    ``nonce`` are of the one request that is signed; ``now`` is in Unix seconds.
    """

    family: str = "x"
    default: bool = True
    app_name: str = ""
    method: str = "GET"
    url: str = ""
    now: float = 0.0
    nonce: str = ""


Render = Callable[[CredentialSet, Options], str]
Merge = Callable[[str, CredentialSet, Options], str]


@dataclass(frozen=True, slots=True)
class Format:
    """One format. ``file_name`` is what its tool looks for or what is usual, ``~`` included.

    ``secret`` says whether the text holds secrets, ``families`` whether it has variables in it,
    ``request`` whether it is about one request (``Options.url``), ``account`` whether it names an
    ad account. ``merge`` takes the text that is there, and is ``None`` where a file belongs to
    nobody else. Both raise ``InputError``.
    """

    id: str
    title: str
    about: str
    shape: Shape
    file_name: str
    secret: bool
    families: bool
    render: Render
    merge: Merge | None = None
    request: bool = False
    account: bool = False


def _of(module: str) -> Any:  # noqa: ANN401 - a module, by its name
    return import_module(f"adwarden.services.handover.{module}")


def _env(one: CredentialSet, options: Options) -> str:
    return str(_of("env").render(one, options.family))


def _json(one: CredentialSet, options: Options) -> str:
    return str(_of("json_files").render_json(one))


def _tap(one: CredentialSet, options: Options) -> str:
    return str(_of("json_files").render_tap(one, options.now))


def _postman(one: CredentialSet, options: Options) -> str:
    return str(_of("postman").render(one))


def _twurlrc(old: str, one: CredentialSet, options: Options) -> str:
    return str(_of("twurlrc").merged(old, (one,), default=options.default))


def _xurl(old: str, one: CredentialSet, options: Options) -> str:
    name = options.app_name or one.app_name or "adwarden"
    return str(_of("xurl").merged(old, (one,), app_name=name, default=options.default))


def _curl(one: CredentialSet, options: Options) -> str:
    return str(_of("curl").render(one, options.method, options.url, options.now, options.nonce))


def _alone(merge: Merge) -> Render:
    return lambda one, options: merge("", one, options)


def _snippet(name: str) -> Render:
    return lambda one, options: str(getattr(_of("snippets"), name)(one, options.family))


_ALL = (
    Format(
        "env", "Environment file (.env)",
        "One variable a line. Shells, Docker and python-dotenv read the same values from it.",
        Shape.FILE, ".env", True, True, _env, account=True,
    ),
    Format(
        "json", "JSON", "One object with stable keys, for scripts; Adwarden reads it back.",
        Shape.FILE, "x-credentials.json", True, False, _json, account=True,
    ),
    Format(
        "twurlrc", "twurl (.twurlrc)",
        "For twurl, and for the Ads SDKs for Ruby and Python, which read its default profile (that "
        "for Python with PyYAML before 6). What else is in the file stays.",
        Shape.MERGED, "~/.twurlrc", True, False, _alone(_twurlrc), _twurlrc,
    ),
    Format(
        "xurl", "xurl (auth.yml)",
        "For X’s own console tool, which keeps one token for each app. What else is in the file "
        "stays.",
        Shape.MERGED, "~/.xurl/auth.yml", True, False, _alone(_xurl), _xurl,
    ),
    Format(
        "ads-python", "Python, twitter-ads",
        "A program with X’s Ads SDK that reads the environment; no secret is in it.",
        Shape.SNIPPET, "list_accounts.py", False, True, _snippet("ads_python"),
    ),
    Format(
        "tweepy", "Python, tweepy",
        "A program with tweepy that reads the environment; no secret is in it.",
        Shape.SNIPPET, "who_am_i.py", False, True, _snippet("tweepy"),
    ),
    Format(
        "ads-ruby", "Ruby, twitter-ads",
        "A program with X’s Ads SDK that reads the environment; no secret is in it.",
        Shape.SNIPPET, "list_accounts.rb", False, True, _snippet("ads_ruby"),
    ),
    Format(
        "node", "Node, twitter-api-v2",
        "A program with twitter-api-v2 that reads the environment; no secret is in it.",
        Shape.SNIPPET, "who-am-i.mjs", False, True, _snippet("node"),
    ),
    Format(
        "tap", "tap-twitter-ads (config.json)",
        "For the Singer tap, in its releases that read the Ads API. It wants an ad account.",
        Shape.FILE, "config.json", True, False, _tap, account=True,
    ),
    Format(
        "postman", "Postman environment",
        "With the variables of X’s own collection; the secrets are of Postman’s type secret.",
        Shape.FILE, "x-ads.postman_environment.json", True, False, _postman,
        account=True,
    ),
    Format(
        "curl", "curl",
        "One request with its signed header: good once, and for some five minutes.",
        Shape.SNIPPET, "request.sh", False, False, _curl, None, True,
    ),
)  # fmt: skip

FORMATS: Mapping[str, Format] = MappingProxyType({one.id: one for one in _ALL})
"""The formats by their ids, in the order in which they are offered."""


def format_of(name: str) -> Format:
    """Return a format by its id; raises ``InputError``, which lists those that there are."""
    found = FORMATS.get(name)
    if found is None:
        raise InputError(
            "That format is not known",
            "There is one for each tool.",
            f"Choose one of {', '.join(FORMATS)}.",
            field="format",
        )
    return found


_RUN = re.compile(r"[A-Za-z0-9%+/=_-]{18,}")
_PIECE = re.compile(r"[A-Za-z0-9]{18,}")
_LABELLED = re.compile(
    r"""(?P<name>(?<![\w.-])["']?[\w.-]{0,60}
        (?:secret|token|[\w.-]key|bearer|password|signature|passcode)["']?
        [ \t]{0,20}[:=][ \t]{0,20})(?P<quote>["']?)(?P<value>[^\s"',&}]{2,})""",
    re.VERBOSE | re.IGNORECASE,
)
_NO_VALUE = re.compile(r"process\.env\.|os\.environ\b|ENV\b|[\[{(]+$")


def masked(text: str, one: CredentialSet, *, shared: bool = False) -> str:
    """Return a text for a preview: every secret in it is ``••••``.

    Those of ``one`` are found in each way in which a format may write them; what belongs to
    others in a ``shared`` file, which is YAML, by where it stands. Names and shapes tell of the
    rest. Rather too much is hidden than too little. Raises ``InputError`` for a shared file that
    cannot be read.
    """
    if shared:
        text = str(_of("yaml_mask").hidden(text))
    variants: set[str] = set()
    for field in SECRETS:
        value = getattr(one, field).unwrap()
        if value:
            variants |= {value, quote(value, safe=""), quote(value, safe="-._~")}
            variants |= {json.dumps(value)[1:-1], json.dumps(value, ensure_ascii=False)[1:-1]}
            variants |= {value.replace("'", "''"), value.replace("'", "'\"'\"'")}
    for variant in sorted(variants, key=len, reverse=True):
        text = text.replace(variant, MASK)
    text = _LABELLED.sub(lambda found: f"{found['name']}{found['quote']}{_hide(found)}", text)
    return _PIECE.sub(_by_shape, _RUN.sub(_by_shape, text))


def _hide(found: re.Match[str]) -> str:
    value = found["value"]
    # What only says where a value is found is none: appSecret: process.env.X_API_SECRET.
    return value if _NO_VALUE.match(value) else MASK


def _by_shape(found: re.Match[str]) -> str:
    run = found[0]
    return MASK if shape_of(run) is not KeyShape.UNKNOWN and keylike(run) else run
