"""Takes a text for what it is: the file of a tool, variables, or a message with keys in it.

What it says decides, and its name only where that leaves a choice.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from importlib import import_module

from adwarden.domain.errors import InputError
from adwarden.domain.handover import CredentialSet, Taken
from adwarden.services.handover.mix_ups import without_mix_ups
from adwarden.services.handover.naming import SECRETS, safe_name

LIMIT = 1024 * 1024
"""Characters of a text that are read; files with credentials have some thousands at most."""

_TWURLRC = re.compile(r"""^["']?profiles["']?\s*:\s*(?:[#&{].*)?$""", re.MULTILINE)
_XURL = re.compile(
    r"""^["']?(?:apps|default_app|oauth1_tokens?|oauth2_tokens|bearer_token)["']?\s*:\s*(?:[#&{].*)?$"""
    r"""|^["']?(?:oauth2_tokens|oauth1_tokens?)["']?\s*:""",
    re.MULTILINE,
)
_XURL_KEYS = frozenset({"oauth1_token", "oauth1_tokens", "oauth2_tokens"})
_JSON = re.compile(r"\s*[\[{][\s\[{]*\"")
_LOOK_CLOSELY = "It was read as any other text: look closely at what was found."
_MARKS = re.compile(r"[\x00-\x08\x0e-\x1f\x7f]")
_SHORTEST_GUARDED = 6
"""Characters; shorter texts are in any sentence, and no secret of X's is as short."""

_LONGEST_HANDLE = 20
"""Characters; 15 are what X allows, and accounts of its first days have more."""

_LONGEST_APP_NAME = 200

Read = Callable[[str], Taken]


def take(name: str, text: str) -> Taken:
    """Return the sets of a text, whatever format it has; ``name`` is of its file, or empty.

    Raises ``InputError``, in words without any piece of the text, where nothing is found, and
    where a file is of a tool's format and damaged.
    """
    if len(text) > LIMIT:
        raise InputError(
            "This is too large",
            f"A file with credentials is small, and this has {len(text):,} characters.",
            "Choose the file itself, or paste the part that has the keys.",
        )
    text = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    if not text.strip():
        raise InputError("There is nothing in it", "The text is empty.", "Choose another file.")
    if _MARKS.search(text):
        raise InputError(
            "This is no text",
            "It has characters that only binary files have.",
            "Choose the file that the tool reads, or paste the values.",
        )
    # What is taken out must be known to the guard: it comes first.
    taken = without_mix_ups(_guarded(_taken(name, text)))
    if not taken.sets:
        raise _nothing(taken.remarks)
    return taken


def _taken(name: str, text: str) -> Taken:
    if text.lstrip()[:1] in ("{", "["):
        return _of_json(text)
    why_not: tuple[str, ...] = ()
    for format_id in _likely(name, text):
        taken = _reader(format_id)(text)
        if taken.sets:
            return taken
        why_not += taken.remarks
    variables = _reader("env")(text)
    if _is_whole(variables):
        return variables
    free = _reader("free_text")(text)
    # What names say is surer than what shapes say, where both are the same amount.
    best = free if _known(free) > _known(variables) else variables
    return best if best.sets else replace(best, remarks=(*why_not, *best.remarks))


def _likely(name: str, text: str) -> tuple[str, ...]:
    """Return the YAML formats that a text may have, the likeliest first."""
    found = []
    if _TWURLRC.search(text):
        found.append("twurlrc")
    if _XURL.search(text):
        found.append("xurl")
    if name.lower().endswith((".xurl", "auth.yml")):
        found.reverse()
    return tuple(found)


def _of_json(text: str) -> Taken:
    json_files = import_module("adwarden.services.handover.json_files")
    try:
        document, _ = json_files.load(text)
    except InputError as error:
        # A piece of a program begins like JSON as well, and a message in brackets.
        free = _reader("free_text")(text)
        if free.sets and not _JSON.match(text):
            return free
        if free.sets:
            return replace(free, remarks=(f"{error.message} {_LOOK_CLOSELY}", *free.remarks))
        damaged = error
    else:
        return _of_document(document, text)
    raise damaged


def _of_document(document: object, text: str) -> Taken:
    if isinstance(document, dict):
        apps = document.get("apps")
        if _XURL_KEYS & document.keys() or (isinstance(apps, dict) and "default_app" in document):
            return _reader("xurl")(text)
        if isinstance(document.get("profiles"), dict) and "configuration" in document:
            return _reader("twurlrc")(text)
    postman = import_module("adwarden.services.handover.postman")
    if postman.is_postman(document):
        return _reader("postman")(text)
    taken = _reader("json_files")(text)
    return taken if taken.sets else _reader("free_text")(text)


def _reader(module: str) -> Read:
    read: Read = import_module(f"adwarden.services.handover.{module}").read
    return read


def _known(taken: Taken) -> int:
    return sum(bool(getattr(one, field)) for one in taken.sets for field in SECRETS)


def _is_whole(taken: Taken) -> bool:
    return bool(taken.sets) and all(
        one.api_key and one.api_secret and one.token and one.token_secret for one in taken.sets
    )


def _nothing(remarks: tuple[str, ...]) -> InputError:
    return InputError(
        "No credentials were found",
        " ".join(remarks)
        or "Nothing in it is named or looks like the keys of an X app or a token.",
        "It can be a .twurlrc, xurl’s auth.yml, an .env file, JSON, a Postman export, or a text "
        "with an access token and its secret.",
    )


def _guarded(taken: Taken) -> Taken:
    """Return it with words that repeat no secret, should a file have one where a name belongs."""
    secrets = {
        value
        for one in taken.sets
        for field in SECRETS
        if len(value := getattr(one, field).unwrap()) >= _SHORTEST_GUARDED
    }

    def clean(words: str) -> bool:
        return not any(secret in words for secret in secrets)

    remarks = tuple(words for words in taken.remarks if clean(words))
    if len(remarks) < len(taken.remarks):
        remarks += ("A secret stands where a name belongs.",)
    return replace(taken, sets=tuple(_without(one, clean) for one in taken.sets), remarks=remarks)


def _without(one: CredentialSet, clean: Callable[[str], bool]) -> CredentialSet:
    handle = one.handle if len(one.handle) <= _LONGEST_HANDLE or safe_name(one.handle, "") else ""
    name = safe_name(one.app_name, "", _LONGEST_APP_NAME)
    return replace(
        one,
        at=one.at if clean(one.at) else "",
        app_name=name if clean(name) else "",
        handle=handle if clean(handle) else "",
        account_id=one.account_id if clean(one.account_id) else "",
    )
