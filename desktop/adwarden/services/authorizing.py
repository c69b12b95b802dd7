"""From "Connect account" to a stored token: begin, finish, keep, or discard.

What X granted is held in memory until the keychain has it, and is never dropped silently.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Mapping

from adwarden.domain.data import dataclass
from adwarden.domain.errors import InputError
from adwarden.domain.model import Connection, ConnectionState, Credential, XApp
from adwarden.domain.pin import read_pin
from adwarden.domain.secret import Secret
from adwarden.providers.base import AuthorizationRequest, Grant, GuestRules, Provider
from adwarden.services.hub import Hub
from adwarden.services.index import Index
from adwarden.services.places import Places
from adwarden.services.rewriting import Rewriting
from adwarden.services.roster import Roster, app_keys, entry_of, new_id
from adwarden.services.tasks import Lane

_CALLBACK_VERIFIER = re.compile(r"[A-Za-z0-9_-]{20,200}")

Platforms = Mapping[str, Lane[Provider]]
"""Provider id to the worker threads that speak with it."""


@dataclass(frozen=True, slots=True)
class Attempt:
    """One running authorization; ``expected`` is the connection that is being reconnected."""

    app: XApp
    request: AuthorizationRequest
    expected: Connection | None


@dataclass(frozen=True, slots=True)
class Granted:
    """A token that X gave, in memory only until it is kept.

    ``keys`` are the app's, so that it can be revoked whatever becomes of keychain and app.
    ``former`` is the entry of the token that its user had here then, which may be the very same.
    """

    attempt: Attempt
    grant: Grant
    keys: Credential
    former: str = ""

    @property
    def unexpected(self) -> bool:
        """Whether somebody else authorized than the user who was to be reconnected."""
        expected = self.attempt.expected
        return expected is not None and expected.user_id != self.grant.user_id


class Authorizing:
    """The steps of the PIN flow; raises ``AdwardenError`` at each of them."""

    def __init__(
        self,
        roster: Roster,
        index: Index,
        keychain: Places,
        platforms: Platforms,
        hub: Hub,
        rewriting: Rewriting,
        *,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._roster = roster
        self._index = index
        self._keychain = keychain
        self._platforms = platforms
        self._hub = hub
        self._rewriting = rewriting
        self._clock = clock

    async def rules(self, app: XApp) -> GuestRules:
        """Return what the embedded page may show for this app."""
        return await self._platforms[app.provider].run(lambda platform: platform.guest_rules())

    async def begin(self, app_id: str, reconnect: str = "") -> Attempt:
        """Fetch a request token; ``reconnect`` is the connection to renew, if any."""
        app = self._roster.app(app_id)
        expected = self._roster.connection(reconnect) if reconnect else None
        keys = await app_keys(self._roster, self._keychain, app)
        screen_name = expected.screen_name if expected else ""
        request = await self._platforms[app.provider].run(
            lambda platform: platform.begin(keys, screen_name=screen_name)
        )
        self._keychain.note(
            Credential("request", {"token": request.token, "secret": request.secret})
        )
        return Attempt(app, request, expected)

    async def finish(self, attempt: Attempt, pin: str) -> Granted:
        """Exchange the PIN; after a refusal X has burnt the attempt: begin again."""
        verifier = _verifier(pin)
        self._keychain.note(Credential("verifier", {"verifier": Secret(verifier)}))
        # As they are kept by now: the entry may have been written anew since, under another name.
        keys = await app_keys(self._roster, self._keychain, attempt.app)
        grant = await self._platforms[attempt.app.provider].run(
            lambda platform: platform.finish(keys, attempt.request, verifier)
        )
        self._keychain.note(grant.credential)
        former = self._roster.same_user(attempt.app.id, grant.user_id)
        return Granted(attempt, grant, keys, former.entry if former else "")

    async def keep(self, granted: Granted, *, as_new: bool = False) -> Connection:
        """Store the token, then list the connection, then say so.

        After a ``KeychainError`` nothing is lost: call it again with the same ``granted``.
        ``as_new`` accepts another user than the one who was to be reconnected.
        """
        if granted.unexpected and not as_new:
            raise _another_user(granted)
        app, grant = granted.attempt.app, granted.grant
        # One at a time: two dialogs may end with the same user in the same moment.
        async with self._rewriting.alone(app.id, grant.user_id):
            old = self._roster.same_user(app.id, grant.user_id)
            # The former token was ended since: X may have been told to forget this one with it.
            now = old.entry if old else ""
            ended = granted.former and not self._roster.same_secrets(granted.former, now)
            connection = Connection(
                id=old.id if old else new_id(),
                app_id=app.id,
                user_id=grant.user_id,
                screen_name=grant.screen_name,
                entry="",
                authorized_at=self._clock(),
                state=ConnectionState.UNKNOWN if ended else ConnectionState.WORKING,
                checked_at=old.checked_at if old else None,
                label=old.label if old else "",
                note=old.note if old else "",
                place=await self._keychain.home(*entry_of(old)) if old else self._keychain.chosen,
            )
            return await self._rewriting.keep_connection(connection, grant.credential, fetch=True)

    async def discard(self, granted: Granted) -> None:
        """Revoke the token at X and forget it; raises where X could not be told."""
        keys, credential = granted.keys, granted.grant.credential
        await self._platforms[granted.attempt.app.provider].run(
            lambda platform: platform.revoke(keys, credential)
        )
        await self._rewriting.drop_doubtful(granted.attempt.app.id, granted.grant.user_id)


def _verifier(text: str) -> str:
    """Return what to send as ``oauth_verifier``: a PIN, or the longer text of a callback."""
    typed = read_pin(text)
    if typed.fault is None:
        return typed.digits
    if _CALLBACK_VERIFIER.fullmatch(text.strip()):
        return text.strip()
    raise InputError("This is not a PIN", typed.fault.value, field="pin")


def _another_user(granted: Granted) -> InputError:
    expected = granted.attempt.expected
    assert expected is not None
    found = f"@{granted.grant.screen_name}" if granted.grant.screen_name else granted.grant.user_id
    return InputError(
        "Another user authorized",
        f"{expected.handle} was to be reconnected, but {found} authorized the app.",
        "Keep it as a new connection, or revoke it and forget it.",
    )
