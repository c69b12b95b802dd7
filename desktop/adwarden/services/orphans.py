"""What an entry is that no row of the index names, and whether it would be of use here."""

from __future__ import annotations

from collections.abc import Collection
from enum import Enum

from adwarden.domain.data import dataclass
from adwarden.domain.errors import ErrorCode, KeychainError
from adwarden.domain.model import Connection, Credential, XApp
from adwarden.services.adopting import is_app
from adwarden.services.events import Removal
from adwarden.services.roster import Kept, Roster
from adwarden.storage.keychain_codec import SEPARATOR

_KEYS = "the keys of an X app."
_TOKEN = "the token of an account."  # noqa: S105 - words


class Origin(Enum):
    """Why nothing lists an entry; the value begins what is said of it."""

    OTHER = "Kept by another data folder of Adwarden"
    LEFT = "Left over"
    COMES = "Not listed again yet"


@dataclass(frozen=True, slots=True)
class Orphan:
    """An entry of ours that no row of the index names.

    ``name`` is what people call it, ``why`` says what it is. Only what would be of use here
    ``can_be_taken`` over. ``going`` is its deletion, while that can still be undone. ``file`` is
    which KeePass file it was seen in, empty where it is in none. ``app`` is the id of the X app
    whose keys it has, ``of_app`` of the one that has to be listed before this token can be.
    ``comes`` is whether the list is still to be built again, with this entry. ``others`` is whether
    another data folder keeps it, and ``keys`` whether it has an X app's keys instead of a token.
    """

    kept: Kept
    name: str
    why: str
    can_be_taken: bool = False
    going: Removal | None = None
    file: str = ""
    app: str = ""
    of_app: str = ""
    comes: bool = False
    others: bool = False
    keys: bool = False


def row_of(what: Credential, roster: Roster) -> XApp | Connection | None:
    """Return the app or the connection that an entry is about, hidden or not."""
    app_id = what.facts.get("app", "")
    if not is_app(what):
        return roster.same_user(app_id, what.facts.get("user_id", ""))
    apps = (one for one in roster.everything if isinstance(one, XApp) and one.id == app_id)
    return next(apps, None)


def unreadable(kept: Kept, error: KeychainError) -> Orphan:
    """Return an entry that says nothing of itself."""
    why = "Cannot be read: something changed it, or a newer version wrote it."
    if error.code is ErrorCode.ENTRY_MISSING:
        why = "Stands in the list that Adwarden keeps in this place, but is not there."
    return Orphan(kept, called(kept), why)


def judged(
    kept: Kept, what: Credential, roster: Roster, origin: Origin, lost: Collection[str]
) -> Orphan:
    """Return an entry with what it is to this data folder.

    ``lost`` are the ids of rows whose own entry is gone: another one can stand for it.
    """

    def orphan(why: str, can_be_taken: bool = False, *, app: str = "", of_app: str = "") -> Orphan:
        words = f"{origin.value}: {why}"
        comes = origin is Origin.COMES
        return Orphan(
            kept, called(kept), words, can_be_taken, app=app, of_app=of_app, comes=comes,
            others=origin is Origin.OTHER, keys=is_app(what),
        )  # fmt: skip

    app_id, row = what.facts.get("app", ""), row_of(what, roster)
    is_lost = row is not None and row.id in lost
    if is_app(what):
        if row is not None and not is_lost:
            return orphan("the app is listed with another entry.")
        told = "the keys of an X app that is listed without them." if is_lost else _KEYS
        return orphan(told, bool(app_id), app=app_id)
    if roster.hidden(app_id) is not None:
        return orphan("its X app is being removed.")
    if all(one.id != app_id for one in roster.apps):
        return orphan("its X app is not here.", of_app=app_id if what.facts.get("user_id") else "")
    if row is not None and not is_lost:
        return orphan("the account is connected with another entry.")
    told = "the token of an account that is listed without it." if is_lost else _TOKEN
    return orphan(told, "user_id" in what.facts)


def called(kept: Kept) -> str:
    """Return what people call an entry."""
    app = kept.service.split(SEPARATOR)[1:-1]
    label = SEPARATOR.join(app)
    return kept.username if kept.username == label else f"{kept.username} · {label}"
