"""Apps and connections as the entries of a backup, and back; the file knows nothing of either."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType

from adwarden.domain.backup_taking import Saved
from adwarden.domain.errors import KeychainError
from adwarden.domain.model import KEYCHAIN, AppAccess, Connection, Credential, XApp
from adwarden.services.entry_facts import APPROVED, PASTED, SINCE, moment
from adwarden.services.roster import entry_of, held
from adwarden.storage.keychain_codec import decode, in_full
from adwarden.storage.keychain_status import EntryName

_APP_SUFFIX = "-app"


def to_entry(row: XApp | Connection, credential: Credential) -> tuple[EntryName, str]:
    """Return name and text of an entry that says all there is to say of an app or connection."""
    if isinstance(row, XApp):
        facts = {
            "app": row.id,
            "label": row.label,
            "access": row.access.value,
            SINCE: repr(row.added_at),
            APPROVED: "" if row.approved_at is None else repr(row.approved_at),
        }
    else:
        facts = {
            "user_id": row.user_id,
            "screen_name": row.screen_name,
            "app": row.app_id,
            "id": row.id,
            "label": row.label,
            SINCE: repr(row.authorized_at),
            "origin": PASTED if row.pasted else "",
        }
    facts |= {"note": row.note, "place": row.place}
    told = {name: value for name, value in facts.items() if value}
    whole = Credential(credential.kind, credential.secrets, MappingProxyType(told))
    service, username, _ = entry_of(row)
    return EntryName(service, username), in_full(whole)


def from_entries(texts: Mapping[EntryName, str]) -> tuple[tuple[Saved, ...], int]:
    """Return the apps and connections of a backup, and how many entries could not be read.

    Of several of the same user or app, as an edited file may have them, the latest counts.
    """
    found: dict[tuple[str, ...], Saved] = {}
    unread = 0
    for name, text in texts.items():
        saved = _from_entry(name, text)
        if saved is None:
            unread += 1
            continue
        row = saved.row
        key = (row.id,) if isinstance(row, XApp) else (row.app_id, row.user_id)
        other = found.get(key)
        if other is None or _since(other) < _since(saved):
            found[key] = saved
    return _with_own_ids(found.values()), unread


def _with_own_ids(found: Iterable[Saved]) -> tuple[Saved, ...]:
    """Leave out connections that name the same id, which only an edited file has."""
    ids: set[str] = set()
    kept = []
    for saved in found:
        own = f"{saved.is_app}/{saved.row.id}"
        if own not in ids:
            ids.add(own)
            kept.append(saved)
    return tuple(kept)


def _from_entry(name: EntryName, text: str) -> Saved | None:
    try:
        credential = decode(text)
    except KeychainError:
        return None
    facts = credential.facts
    secrets = Credential(credential.kind, credential.secrets)
    app_id, place = facts.get("app", ""), facts.get("place", KEYCHAIN)
    if not app_id or not credential.secrets:
        return None
    if credential.kind.endswith(_APP_SUFFIX):
        return Saved(
            XApp(
                id=app_id,
                provider=credential.kind.removesuffix(_APP_SUFFIX),
                label=facts.get("label", "") or name.username,
                access=_access(facts.get("access", "")),
                entry=name.service,
                added_at=moment(facts, SINCE) or 0.0,
                approved_at=moment(facts, APPROVED),
                note=facts.get("note", ""),
                holds=held(credential),
                place=place,
            ),
            secrets,
        )
    if not facts.get("user_id"):
        return None
    return Saved(
        Connection(
            id=facts.get("id", "") or name.service.rsplit(" ", 1)[-1],
            app_id=app_id,
            user_id=facts["user_id"],
            screen_name=facts.get("screen_name", ""),
            entry=name.service,
            authorized_at=moment(facts, SINCE) or 0.0,
            label=facts.get("label", ""),
            note=facts.get("note", ""),
            place=place,
            pasted=facts.get("origin", "") == PASTED,
        ),
        secrets,
    )


def _since(saved: Saved) -> float:
    row = saved.row
    return row.added_at if isinstance(row, XApp) else row.authorized_at


def _access(text: str) -> AppAccess:
    return next((level for level in AppAccess if level.value == text), AppAccess.UNKNOWN)
