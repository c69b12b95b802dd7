"""The ``auth.yml`` of xurl, X's own command, and the single file ``~/.xurl`` that came before.

By a name of the user's own it holds apps with ``client_id``, ``client_secret``, one
``oauth1_token`` at most, a ``bearer_token``, and OAuth 2 tokens by user, which are left alone.
Before 1.0 the file was JSON with the tokens of one app.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence

from adwarden.domain.errors import InputError
from adwarden.domain.handover import CredentialSet, Taken
from adwarden.domain.secret import Secret
from adwarden.domain.token_shapes import user_of_token
from adwarden.services.handover import yaml_text
from adwarden.services.handover.entries import (
    mapping_in,
    missing_words,
    named,
    secret_in,
    sentence,
    text_in,
)
from adwarden.services.handover.yaml_edit import Wanted, edit
from adwarden.services.handover.yaml_text import BOM, LIMIT, Data

FORMAT = "xurl"
FILE_NAME = "auth.yml"

OAUTH2_LEFT_OUT = "The OAuth 2 tokens of xurl were left out: Adwarden keeps no tokens of that kind."

_NO_XURL = "This is no auth.yml of xurl"
_NOT_WRITTEN = "xurl cannot be given this"
_WHICH = "Is it the right file? xurl keeps its own in the folder .xurl, and keys.yml is another."
_GO_INDENT = 4
_LONGEST_NAME = 100
_OLD_TOKEN = "oauth1_tokens"  # noqa: S105 - the name of a field; it held one all the same
_FIELDS = (
    ("consumer key", "api_key"),
    ("consumer secret", "api_secret"),
    ("access token", "token"),
    ("token secret", "token_secret"),
)


def read(text: str) -> Taken:
    """Return a set for every app of any form of the file that has more than OAuth 2 tokens.

    Its ``handle`` is empty: xurl does not know whose OAuth 1 token it has. Remarks say what is
    missing and what was left out. Raises ``InputError`` for what is neither YAML nor JSON, and
    for what is no file of xurl's.
    """
    data = _load(text)
    if data is None:
        return Taken(FORMAT, (), ("The file is empty.",))
    if not isinstance(data, dict):
        raise InputError(_NO_XURL, "It is no mapping of names to values.", _WHICH)
    remarks: list[str] = []
    if _is_old(data):
        sets = list(_set_of(data, _OLD_TOKEN, "", "the file", remarks))
    else:
        sets = []
        for number, (name, app) in enumerate(mapping_in(data, "apps", _NO_XURL).items(), 1):
            place = named("app", name, number)
            if isinstance(app, dict):
                sets.extend(_set_of(app, "oauth1_token", name, place, remarks))
            else:
                remarks.append(f"{sentence(place)} holds nothing and was left out.")
    if not sets:
        remarks.append("The file holds no OAuth 1 token.")
    return Taken(FORMAT, tuple(sets), tuple(dict.fromkeys(remarks)))


def _set_of(
    app: dict[str, Data], field: str, name: str, place: str, remarks: list[str]
) -> Iterator[CredentialSet]:
    """Make the set of an app, if there is anything for one."""
    if app.get("oauth2_tokens"):
        remarks.append(OAUTH2_LEFT_OUT)
    oauth1 = _inner(app, field, "oauth1")
    token = text_in(oauth1, "access_token")
    one = CredentialSet(
        api_key=secret_in(oauth1, "consumer_key"),
        api_secret=secret_in(oauth1, "consumer_secret"),
        token=Secret(token),
        token_secret=secret_in(oauth1, "token_secret"),
        bearer=secret_in(_inner(app, "bearer_token", ""), "bearer"),
        client_id=secret_in(app, "client_id"),
        client_secret=secret_in(app, "client_secret"),
        user_id=user_of_token(token),
        app_name=name if _is_name(name) else "",
        at=place,
    )
    missing = [words for words, part in _FIELDS if not getattr(one, part)]
    if len(missing) < len(_FIELDS):
        if missing:
            remarks.append(missing_words(missing, place))
        yield one
    elif one.bearer or one.client_id or one.client_secret:
        remarks.append(f"{sentence(place)} has no OAuth 1 token.")
        yield one


def _inner(app: Data, field: str, kind: str) -> Data:
    value = app.get(field) if isinstance(app, dict) else None
    return value.get(kind) if kind and isinstance(value, dict) else value


def _is_old(data: dict[str, Data]) -> bool:
    return "apps" not in data and any(
        name in data for name in (_OLD_TOKEN, "oauth2_tokens", "bearer_token")
    )


def _is_name(name: str) -> bool:
    return bool(name.strip()) and name.isprintable() and len(name) <= _LONGEST_NAME


def _load(text: str) -> Data:
    body = text.removeprefix(BOM)
    if body.lstrip().startswith("{") and len(body) <= LIMIT:
        twice = False
        try:
            # As text, like all else: Python refuses to read very long numbers.
            data: Data = json.loads(
                body, object_pairs_hook=_once, parse_int=str, parse_float=str, parse_constant=str
            )
        except _TwiceError:
            twice = True
        except (ValueError, RecursionError):
            pass  # YAML may begin with a brace as well
        else:
            return data
        if twice:
            words = "The same name stands twice in it, and only one of the two can count."
            raise InputError(_NO_XURL, words, "Remove the one that is no longer good.")
    return yaml_text.load(text)


class _TwiceError(ValueError):
    """A name stands twice in a JSON object."""


def _once(pairs: list[tuple[str, Data]]) -> dict[str, Data]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise _TwiceError
    return found


def merged(old: str, sets: Sequence[CredentialSet], *, app_name: str, default: bool) -> str:
    """Return the file ``old`` (empty: a new one) in which the app ``app_name`` has the token.

    xurl keeps one OAuth 1 token an app: a newer one of the same user and consumer key replaces
    it, any other is refused. Client id and secret of another OAuth 2 client stay as they are, and
    so does all else, to the letter. ``default`` makes the app xurl's default, as it becomes where
    there is none. Raises ``InputError`` for that, for a name that cannot be, for sets that are
    not whole, and for a file that cannot be read, is no ``auth.yml`` or of before xurl 1.0.
    """
    if not _is_name(app_name):
        words = f"It has to be 1 to {_LONGEST_NAME} characters that can be seen."
        raise InputError("The app needs another name in xurl", words, field="app_name")
    data = _load(old)
    if data is not None and not isinstance(data, dict):
        raise InputError(_NO_XURL, "It is no mapping of names to values.", _WHICH)
    if data and _is_old(data):
        words = "This file is of before xurl 1.0, which kept the tokens of one app only."
        raise InputError(_NOT_WRITTEN, words, "Run xurl once, which brings it up to date.")
    apps = mapping_in(data, "apps", _NO_XURL)
    known = apps.get(app_name)
    if known is not None and not isinstance(known, dict):
        words = f"What it has under the app {app_name} is no mapping of names to values."
        raise InputError(_NO_XURL, words, "Look at the file in an editor.")
    oauth1 = _inner(known, "oauth1_token", "oauth1")
    held = text_in(oauth1, "consumer_key"), text_in(oauth1, "access_token")
    wanted: dict[str, Wanted] = {}
    for one in sets:
        _refuse_incomplete(one)
        _refuse_another(held, one, app_name)
        held = one.api_key.unwrap(), one.token.unwrap()
        wanted |= _app(one, known)
    if not wanted:
        return old
    changes: dict[str, Wanted] = {"apps": {app_name: wanted}}
    if default or not text_in(data, "default_app"):
        changes["default_app"] = app_name
    return edit(old, changes, indent=_GO_INDENT)


def _app(one: CredentialSet, known: dict[str, Data] | None) -> dict[str, Wanted]:
    """Return what xurl's file should have of an app."""
    wanted: dict[str, Wanted] = {}
    there = text_in(known, "client_id")
    if not known or (one.client_id and there in ("", one.client_id.unwrap())):
        wanted["client_id"] = one.client_id.unwrap()
        if one.client_secret or not known:  # never an empty one over theirs
            wanted["client_secret"] = one.client_secret.unwrap()
    wanted["oauth1_token"] = {
        "type": "oauth1",
        "oauth1": {
            "access_token": one.token.unwrap(),
            "token_secret": one.token_secret.unwrap(),
            "consumer_key": one.api_key.unwrap(),
            "consumer_secret": one.api_secret.unwrap(),
        },
    }
    if one.bearer:
        wanted["bearer_token"] = {"type": "bearer", "bearer": one.bearer.unwrap()}
    return wanted


def _refuse_incomplete(one: CredentialSet) -> None:
    missing = [words for words, part in _FIELDS if not getattr(one, part)]
    if missing:
        words = missing_words(missing, "the connection")
        raise InputError(_NOT_WRITTEN, words, "Give the connection what it lacks, then try again.")


def _refuse_another(held: tuple[str, str], one: CredentialSet, app_name: str) -> None:
    """Raise ``InputError`` where the app's one token is of another user, or of another app."""
    key, token = held
    if key and key != one.api_key.unwrap():
        words = f"The app {app_name} has the keys of another X app already."
    elif token and token != one.token.unwrap() and not _same_user(token, one.token.unwrap()):
        words = f"The app {app_name} has the OAuth 1 token of another user already."
    else:
        return
    words += " xurl keeps one in each app."
    raise InputError(
        "xurl has another token there", words, "Choose another app name.", field="app_name"
    )


def _same_user(one: str, other: str) -> bool:
    user = user_of_token(one)
    return bool(user) and user == user_of_token(other)
