"""What is taken from a backup into an app or a connection that is here, and what stays of it.

Pure rules: they see secrets only to tell whether two are equal.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from adwarden.domain.data import dataclass
from adwarden.domain.model import MAX_LABEL, AppAccess, Connection, Credential, XApp

_WORDS = {
    "label": "name",
    "note": "note",
    "access": "app access",
    "approved_at": "day of approval",
    "bearer": "bearer token",
    "client_id": "client ID",
    "client_secret": "client secret",
}


@dataclass(frozen=True, slots=True)
class Saved:
    """One app or connection with its secrets; ``secrets`` is ``None`` where they are not to be had.

    The ids are those of the side that it comes from.
    """

    row: XApp | Connection
    secrets: Credential | None

    @property
    def is_app(self) -> bool:
        """Whether it is an X app and not a connection."""
        return isinstance(self.row, XApp)

    @property
    def app_id(self) -> str:
        """The app, or the one that the connection belongs to."""
        return self.row.id if isinstance(self.row, XApp) else self.row.app_id


def named_apart(saved: Saved, labels: Iterable[str]) -> Saved:
    """Return an app of a backup with the name that it can have here, beside these others."""
    row = saved.row
    return replace(saved, row=replace(row, label=free_label(row.label, labels)))


def free_label(label: str, labels: Iterable[str]) -> str:
    """Return a name, with a number where it is taken: names tell apps apart."""
    taken = {one.casefold() for one in labels}
    number, found = 1, label[:MAX_LABEL]
    while found.casefold() in taken:
        number += 1
        tail = f" ({number})"
        found = label[: MAX_LABEL - len(tail)] + tail
    return found


def taken_fields(saved: Saved, here: Saved) -> dict[str, object]:
    """Return what an app's or connection's row gets from the backup: what is not empty there.

    Where keys or a token come with it, which is a reason to take it by itself, only what is empty
    here is filled: what a person has called it here since is not what they are asked about.
    """
    told, mine = _facts(saved.row), _facts(here.row)
    fills = bool(_changed(saved, here) & _main(saved))
    return {
        name: value
        for name, value in told.items()
        if value and value != mine[name] and not (fills and mine[name])
    }


def taken_secrets(saved: Saved, here: Saved) -> Credential:
    """Return the secrets that taking leads to.

    Those that only the app here has stay, as long as it is still the same app at X.
    """
    assert saved.secrets is not None
    if not saved.is_app or here.secrets is None or not same_key(saved, here):
        return saved.secrets
    both = {**here.secrets.secrets, **saved.secrets.secrets}
    return Credential(saved.secrets.kind, both, saved.secrets.facts)


def difference(saved: Saved, here: Saved) -> tuple[tuple[str, ...], bool]:
    """Return what would change, and whether nothing that is here would be lost by it."""
    words: list[str] = []
    main, changed = _main(saved), _changed(saved, here)
    if changed & main:
        words.append("keys" if saved.is_app else "token")
    words += sorted(_WORDS.get(name, name) for name in changed - main)
    fields = taken_fields(saved, here)
    words += [_WORDS[name] for name in fields]
    kept, mine = _facts(here.row), _secrets(here)
    lossless = not any(name in mine for name in changed) and not any(kept[name] for name in fields)
    return tuple(words), bool(words) and (lossless or here.secrets is None)


def _main(saved: Saved) -> set[str]:
    """Return the names of the secrets that an app or a connection works by."""
    return {"key", "secret"} if saved.is_app else set(_secrets(saved))


def _changed(saved: Saved, here: Saved) -> set[str]:
    mine = _secrets(here)
    return {name for name, value in _secrets(saved).items() if mine.get(name) != value}


def _facts(row: XApp | Connection) -> dict[str, object]:
    """Return what a person gave an app or connection; empty values say nothing."""
    if isinstance(row, Connection):
        return {"label": row.label, "note": row.note}
    access = None if row.access is AppAccess.UNKNOWN else row.access
    return {
        "label": row.label, "note": row.note, "access": access, "approved_at": row.approved_at
    }  # fmt: skip


def same_key(one: Saved, other: Saved) -> bool:
    """Tell whether two apps are the same one at X."""
    mine, theirs = _secrets(one), _secrets(other)
    same_kind = isinstance(one.row, XApp) and isinstance(other.row, XApp)
    if not same_kind or "key" not in mine:
        return False
    return mine["key"] == theirs.get("key")


def _secrets(one: Saved) -> Mapping[str, object]:
    return {} if one.secrets is None else one.secrets.secrets
