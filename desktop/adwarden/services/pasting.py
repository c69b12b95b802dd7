"""A connection by the access token that the developer console shows to an app's owner.

X is asked whose token it is before it is kept; from then on it is a connection like any other.
"""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable
from dataclasses import replace
from types import MappingProxyType
from typing import TYPE_CHECKING

from adwarden.domain.errors import AdwardenError, AuthorizationError, ErrorCode, InputError
from adwarden.domain.model import Connection, ConnectionState, Credential, XApp
from adwarden.domain.secret import Secret
from adwarden.domain.token_shapes import user_of_token
from adwarden.providers.base import Identity
from adwarden.services.app_checks import too_long
from adwarden.services.places import Places
from adwarden.services.rewriting import Rewriting
from adwarden.services.roster import Roster, app_keys, entry_of, new_id, secrets_of

if TYPE_CHECKING:
    from adwarden.services.authorizing import Platforms

_CLOSED = (ErrorCode.NO_ACCESS, ErrorCode.APP_NOT_APPROVED)
"""X closes ``verify_credentials`` to some apps, and says so only after it took the signature."""


class Pasting:
    """Takes in a pasted token; all raise ``AdwardenError``.

    ``settle`` has what waits for its end stay, and tells whether that was in time.
    """

    def __init__(
        self,
        roster: Roster,
        keychain: Places,
        platforms: Platforms,
        rewriting: Rewriting,
        *,
        settle: Callable[..., Awaitable[bool]],
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._roster = roster
        self._keychain = keychain
        self._platforms = platforms
        self._rewriting = rewriting
        self._settle = settle
        self._clock = clock

    async def add(
        self,
        app_id: str,
        token: Secret,
        secret: Secret,
        *,
        connection_id: str = "",
        pasted: bool = True,
        may_replace: str | None = None,
    ) -> Connection:
        """Ask X whose token it is, then keep it; after a ``KeychainError`` call it again.

        ``connection_id`` is the connection that is to get this token: somebody else's is refused,
        before X is asked where the token itself tells. Without it the connection of the token's
        user is made, or gets the token if it is there. ``pasted`` is whether it came from the
        developer console. With ``may_replace`` the token of no other connection than that one is
        replaced, whoever X says the user is. ``InputError`` names ``token`` or ``secret``.
        """
        app = self._roster.app(app_id)
        expected = self._roster.connection(connection_id) if connection_id else None
        credential = self._credential(app, token, secret, expected)
        identity = await self._whose(app, credential)
        if expected is not None and identity.user_id != expected.user_id:
            raise _somebody_else(expected, identity.user_id)
        old = self._roster.same_user(app.id, identity.user_id)
        if old is not None and not await self._settle(old.id):
            # X may have been told to forget this very token while it was asked whose it is.
            identity = await self._whose(app, credential)
        if old is not None and may_replace is not None and old.id != may_replace:
            await self._refuse_another(old, credential)
        return await self._keep(app, identity, credential, pasted=pasted)

    async def keep_unasked(
        self, app_id: str, token: Secret, secret: Secret, screen_name: str = ""
    ) -> Connection:
        """Keep a token from a file without asking X; nobody knows yet whether it works.

        Raises ``InputError`` also for a token that does not tell whose it is.
        """
        app = self._roster.app(app_id)
        credential = self._credential(app, token, secret)
        user_id = credential.facts["user_id"]
        if not user_id:
            raise InputError(
                "Only X can tell whose token this is",
                "It does not begin with the id of its user.",
                "Have it checked by X when it is taken in.",
                field="token",
            )
        old = self._roster.same_user(app.id, user_id)
        if old is not None:
            await self._settle(old.id)
        identity = Identity(user_id, screen_name, "")
        return await self._keep(app, identity, credential, pasted=False, asked=False)

    async def _refuse_another(self, old: Connection, credential: Credential) -> None:
        """Refuse a token where its user, as X tells, has another one here."""
        kept = await secrets_of(self._roster, self._keychain, old)
        if kept.secrets["token"] != credential.secrets["token"]:
            raise InputError(
                f"{old.handle} is connected with another token",
                "X says that this token is theirs; what was read did not tell.",
                "Disconnect them first, or enter this token at their connection.",
                field="token",
            )

    def _credential(
        self, app: XApp, token: Secret, secret: Secret, expected: Connection | None = None
    ) -> Credential:
        user_id = self._looked_at(token, secret, expected)
        pair = MappingProxyType({"token": token, "secret": secret})
        facts = MappingProxyType({"app": app.id, "user_id": user_id})
        credential = Credential(f"{app.provider}-oauth1-token", pair, facts)
        self._keychain.note(credential)
        return credential

    @staticmethod
    def _looked_at(token: Secret, secret: Secret, expected: Connection | None) -> str:
        """Refuse what needs no call to be known as wrong; return the token's user id, if told."""
        for field, value, what in (
            ("token", token, "access token"),
            ("secret", secret, "access token secret"),
        ):
            if value.is_blank:
                raise InputError(
                    f"The {what} is missing",
                    "Both are needed to sign requests.",
                    "Copy it from the developer console, at “Keys and tokens”.",
                    field=field,
                )
        user_id = user_of_token(token.unwrap())
        if expected is not None and user_id and user_id != expected.user_id:
            raise _somebody_else(expected, user_id)
        return user_id

    async def _whose(self, app: XApp, credential: Credential) -> Identity:
        keys = await app_keys(self._roster, self._keychain, app)
        try:
            return await self._platforms[app.provider].run(
                lambda platform: platform.verify(keys, credential)
            )
        except AuthorizationError as error:
            user_id = credential.facts["user_id"]
            if error.code in _CLOSED and user_id:
                return Identity(user_id, "", "")
            raise _in_words(error, app) from None

    async def _keep(
        self,
        app: XApp,
        identity: Identity,
        credential: Credential,
        *,
        pasted: bool,
        asked: bool = True,
    ) -> Connection:
        async with self._rewriting.alone(app.id, identity.user_id):
            old = self._roster.same_user(app.id, identity.user_id)
            connection = Connection(
                id=old.id if old else new_id(),
                app_id=app.id,
                user_id=identity.user_id,
                screen_name=_name(identity, old, asked=asked),
                entry="",
                # Nobody knows since when another tool has had it.
                authorized_at=self._clock() if pasted else 0.0,
                state=ConnectionState.WORKING if asked else ConnectionState.UNKNOWN,
                checked_at=old.checked_at if old else None,
                access_level=identity.access_level,
                label=old.label if old else "",
                note=old.note if old else "",
                place=await self._keychain.home(*entry_of(old)) if old else self._keychain.chosen,
                pasted=pasted,
            )
            try:
                return await self._rewriting.keep_connection(
                    connection, replace(credential, facts=MappingProxyType({})), fetch=True
                )
            except AdwardenError as error:
                lengths = {n: len(one.unwrap()) for n, one in credential.secrets.items()}
                if len(connection.note) > max(lengths.values()):
                    raise _long_note(error, connection) from None
                raise too_long(error, lengths) from None


def _name(identity: Identity, old: Connection | None, *, asked: bool) -> str:
    """Return the user's name: what X said, now or before, over what a file has."""
    before = old.screen_name if old else ""
    return (identity.screen_name or before) if asked else (before or identity.screen_name)


def _long_note(error: AdwardenError, connection: Connection) -> AdwardenError:
    """Say that it is not the pair that needs the room, where an entry would get too long."""
    if error.code is not ErrorCode.ENTRY_TOO_LARGE:
        return error
    return InputError(
        f"There is no room beside the note of {connection.handle}",
        f"{error.message} The note has {len(connection.note):,} of them.",
        "Shorten the note of this connection first, then paste the pair again.",
    )


def _somebody_else(expected: Connection, user_id: str) -> InputError:
    return InputError(
        "This is another user’s token",
        f"It belongs to the user {user_id}, and {expected.handle} is the user {expected.user_id}.",
        "Copy the token of this user, or add it as a connection of its own.",
        field="token",
    )


def _in_words(error: AuthorizationError, app: XApp) -> AdwardenError:
    """Say what a refusal means for a token that was pasted, as nobody has authorized anything."""
    if error.code is ErrorCode.APP_KEYS:
        return AuthorizationError(
            ErrorCode.DENIED,
            "X did not accept this pair",
            f"The access token, its secret and the keys of {app.label} do not belong together.",
            "Copy both again, from the same app in the developer console. If its API keys were "
            "regenerated, enter those again first.",
            detail=error.detail,
        )
    if error.code is ErrorCode.REVOKED:
        return AuthorizationError(
            ErrorCode.DENIED,
            "X does not know this token",
            f"It was not made for {app.label}, or it was revoked or regenerated since.",
            "Look in the developer console whether it is this app’s; generate a new one if it is.",
            detail=error.detail,
        )
    return error
