"""How an X app's keys stand: learned alike by tests of the keys, by refreshes and by look-ups."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

from adwarden.domain.errors import AdwardenError, ErrorCode, KeychainError, NotFoundError
from adwarden.domain.model import AppState, XApp
from adwarden.services.hub import Hub
from adwarden.services.index import Index
from adwarden.services.roster import Roster
from adwarden.services.telling import tell_app
from adwarden.storage.directory import Directory

TROUBLE = (AppState.KEYS_MISSING, AppState.WRONG_KEYS, AppState.SUSPENDED)
"""States that somebody has to do something about."""

ACCEPTED = (ErrorCode.CALLBACK,)
"""What X refuses only after it has accepted the signature: the keys are right."""


class AppStanding:
    """Saves and tells what was learned of an app's keys."""

    def __init__(self, roster: Roster, index: Index, hub: Hub) -> None:
        self._roster, self._index, self._hub = roster, index, hub

    async def note(self, app: XApp, state: AppState, *, of: str = "") -> None:
        """Save and tell it, unless the app has got other keys meanwhile or is gone.

        The app is read again, as it may have changed since; so may the name of its entry. ``of``
        is the entry that this is true of, where it is of no other with the same keys.
        """
        while True:
            try:
                current = self._roster.app(app.id)
            except NotFoundError:
                return
            same = self._roster.same_secrets(app.entry, current.entry)
            if not same or current.state is state or of not in ("", current.entry):
                return
            noted = replace(current, state=state)
            if await self._index.run(partial(Directory.note_app, app=noted)):
                break
            now = (one.entry for one in self._roster.apps if one.id == app.id)
            if next(now, "") == current.entry:
                return
        self._roster.put_app(replace(self._roster.app(app.id, even_hidden=True), state=state))
        tell_app(self._roster, self._hub, app.id)

    async def proved(self, app: XApp) -> None:
        """Note that X has accepted the keys, and by that their signature."""
        await self.note(app, AppState.WORKING)

    async def refused(self, app: XApp, error: AdwardenError) -> None:
        """Note what an answer to the app's keys alone tells of them, if it tells anything."""
        state = AppState.WORKING if error.code in ACCEPTED else _state_after(error)
        if error.code is ErrorCode.APP_KEYS:
            state = state or AppState.WRONG_KEYS
        if state is not None:
            await self.note(app, state, of=_entry_of(error))

    async def used(self, app_id: str, error: AdwardenError | None) -> None:
        """Note what the use of one of the app's tokens tells of the app's keys.

        A refusal of keys and token together (X's code 32) is no proof that it is the keys.
        """
        try:
            app = self._roster.app(app_id)
        except NotFoundError:
            return
        if error is not None:
            state = _state_after(error)
            if state is not None:
                await self.note(app, state, of=_entry_of(error))
        elif app.state in TROUBLE:
            await self.proved(app)


def _entry_of(error: AdwardenError) -> str:
    return error.entry if isinstance(error, KeychainError) else ""


def _state_after(error: AdwardenError) -> AppState | None:
    if error.code is ErrorCode.APP_SUSPENDED:
        return AppState.SUSPENDED
    # Of the keychain, and not of X: the entry is gone, or cannot be read.
    if error.code is ErrorCode.APP_KEYS and isinstance(error, KeychainError):
        return AppState.KEYS_MISSING
    return None
