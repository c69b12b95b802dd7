"""The notice that stays for as long as X is still to be told to forget a token."""

from __future__ import annotations

from collections.abc import Callable

from adwarden.domain.model import ConnectionState
from adwarden.ui.notices import Level, Notice, Notices, Remedy
from adwarden.ui.store import State

NOTICE = "revoking"

_NAMED = 3


class RevokingNotice:
    """Reads the state; ``again`` tries to revoke all of them once more."""

    def __init__(self, state: State, notices: Notices, again: Callable[[], None]) -> None:
        self._state, self._notices, self._again = state, notices, again
        self._told: tuple[tuple[str, str], ...] = ()

    def see(self) -> None:
        """Show the notice, change it, or take it away."""
        waits = [
            item
            for item in self._state.connections.values()
            if item.state is ConnectionState.REVOKING
        ]
        now = tuple((item.id, item.error) for item in waits)
        if now == self._told:
            return
        self._told = now
        if not waits:
            self._notices.dismiss(NOTICE)
            return
        handles = [item.handle for item in waits[:_NAMED]]
        more = len(waits) - len(handles)
        named = ", ".join(handles) + (f" and {more} more" if more else "")
        one = len(waits) == 1
        title = f"{named} {'is' if one else 'are'} still to be revoked at X."
        goes_on = "the token goes on working" if one else "the tokens go on working"
        why = next((item.error for item in waits if item.error), "")
        again = Remedy("Revoke again", self._again, closes=False)
        message = f"Until then {goes_on}. {why}".strip()
        self._notices.show_notice(Notice(NOTICE, Level.WARN, title, message, buttons=(again,)))
