"""Postman: environments, and collections that hold keys in their OAuth 1.0 settings.

An environment that is written has the variables that X's own collection for the Ads API uses.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping

from adwarden.domain.handover import CredentialSet, Taken
from adwarden.domain.shown import visible
from adwarden.services.handover.assembling import Named, assemble
from adwarden.services.handover.json_files import load
from adwarden.services.handover.naming import SECRETS, recognise, safe_name

_VERSION = "12"
_VARIABLES = {
    "consumer_key": "api_key",
    "consumer_secret": "api_secret",
    "access_token": "token",
    "token_secret": "token_secret",
    "bearer_token": "bearer",
    "client_id": "client_id",
    "client_secret": "client_secret",
}
_ALWAYS = 4
_AUTH = {"consumerKey", "consumerSecret", "token", "tokenSecret"}
_DEEPEST = 40
_REFERENCE = re.compile(r"\{\{\s*([^{}]+?)\s*\}\}")
_SCOPE = "_postman_variable_scope"
_OFF = "Variables that are switched off in Postman were left out."
_ELSEWHERE = (
    "Some keys of the collection are variables whose values are in an environment: export that "
    "one as well."
)


def is_postman(document: object) -> bool:
    """Tell whether a JSON document is an export of Postman's."""
    if not isinstance(document, dict):
        return False
    if _SCOPE in document or "_postman_id" in document:
        return True
    info = document.get("info")
    if isinstance(info, dict) and any("postman" in str(key) for key in info):
        return True
    if isinstance(info, dict) and "getpostman.com" in str(info.get("schema", ""))[:200]:
        return True
    return isinstance(document.get("collections"), list) and isinstance(
        document.get("environments"), list
    )


def read(text: str) -> Taken:
    """Read an environment, globals, a collection, or a dump of all of Postman's data.

    Raises ``InputError`` for what is no JSON; ``sets`` is empty where nothing is X's.
    """
    document, twice = load(text)
    remarks: list[str] = []
    sets, more = assemble(_named(document, remarks))
    return Taken("postman", sets, (*twice, *dict.fromkeys((*remarks, *more))))


def _named(document: object, remarks: list[str]) -> Iterator[Named]:
    if not isinstance(document, dict):
        return
    for kind, one in _parts(document):
        name = one.get("name")
        info = one.get("info")
        if isinstance(info, dict):
            name = info.get("name")
        where = f"{kind} {safe_name(name, '') if isinstance(name, str) else ''}".strip()
        path = (where,) if one is document else (where, str(id(one)))
        known = {}
        for key in ("values", "variable"):
            for name, value in _entries(one.get(key), remarks):
                known[name] = value
                yield Named(name, value, path, f"the {where}")
        if kind == "collection":
            yield from _auths(one, known, path, f"the {where}", remarks)


def _parts(document: dict[str, object]) -> Iterator[tuple[str, dict[str, object]]]:
    for key in ("environments", "collections"):
        listed = document.get(key)
        for one in listed if isinstance(listed, list) else ():
            if isinstance(one, dict):
                yield key[:-1], one
    if "item" in document or "info" in document:
        yield "collection", document
    elif "values" in document:
        yield ("globals" if document.get(_SCOPE) == "globals" else "environment"), document


def _entries(listed: object, remarks: list[str]) -> Iterator[tuple[str, str]]:
    """Return the names and values of a list of Postman's, or of the object of older files."""
    if isinstance(listed, dict):
        listed = [{"key": key, "value": value} for key, value in listed.items()]
    for one in listed if isinstance(listed, list) else ():
        if not isinstance(one, dict):
            continue
        name = one.get("key", one.get("id"))
        value = one.get("value")
        if not isinstance(name, str) or not isinstance(value, str):
            continue
        if one.get("enabled") is False or one.get("disabled") is True:
            if value and recognise(name) is not None:
                remarks.append(_OFF)
            continue
        yield name, value


def _auths(
    collection: dict[str, object],
    known: Mapping[str, str],
    path: tuple[str, ...],
    where: str,
    remarks: list[str],
) -> Iterator[Named]:
    """Return what the OAuth 1.0 settings of a collection, its folders and requests hold."""
    left: list[tuple[object, tuple[str, ...], str]] = [(collection, path, where)]
    while left:
        node, here, said = left.pop()
        if isinstance(node, list):
            left.extend((one, (*here, str(at)), said) for at, one in enumerate(node))
        if not isinstance(node, dict) or len(here) > _DEEPEST:
            continue
        name = node.get("name")
        if isinstance(name, str):
            said = f"{where}, {safe_name(name, 'an item')}"
        auth = node.get("auth")
        if isinstance(auth, dict) and auth.get("type") == "oauth1":
            for key, value in _entries(auth.get("oauth1"), remarks):
                if key in _AUTH:
                    full = _REFERENCE.sub(lambda found: known.get(found[1], found[0]), value)
                    if _REFERENCE.search(full):
                        remarks.append(_ELSEWHERE)
                    else:
                        yield Named(key, full, (*here, "auth"), said, weak=True)
        for key in ("item", "request"):
            left.append((node.get(key), (*here, key), said))


def render(one: CredentialSet) -> str:
    """Return an environment to import into Postman; its secrets are of the type ``secret``."""
    values: list[dict[str, object]] = [
        _variable("account_id", one.account_id),
        _variable("version", _VERSION),
    ]
    for at, (name, field) in enumerate(_VARIABLES.items()):
        value = getattr(one, field).unwrap()
        if value or at < _ALWAYS:
            values.append(_variable(name, value, secret=field in SECRETS))
    title = "X Ads API" + (f" @{one.handle}" if one.handle else "")
    title += f" · {one.app_name}" if one.app_name else ""
    document = {"name": visible(title), "values": values, _SCOPE: "environment"}
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def _variable(name: str, value: str, *, secret: bool = False) -> dict[str, object]:
    kind = "secret" if secret else "default"
    return {"key": name, "value": value, "type": kind, "enabled": True}
