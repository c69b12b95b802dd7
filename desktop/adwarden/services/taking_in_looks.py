"""What a credential set of a file is to what is kept here: new, known, in the way, or too little.

Reads entries and changes none; words never hold a value.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from enum import Enum

from adwarden.domain.data import dataclass
from adwarden.domain.errors import AdwardenError, ErrorCode, KeychainError
from adwarden.domain.handover import CredentialSet
from adwarden.domain.model import Connection, XApp
from adwarden.domain.secret import Secret
from adwarden.domain.token_shapes import user_of_token
from adwarden.services.apps import OPTIONAL
from adwarden.services.places import Places
from adwarden.services.roster import LOST, Roster, app_keys, secrets_of
from adwarden.services.taking_in_words import (
    called,
    free_label,
    lacking,
    misnamed,
    what_is_new,
)

Held = Mapping[str, Secret]


class Standing(Enum):
    """What a set is to what is kept here."""

    NEW = "new"
    KNOWN = "known"
    CONTRADICTS = "contradicts"
    INCOMPLETE = "incomplete"


@dataclass(frozen=True, slots=True)
class Compared:
    """One set of a file, and what it is to what is kept here; ``why`` is for a person.

    ``app_id`` and ``connection_id`` are what it belongs to, empty where that would be new;
    ``app_label`` is the name of the app, as it is or as it would be. ``handle`` is as people
    write it, empty where the file does not tell. ``parts`` are what would be written: ``app``,
    ``keys``, ``token``, and names among ``services.apps.OPTIONAL``. ``beside`` tells of what
    contradicts that it would replace nothing: what it says of itself does not fit.
    """

    one: CredentialSet
    standing: Standing
    why: str
    app_id: str = ""
    app_label: str = ""
    connection_id: str = ""
    handle: str = ""
    parts: tuple[str, ...] = ()
    beside: bool = False

    @property
    def title(self) -> str:
        """What people call it: whose token it is and of which app."""
        app = self.app_label or "an X app"
        return f"{self.handle} through {app}" if self.handle else app


@dataclass(frozen=True, slots=True)
class Preview:
    """What a file holds, before anything of it is kept; ``remarks`` are sentences."""

    format: str
    sets: tuple[Compared, ...]
    remarks: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one set, in words; ``done`` where all of it is kept here now.

    Where it is not, ``words`` begin with what was kept all the same, and ``error`` says why.
    """

    compared: Compared
    done: bool
    words: str
    app_id: str = ""
    connection_id: str = ""
    error: AdwardenError | None = None


@dataclass(slots=True)
class _App:
    """An app with its keys: one that is kept here, or of a set that came before in the file."""

    row: XApp | None
    label: str
    keys: dict[str, Secret]
    tokens: dict[str, tuple[Secret, Secret]]
    """New tokens of sets that came before, by their user's id or handle."""
    fresh: set[str]
    """Names of the keys that only such a set has."""

    def is_kept(self, name: str) -> bool:
        """Tell whether a key that it has is kept here."""
        return self.row is not None and name not in self.fresh


class Known:
    """What is kept here, read as far as it is asked for; raises ``KeychainError``."""

    def __init__(self, roster: Roster, places: Places) -> None:
        self._roster, self._places = roster, places
        self._apps: list[_App] | None = None
        self._labels = {app.label for app in (*roster.apps, *roster.leaving)}
        self._owners: dict[str, str] = {}
        """The ids of the users of sets that came before, by their handles."""
        self.remarks: list[str] = []

    async def look(self, one: CredentialSet, *, remember: bool = False) -> Compared:
        """Compare a set; with ``remember`` later ones are compared with this one, too."""
        handle = f"@{one.handle}" if one.handle else _user_id(one)
        missing = lacking(one)
        app = await self._app_of(one.api_key) if one.api_key else None
        if not missing and app is None and not one.api_secret:
            missing = "It has no API key secret, and the X app of its API key is not here."
        label = (app.label if app else "") or one.app_name
        app_id = app.row.id if app and app.row else ""
        if missing:
            return Compared(one, Standing.INCOMPLETE, missing, app_id, label, "", handle)
        against: list[str] = []
        parts: list[str] = []
        _weigh_app(one, app, parts, against)
        if app is None and label:
            label = free_label(label, self._labels)
        connection = None
        beside = False
        if one.token:
            connection = await self._weigh_token(one, app, parts, against)
        if connection is not None:
            handle = connection.handle
        elif "token" in parts and self._is_of_another(one):
            beside = not against
            against.append(misnamed(handle))
            # The token's own word counts; what is kept must not get a name that it contradicts.
            one, handle = replace(one, handle=""), _user_id(one)
        standing = Standing.CONTRADICTS if against else Standing.NEW if parts else Standing.KNOWN
        why = " ".join(against) or what_is_new(parts, one, _only_kept(one, app))
        if app is None:
            why += called(one.app_name, label)
        if remember:
            self._remember(one, app, label, parts)
        return Compared(
            one, standing, why, app_id, label,
            connection.id if connection else "", handle, tuple(parts), beside,
        )  # fmt: skip

    async def _app_of(self, key: Secret) -> _App | None:
        if self._apps is None:
            self._apps = [one for app in self._roster.apps if (one := await self._read(app))]
        return next((one for one in self._apps if one.keys.get("key") == key), None)

    async def _read(self, app: XApp) -> _App | None:
        try:
            keys = await app_keys(self._roster, self._places, app)
        except KeychainError as error:
            if error.code is not ErrorCode.APP_KEYS:
                raise
            self.remarks.append(f"{error.title}: nothing could be compared with them.")
            return None
        return _App(app, app.label, dict(keys.secrets), {}, set())

    async def _weigh_token(
        self, one: CredentialSet, app: _App | None, parts: list[str], against: list[str]
    ) -> Connection | None:
        pair = (one.token, one.token_secret)
        connection = self._connection(one, app.row) if app and app.row else None
        before = app.tokens.get(_whose(one)) if app else None
        if before is not None:
            if before != pair:
                against.append("Another token of the same user stands before it in the file.")
                parts.append("token")
            return connection
        if connection is None:
            parts.append("token")
            return None
        try:
            kept = (await secrets_of(self._roster, self._places, connection)).secrets
        except KeychainError as error:
            if error.code not in LOST:
                raise
            parts.append("token")  # it puts back what was lost
            return connection
        if (kept.get("token"), kept.get("secret")) == pair:
            return connection
        parts.append("token")
        if kept.get("token") == one.token:
            against.append(f"Another secret is kept for this access token of {connection.handle}.")
        else:
            against.append(f"Another access token is kept for {connection.handle}.")
        return connection

    def _connection(self, one: CredentialSet, app: XApp) -> Connection | None:
        user_id, handle = _user_id(one), one.handle.casefold()
        for connection in self._roster.all_of_app(app.id):
            if connection.user_id == user_id:
                return connection
            if not user_id and handle and connection.screen_name.casefold() == handle:
                return connection
        return None

    def _is_of_another(self, one: CredentialSet) -> bool:
        """Tell whether the user that a set names has another id than its token."""
        user_id, handle = _user_id(one), one.handle.casefold()
        if not user_id or not handle:
            return False
        ids = {self._owners.get(handle, "")} | {
            kept.user_id
            for kept in self._roster.connections
            if kept.screen_name.casefold() == handle
        }
        ids.discard("")
        return bool(ids) and user_id not in ids

    def _remember(self, one: CredentialSet, app: _App | None, label: str, parts: list[str]) -> None:
        if app is None:
            app = _App(None, label, {"key": one.api_key, "secret": one.api_secret}, {}, set())
            assert self._apps is not None
            self._apps.append(app)
            self._labels.add(label)
        for name in OPTIONAL:
            value = getattr(one, name)
            if value and name not in app.keys:
                app.keys[name] = value
                app.fresh.add(name)
        if "token" in parts:
            app.tokens.setdefault(_whose(one), (one.token, one.token_secret))
        if one.handle:
            self._owners.setdefault(one.handle.casefold(), _user_id(one))


def _weigh_app(one: CredentialSet, app: _App | None, parts: list[str], against: list[str]) -> None:
    optional = [name for name in OPTIONAL if getattr(one, name)]
    if app is None:
        parts += ["app", *optional]
        return
    if one.api_secret and app.keys.get("secret") != one.api_secret:
        parts.append("keys")
        where = f"is kept for {app.label}" if app.row else "stands before it in the file"
        against.append(f"Another API key secret {where}.")
    for name in optional:
        kept = app.keys.get(name)
        if kept == getattr(one, name):
            continue
        parts.append(name)
        if kept is not None:
            where = (
                f"is kept for {app.label}" if app.is_kept(name) else "stands before it in the file"
            )
            against.append(f"Another {name.replace('_', ' ')} {where}.")


def _only_kept(one: CredentialSet, app: _App | None) -> bool:
    """Tell whether nothing of a set without news has it from a set before it in the file."""
    if app is None or app.row is None or _whose(one) in app.tokens:
        return False
    return all(app.is_kept(name) for name in OPTIONAL if getattr(one, name))


def _user_id(one: CredentialSet) -> str:
    # The token's own word counts: what stands beside it may be of another set.
    return (user_of_token(one.token.unwrap()) if one.token else "") or one.user_id


def _whose(one: CredentialSet) -> str:
    return _user_id(one) or one.handle.casefold() or "?"
