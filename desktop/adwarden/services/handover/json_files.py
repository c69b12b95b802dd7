"""JSON: the files of the Ads SDKs, of tap-twitter-ads and of Node programs, and a form of our own.

The form of our own is one flat object. Its keys are stable, and each of them is always there,
with an empty text for what is not known: ``format`` (always ``adwarden-credentials``),
``version`` (1; it grows when a key changes its meaning), ``app_name``, ``api_key``,
``api_key_secret``, ``bearer_token``, ``client_id``, ``client_secret``, ``handle`` (without
``@``), ``user_id`` (text), ``access_token``, ``access_token_secret``, ``account_id``.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from adwarden.domain.errors import InputError
from adwarden.domain.handover import CredentialSet, Taken
from adwarden.services.handover.assembling import Named, assemble
from adwarden.services.handover.naming import WEAK, recognise, safe_name, words_of

OWN = "adwarden-credentials"
VERSION = 1

_KEYS = {
    "app_name": "app_name",
    "api_key": "api_key",
    "api_key_secret": "api_secret",
    "bearer_token": "bearer",
    "client_id": "client_id",
    "client_secret": "client_secret",
    "handle": "handle",
    "user_id": "user_id",
    "access_token": "token",
    "access_token_secret": "token_secret",
    "account_id": "account_id",
}
_TAP = {
    "consumer_key": "api_key",
    "consumer_secret": "api_secret",
    "access_token": "token",
    "access_token_secret": "token_secret",
}
_TAP_DAYS = 30
_DEEPEST = 12
_LARGEST_NUMBER = 10**20
_TWICE = "A name stands twice in one object: the last value counts, as in every reader of JSON."


def load(text: str) -> tuple[object, tuple[str, ...]]:
    """Return what a JSON text says, and remarks; raises ``InputError`` without a piece of it."""
    remarks: list[str] = []

    def noted(pairs: list[tuple[str, object]]) -> dict[str, object]:
        made = dict(pairs)
        if len(made) < len(pairs) and not remarks:
            remarks.append(_TWICE)
        return made

    try:
        return json.loads(text.removeprefix("\ufeff"), object_pairs_hook=noted), tuple(remarks)
    except RecursionError:
        trouble, line = "It is nested too deeply.", 0
    except json.JSONDecodeError as error:
        trouble, line = "It looks like JSON, and is none.", error.lineno
    except ValueError:
        # Python refuses numbers of thousands of digits.
        trouble, line = "It looks like JSON, and has a number that nobody could mean.", 0
    # Outside of the except: the error of the parser holds the whole text.
    place = f" Line {line} is where the reading ended." if line else ""
    raise InputError(
        "The JSON cannot be read", f"{trouble}{place}", "Export it once more, or paste the values."
    )


def read(text: str) -> Taken:
    """Read the sets of a JSON text, whatever its objects and names are, in any nesting.

    Raises ``InputError`` for what is no JSON; ``sets`` is empty where nothing is X's.
    """
    document, twice = load(text)
    sets, remarks = assemble(named(document))
    return Taken("json", sets, twice + remarks)


def named(document: object, path: tuple[str, ...] = ()) -> Iterator[Named]:
    """Return every name of a document that has a text, with the objects around it as its path.

    A list of ``{"name": …, "value": …}`` or ``{"key": …, "value": …}`` counts as one object.
    Deeper than 12 objects nothing is looked for.
    """
    left: list[tuple[object, tuple[str, ...]]] = [(document, path)]
    while left:
        node, here = left.pop()
        deeper: list[tuple[object, tuple[str, ...]]] = []
        if isinstance(node, list):
            for at, item in enumerate(node):
                pair = _pair(item)
                if pair:
                    yield Named(*pair, here, _where(here))
                else:
                    deeper.append((item, (*here, str(at + 1))))
        elif isinstance(node, dict):
            for key, item in node.items():
                value = _text(item)
                if value is not None:
                    yield _named(str(key), value, here)
                elif "oauth2" not in words_of(str(key)[:40]):
                    deeper.append((item, (*here, str(key))))
        if len(here) < _DEEPEST:
            left.extend(reversed(deeper))


def _named(key: str, value: str, path: tuple[str, ...]) -> Named:
    if path and (key in (*WEAK, "id") or (key == "name" and path[-1] == "app")):
        # {"consumer": {"key": …}} is another way to say {"consumer_key": …}.
        joined = f"{path[-1]} {key}"
        meant = recognise(joined)
        if meant is not None and not meant.weak and not meant.prefix:
            return Named(joined, value, path[:-1], _where(path[:-1]))
    return Named(key, value, path, _where(path), weak=True)


def _pair(item: object) -> tuple[str, str] | None:
    if not isinstance(item, dict):
        return None
    name = item.get("name", item.get("key"))
    value = _text(item.get("value"))
    return (name, value) if isinstance(name, str) and value is not None else None


def _text(item: object) -> str | None:
    if isinstance(item, list) and len(item) == 1:
        item = item[0]
    if isinstance(item, str):
        return item
    if isinstance(item, int) and not isinstance(item, bool) and abs(item) < _LARGEST_NUMBER:
        return str(item)
    return None


def _where(path: tuple[str, ...]) -> str:
    if not path:
        return "the outermost object"
    shown = [safe_name(part, "…") if not part.isdecimal() else part[:6] for part in path[-4:]]
    return f"the object {' › '.join(shown)}"


def render_json(one: CredentialSet) -> str:
    """Return the form of our own, which ``read`` reads back."""
    document: dict[str, object] = {"format": OWN, "version": VERSION}
    for key, field in _KEYS.items():
        held = getattr(one, field)
        document[key] = held if isinstance(held, str) else held.unwrap()
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def render_tap(one: CredentialSet, now: float) -> str:
    """Return ``config.json`` of tap-twitter-ads, with data wanted from 30 days before ``now``.

    ``now`` is in Unix seconds. The tap demands ``start_date`` and ``account_ids``; the latter is
    empty where the set names no ad account. Releases that read the API v2 alone want OAuth 2,
    and do not read this.
    """
    start = datetime.fromtimestamp(now, UTC) - timedelta(days=_TAP_DAYS)
    document = {"start_date": start.strftime("%Y-%m-%dT00:00:00Z"), "user_agent": "tap-twitter-ads"}
    document |= {key: getattr(one, field).unwrap() for key, field in _TAP.items()}
    document["account_ids"] = one.account_id
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"
