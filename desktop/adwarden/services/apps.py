"""What can be changed of an X app, and of a connection's name: one change of one entry each.

Secrets go in and are asked for one at a time; nothing here keeps any.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from adwarden.domain.errors import LOCKED, AdwardenError, ErrorCode, InputError, KeychainError
from adwarden.domain.model import AppAccess, AppState, Connection, Credential, XApp
from adwarden.domain.secret import Secret
from adwarden.services.app_checks import check_label, check_visible, tidied, too_long
from adwarden.services.places import Places
from adwarden.services.proving import try_keys
from adwarden.services.rewriting import Rewriting
from adwarden.services.roster import Roster, app_keys, secrets_of

if TYPE_CHECKING:
    from adwarden.services.authorizing import Platforms
    from adwarden.services.dropping import Dropping

OPTIONAL = ("bearer", "client_id", "client_secret")
"""The secrets of an app that may be missing."""


class DoubtfulKeysError(InputError):
    """Keys that would not do what they are entered for; a person may keep them all the same."""


class Apps:
    """Edits apps and the names of connections; all raise ``AdwardenError``."""

    def __init__(
        self,
        roster: Roster,
        keychain: Places,
        platforms: Platforms,
        rewriting: Rewriting,
        dropping: Dropping,
    ) -> None:
        self._roster = roster
        self._keychain = keychain
        self._platforms = platforms
        self._rewriting = rewriting
        self._dropping = dropping

    async def edit(
        self,
        app_id: str,
        *,
        label: str,
        access: AppAccess,
        note: str,
        secrets: Mapping[str, Secret] = MappingProxyType({}),
        removed: Collection[str] = (),
    ) -> XApp:
        """Change an app as a whole; raises ``InputError`` naming the field.

        ``secrets`` are new ones by their names among ``OPTIONAL``: a blank one is left as it is.
        ``removed`` names those to be forgotten, which can be undone for ten seconds.
        """
        app = self._roster.app(app_id)
        label, note = " ".join(label.split()), tidied(note)
        others = [one for one in self._roster.apps if one.id != app_id]
        # A name that it has already is its own, whatever came to be removed since.
        changed_name = label.casefold() != app.label.casefold()
        check_label(label, others, leaving=self._roster.leaving if changed_name else ())
        new = {name: one for name, one in secrets.items() if not one.is_blank and name in OPTIONAL}
        gone = set(removed) & set(OPTIONAL) - set(new)

        def changed(kept: Credential) -> Credential:
            return replace(kept, secrets={**kept.secrets, **new})

        fields = {"label": label, "access": access, "note": note}
        lengths = {name: len(one.unwrap()) for name, one in new.items()} | {"note": len(note)}
        self._dropping.release(app_id, new)
        app = await self._rewrite(app, changed if new else None, lengths, fields)
        return await self._dropping.drop(app_id, gone) if gone else self._roster.seen(app)

    async def weigh_keys(self, app_id: str, key: Secret, secret: Secret) -> None:
        """Look whether a new pair would do for an app; nothing is kept or changed by it.

        Raises ``DoubtfulKeysError`` for a key of another app that is listed, and for a pair that
        X refuses where the one that is kept was accepted. What cannot be found out raises
        nothing, save that the place of the app's own keys is locked.
        """
        app = self._roster.app(app_id)
        try:
            kept: Mapping[str, Secret] = (await app_keys(self._roster, self._keychain, app)).secrets
        except KeychainError as error:
            if error.code in LOCKED:
                raise
            kept = {}
        if kept.get("key") == key and kept.get("secret") == secret:
            return
        other = await self._of_other(app, key)
        if other is not None:
            raise _of_another(other, app)
        if app.state is not AppState.WORKING:
            return  # there is nothing to be lost
        try:
            lane = self._platforms[app.provider]
            await try_keys(lane, self._keychain, Credential("", {"key": key, "secret": secret}))
        except AdwardenError as error:
            if error.code is ErrorCode.APP_KEYS:
                raise _refused(app) from None

    async def _of_other(self, app: XApp, key: Secret) -> XApp | None:
        """Return the other app that has this API key, if one can be seen to have it."""
        for one in self._roster.apps:
            if one.id == app.id:
                continue
            try:
                keys = await app_keys(self._roster, self._keychain, one)
            except AdwardenError:
                continue  # locked, or gone: then it cannot be told
            if keys.secrets.get("key") == key:
                return one
        return None

    async def fetch_bearer(self, app_id: str) -> XApp:
        """Have X give the app's bearer token, and keep it; it proves key and secret, too."""
        app = self._roster.app(app_id)
        keys = await app_keys(self._roster, self._keychain, app)
        lane = self._platforms[app.provider]
        bearer = await lane.run(lambda platform: platform.bearer(keys))
        self._keychain.note(Credential("bearer", {"bearer": bearer}))
        # X gives the same one again, which is not to be removed any more.
        self._dropping.release(app_id, ("bearer",))
        app = await self._rewrite(
            app,
            lambda kept: replace(kept, secrets={**kept.secrets, "bearer": bearer}),
            {"bearer": len(bearer.unwrap())},
            {"state": AppState.WORKING},
        )
        return self._roster.seen(app)

    async def invalidate_bearer(self, app_id: str) -> XApp:
        """Have X forget the bearer token, then remove it here; X refusing removes nothing."""
        app = self._roster.app(app_id)
        keys = await app_keys(self._roster, self._keychain, app)
        bearer = keys.secrets.get("bearer")
        if bearer is None:
            raise _not_kept("bearer token", app.label)
        owner = await self._owner(app)
        await self._platforms[app.provider].run(
            lambda platform: platform.invalidate_bearer(keys, bearer, owner)
        )
        self._dropping.release(app_id, ("bearer",))
        app = await self._rewriting.rewrite_app(
            app, lambda kept: replace(kept, secrets=_without(kept, "bearer"))
        )
        return self._roster.seen(app)

    async def secret(self, app_id: str, name: str) -> Secret:
        """Return one secret, to be copied or shown: ``key``, ``secret`` or one of ``OPTIONAL``."""
        app = self._roster.app(app_id)
        found = (await app_keys(self._roster, self._keychain, app)).secrets.get(name)
        if found is None or name in self._roster.withheld.get(app_id, ()):
            raise _not_kept(name.replace("_", " "), app.label)
        return found

    # Connections

    async def name_connection(self, connection_id: str, *, label: str, note: str) -> Connection:
        """Keep a person's own name and note for a connection; both may be empty."""
        connection = self._roster.connection(connection_id)
        label, note = " ".join(label.split()), tidied(note)
        check_visible(label)
        try:
            return await self._rewriting.rewrite_connection(connection, label=label, note=note)
        except KeychainError as error:
            raise too_long(error, {"label": len(label), "note": len(note)}) from None

    async def token(self, connection_id: str, name: str) -> Secret:
        """Return a connection's ``token`` or its ``secret``, to be copied or shown."""
        connection = self._roster.connection(connection_id)
        kept = await secrets_of(self._roster, self._keychain, connection)
        found = kept.secrets.get(name)
        if found is None:
            raise _not_kept("token", connection.handle)
        return found

    # Inside

    async def _rewrite(
        self,
        app: XApp,
        change: Callable[[Credential], Credential] | None,
        lengths: Mapping[str, int],
        fields: Mapping[str, Any] = MappingProxyType({}),
    ) -> XApp:
        try:
            return await self._rewriting.rewrite_app(app, change, **fields)
        except KeychainError as error:
            raise too_long(error, lengths) from None

    async def _owner(self, app: XApp) -> Credential | None:
        """Return the app owner's token, which is what the developer console shows."""
        pasted = next((one for one in self._roster.of_app(app.id) if one.pasted), None)
        if pasted is None:
            return None
        try:
            return await secrets_of(self._roster, self._keychain, pasted)
        except AdwardenError:
            return None


def _without(credential: Credential, name: str) -> dict[str, Secret]:
    return {one: secret for one, secret in credential.secrets.items() if one != name}


def _not_kept(what: str, of: str) -> KeychainError:
    return KeychainError(
        ErrorCode.ENTRY_MISSING,
        f"No {what} is kept for {of}",
        "The entry has none, or it was removed in the meantime.",
        "Enter it again.",
    )


def _of_another(other: XApp, app: XApp) -> DoubtfulKeysError:
    return DoubtfulKeysError(
        f"This is the API key of {other.label}",
        f"This is the API key of {other.label}: the connections of {app.label} do not work with "
        "it.",
        f"Enter the key of {app.label}.",
        field="key",
    )


def _refused(app: XApp) -> DoubtfulKeysError:
    return DoubtfulKeysError(
        "X does not accept these keys",
        f"X does not accept these keys. Those that are kept for {app.label} work, and were not "
        "changed.",
        "Compare both with the developer console.",
        field="secret",
    )
