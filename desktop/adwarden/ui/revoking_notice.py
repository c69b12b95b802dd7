"""The notice that stays for as long as X is still to be told to forget a token."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from adwarden.domain.model import Connection, ConnectionState
from adwarden.storage.keychain_status import KeychainState
from adwarden.ui.notices import Level, Notice, Notices, Remedy
from adwarden.ui.store import State

NOTICE = "revoking"

_NAMED = 3


class RevokingNotice:
    """Reads the state; ``again`` tries to revoke all of them once more.

    ``unlock`` has a place unlocked and goes on from there: what is locked cannot be read.
    """

    def __init__(
        self,
        state: State,
        notices: Notices,
        again: Callable[[], None],
        unlock: Callable[[str, Callable[[], None]], None],
    ) -> None:
        self._state, self._notices = state, notices
        self._again, self._unlock = again, unlock
        self._told: tuple[object, ...] = ()

    def see(self) -> None:
        """Show the notice, change it, or take it away."""
        waits = [
            item
            for item in self._state.connections.values()
            if item.state is ConnectionState.REVOKING
        ]
        locked = next((item.place for item in waits if self._locked(item.place)), "")
        now = (locked, *((item.id, item.error) for item in waits))
        if now == self._told:
            return
        self._told = now
        if not waits:
            self._notices.dismiss(NOTICE)
            return
        self._show(waits, locked)

    def _locked(self, place: str) -> bool:
        status = self._state.places.get(place)
        return status is not None and status.state is KeychainState.LOCKED

    def _show(self, waits: list[Connection], locked: str) -> None:
        handles = [item.handle for item in waits[:_NAMED]]
        more = len(waits) - len(handles)
        named = ", ".join(handles) + (f" and {more} more" if more else "")
        one = len(waits) == 1
        title = f"{named} {'is' if one else 'are'} still to be revoked at X."
        goes_on = "the token goes on working" if one else "the tokens go on working"
        why = next((item.error for item in waits if item.error), "")
        again = Remedy("Revoke again", self._again, closes=False)
        if locked:
            open_it = partial(self._unlock, locked, self._again)
            again = Remedy("Unlock and revoke …", open_it, closes=False)
        message = f"Until then {goes_on}. {why}".strip()
        self._notices.show_notice(Notice(NOTICE, Level.WARN, title, message, buttons=(again,)))
