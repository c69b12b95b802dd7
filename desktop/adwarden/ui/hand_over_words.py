"""What handing over says: the formats in groups, what saving will do, what came of it."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING

from adwarden.domain.data import dataclass
from adwarden.domain.handover import Shape
from adwarden.services.handover.formats import FORMATS, Format
from adwarden.services.handover.target import Written
from adwarden.services.handover.target_look import BACKUP_MARK
from adwarden.ui.notices import Level, Notice, Remedy
from adwarden.ui.parts import breakable
from adwarden.ui.search import visible

if TYPE_CHECKING:
    from adwarden.services.handing_over import Draft

FIELDS = "fields"
"""The id of what is no format: the values one by one."""

FIELDS_TITLE = "Field by field"
FIELDS_ABOUT = (
    "For forms that never show a secret again, as integration platforms have them. A number "
    "copies its field; Ctrl+Shift+C copies one after the other."
)
_SHORT: Mapping[str, str] = MappingProxyType(
    {
        "env": "Shells, Docker, python-dotenv",
        "json": "For scripts; Adwarden reads it back",
        "twurlrc": "twurl and X’s Ads SDKs; merged",
        "xurl": "X’s own console tool; merged",
        "ads-python": "X’s Ads SDK; no secret in it",
        "tweepy": "Reads the environment; no secret in it",
        "ads-ruby": "X’s Ads SDK; no secret in it",
        "node": "Reads the environment; no secret in it",
        "tap": "The Singer tap for the Ads API",
        "postman": "The variables of X’s collection",
        "curl": "One request with its signature",
        FIELDS: "For forms of integration platforms",
    }
)
_ONLY_YOU = "" if os.name == "nt" else " Only you can read it (0600)."


@dataclass(frozen=True, slots=True)
class Group:
    """Formats of one kind: their ids, in the order of the table."""

    title: str
    ids: tuple[str, ...]


def groups() -> tuple[Group, ...]:
    """Return all that can be handed over: files, code that reads them, single values."""
    code = tuple(one.id for one in FORMATS.values() if one.shape is Shape.SNIPPET)
    files = tuple(one for one in FORMATS if one not in code)
    return Group("Files", files), Group("Code", code), Group("Forms", (FIELDS,))


def title_of(format_id: str) -> str:
    """Return what people call it."""
    return FIELDS_TITLE if format_id == FIELDS else FORMATS[format_id].title


def about_of(format_id: str) -> str:
    """Return what it is for, in a sentence or two."""
    return FIELDS_ABOUT if format_id == FIELDS else FORMATS[format_id].about


def short_of(format_id: str) -> str:
    """Return the same in a few words."""
    return _SHORT.get(format_id) or about_of(format_id)


def copy_words(one: Format | None) -> str:
    """Return what the button says that copies a format, or without one the next value."""
    if one is None:
        return "Copy next"
    return "Copy" if one.merge is None else "Copy its part"


def weighed(draft: Draft | None) -> tuple[object, ...]:
    """Return what a person has to know of a file before it is written.

    What the file holds that it is merged with is part of it: the preview was made of that.
    """
    return (draft.path, draft.exists, draft.warnings, draft.old) if draft is not None else ()


def plan(draft: Draft) -> str:
    """Say what writing a draft will do to the file."""
    name = visible(draft.path.name)
    if not draft.exists:
        return f"{name} will be a new file.{_ONLY_YOU}"
    if draft.text == draft.old:
        return f"{name} says all this already: nothing will change."
    copy = f"A copy of what it is now will be beside it, as {name}{BACKUP_MARK}….{_ONLY_YOU}"
    if draft.old is None:
        return f"{name} is there already and will be replaced, with all that is in it. {copy}"
    return (
        f"Merged into {name}: what others have in it stays, with its order and its comments. {copy}"
    )


def replacing(path: Path) -> str:
    """Say what saving over a file that is there does to it."""
    name = visible(path.name)
    return breakable(
        f"{name} is in {visible(str(path.parent))} already and would be replaced, with all that is "
        f"in it. A copy of what it is now will be beside it, as {name}{BACKUP_MARK}…."
    )


def being_written(path: Path) -> Notice:
    """Say what nobody saw the end of."""
    return Notice(
        "hand-over-cut-short",
        Level.WARN,
        f"{visible(path.name)} was being written when its dialog was closed.",
        f"It is as it was, or whole with its secrets: {visible(str(path))}",
        "Look at the file.",
    )


def saved(written: Written, *buttons: Remedy) -> Notice:
    """Say what became of a file, where it is, and what is to be known of it."""
    name = visible(written.real.name)
    title = f"{name} was written" if written.changed else f"{name} stays as it was"
    words = [f"It is {visible(str(written.real))}.{_ONLY_YOU if written.changed else ''}"]
    if written.backup is not None:
        words.append(f"What it was before is beside it, as {visible(written.backup.name)}.")
    told = " ".join([*words, *written.remarks])
    return Notice("saved", Level.INFO, title, told, buttons=buttons)


@dataclass(frozen=True, slots=True)
class Field:
    """One value of a form: what platforms call it, and what else it is called."""

    title: str
    other: str
    name: str
    """Of a ``CredentialSet``; empty for the name, which is no secret."""


ROWS = (
    Field("Name", "what the platform shows", ""),
    Field("Consumer key", "API key", "api_key"),
    Field("Consumer secret", "API key secret", "api_secret"),
    Field("Access token", "OAuth token", "token"),
    Field("Token secret", "Access token secret", "token_secret"),
)
"""In the order in which forms ask for them."""
