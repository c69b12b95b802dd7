"""Turns what the services tell into notices that need a person, and takes them away again.

It reads the state after each event and never shows anew what somebody has closed.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from adwarden.domain.errors import LOCKED, OF_ALL, AdwardenError, ErrorCode, KeychainError
from adwarden.domain.model import FILE, KEYCHAIN, AppState, Connection, ConnectionState
from adwarden.domain.token_state import LOST
from adwarden.services.events import (
    AppSaved,
    ConnectionRemoved,
    ConnectionSaved,
    DataFolderTrouble,
    EntriesSaved,
    Event,
    HistoryGrew,
    KeychainChanged,
    RefreshEnded,
    RemovalChanged,
)
from adwarden.storage.keychain_status import KeychainState, KeychainStatus
from adwarden.ui.commands import app_keys_notice
from adwarden.ui.notices import (
    FILE_NOTICE,
    KEYCHAIN_NOTICE,
    STORAGE_NOTICE,
    Level,
    Notice,
    Notices,
    Remedy,
    about,
    notice_of,
    place_notices,
    row_notice,
)
from adwarden.ui.phrases import ad_accounts, at_moment
from adwarden.ui.store import State
from adwarden.ui.ways import Ways, ways_of

if TYPE_CHECKING:
    from adwarden.ui.app_notices import AppNotices
    from adwarden.ui.revoking_notice import RevokingNotice

__all__ = ["FILE_NOTICE", "Watch", "practice_notice", "ways_of"]

_KEYS = (AppState.KEYS_MISSING, AppState.WRONG_KEYS, AppState.SUSPENDED)
_KEYCHAIN = frozenset(
    {
        *LOCKED,
        ErrorCode.KEYCHAIN_MISSING,
        ErrorCode.KEYCHAIN_FAILED,
        ErrorCode.KEYCHAIN_TIMEOUT,
        ErrorCode.FILE_DAMAGED,
        ErrorCode.FILE_UNSUPPORTED,
        ErrorCode.FILE_CHANGED,
    }
)
_SAVED = (AppSaved, ConnectionSaved, EntriesSaved, HistoryGrew)
"""What is told only once it could be written in the index."""

_HANDLES_NAMED = 3


class Watch:
    """Keeps the notices in step with the state."""

    def __init__(
        self, state: State, notices: Notices, ways: Ways, clock: Callable[[], float]
    ) -> None:
        self._state, self._notices, self._ways = state, notices, ways
        self._clock = clock
        self._lost: tuple[tuple[str, ConnectionState], ...] = ()
        self._revoking: RevokingNotice | None = None
        self._apps: AppNotices | None = None
        self._file_told = ("", "")
        self._round: dict[str, AdwardenError | None] = {}
        """How the refreshes ended that ran together, by connection."""
        self._stopped: dict[str, None] = {}
        """The connections whose refreshes the locked file has stopped, in their order."""

    def see(self, event: Event) -> None:
        """Take in an event, after the state has."""
        if isinstance(event, _SAVED):
            self._notices.dismiss_all(STORAGE_NOTICE)  # the list of accounts can be used again
        match event:
            case RefreshEnded(connection_id, error):
                self._refresh_ended(connection_id, error)
            case KeychainChanged(status, place):
                self._place(status, place)
            case DataFolderTrouble(error):
                notice = notice_of(error, f"folder:{error.title}", level=Level.WARN)
                self._notices.show_notice(notice)
            case RemovalChanged():
                self._ways.removal(event)
            case AppSaved(app) if app.state is AppState.WORKING:
                self._notices.dismiss(row_notice(app.id))
            case ConnectionSaved() | ConnectionRemoved():
                self._count_again()
        self.see_connections()

    def see_connections(self) -> None:
        """Tell of connections whose token is revoked, lost or to be revoked; of apps by keys."""
        self._see_apps()
        self._see_revoking()
        lost = [item for item in self._state.connections.values() if item.state in LOST]
        now = tuple((item.id, item.state) for item in lost)
        if now == self._lost:
            return
        self._lost = now
        if not lost:
            self._notices.dismiss("lost")
        elif len(lost) == 1:
            self._notices.show_notice(self._lost_one(lost[0]))
        else:
            self._notices.show_notice(self._lost_many(lost))

    def _see_apps(self) -> None:
        if self._apps is None and any(one.state in _KEYS for one in self._state.apps.values()):
            from adwarden.ui.app_notices import AppNotices

            self._apps = AppNotices(self._state, self._notices, self._ways.renew_app)
        if self._apps is not None:
            self._apps.see()

    def _see_revoking(self) -> None:
        there = self._state.connections.values()
        if self._revoking is None and any(one.state is ConnectionState.REVOKING for one in there):
            from adwarden.ui.revoking_notice import RevokingNotice

            again, unlock = self._ways.revoke_again, self._ways.unlock_place
            self._revoking = RevokingNotice(self._state, self._notices, again, unlock)
        if self._revoking is not None:
            self._revoking.see()

    def _lost_one(self, item: Connection) -> Notice:
        app = self._state.apps.get(item.app_id)
        label = app.label if app else "its X app"
        count = self._state.count(item.id)
        lost = (
            f"{ad_accounts(count)} {'is' if count == 1 else 'are'} out of reach." if count else ""
        )
        if item.state is ConnectionState.REVOKED:
            title = f"{item.handle} revoked access to {label}."
            # A moment and no age: a notice stays as it is while the time goes on.
            worked = at_moment(item.checked_at, self._clock()) if item.checked_at else ""
            message = " ".join(filter(None, (lost, worked and f"It last worked {worked}.")))
        else:
            title = f"{item.handle} has to authorize again."
            message = item.error or lost
        button = Remedy("Reconnect", lambda: self._ways.reconnect(item.id), closes=False)
        return Notice("lost", Level.ERROR, title, message, buttons=(button,))

    def _lost_many(self, lost: list[Connection]) -> Notice:
        handles = [item.handle for item in lost[:_HANDLES_NAMED]]
        more = len(lost) - len(handles)
        named = ", ".join(handles) + (f" and {more} more" if more else "")
        first = lost[0].id
        return Notice(
            "lost",
            Level.ERROR,
            f"{len(lost)} connections have to be authorized again.",
            f"{named}.",
            "Select one on the left, then Reconnect.",
            buttons=(Remedy("Show the first", lambda: self._ways.focus(first), closes=False),),
        )

    def _refresh_ended(self, connection_id: str, error: AdwardenError | None) -> None:
        connection = self._state.connections.get(connection_id)
        handle = connection.handle if connection else "the connection"
        self._round[connection_id] = error
        if self._state.progress() is None:
            self._ways.say(self._round_words())
            self._round = {}
        if error is None:
            self._stopped.pop(connection_id, None)
            self._notices.dismiss(f"refresh:{connection_id}")
            self._notices.dismiss(row_notice(connection_id))
            for code in OF_ALL:
                self._notices.dismiss(f"refresh:{code.value}")
            if connection is not None:
                self._notices.dismiss(app_keys_notice(connection.app_id))
        elif error.code is ErrorCode.CANCELLED:
            return
        elif error.code in _KEYCHAIN:
            self._notices.show_notice(self._keychain_error(error, connection_id))
        elif error.code is ErrorCode.APP_KEYS and connection is not None:
            self._notices.show_notice(self._app_keys_error(error, connection.app_id))
        elif error.code in OF_ALL:
            again = Remedy("Try again", self._ways.refresh_all)
            self._notices.show_notice(notice_of(error, f"refresh:{error.code.value}", again))
        elif connection is None or connection.state not in LOST:
            again = Remedy("Try again", lambda: self._ways.refresh(connection_id))
            limited = error.code is ErrorCode.RATE_LIMITED
            notice = notice_of(
                error,
                f"refresh:{connection_id}",
                again,
                level=Level.WARN if limited else Level.ERROR,
            )
            self._notices.show_notice(about(handle, notice))

    def _round_words(self) -> str:
        """Return how it went, once no refresh runs any more."""
        ended = self._round
        if any(error and error.code is ErrorCode.CANCELLED for error in ended.values()):
            return "Refresh stopped; what had arrived is kept"
        failed = [connection_id for connection_id, error in ended.items() if error]
        if not failed:
            return "Refreshed"
        connection = self._state.connections.get(failed[0])
        if len(failed) == 1 and connection is not None:
            return f"{connection.handle} was not refreshed"
        return f"{len(failed)} of {len(ended)} connections were not refreshed"

    def _app_keys_error(self, error: AdwardenError, app_id: str) -> Notice:
        enter = Remedy("Enter the keys again", lambda: self._ways.renew_app(app_id), closes=False)
        again = Remedy("Try again", self._ways.refresh_all)
        return notice_of(error, app_keys_notice(app_id), enter, again)

    def _keychain_error(self, error: AdwardenError, connection_id: str) -> Notice:
        if isinstance(error, KeychainError) and error.place == FILE:
            return self._file_error(error, connection_id)
        words = "Unlock and retry" if error.code in LOCKED else "Try again"
        return notice_of(error, KEYCHAIN_NOTICE, Remedy(words, self._ways.unlock))

    def _file_error(self, error: KeychainError, connection_id: str) -> Notice:
        def again() -> None:
            stopped, self._stopped = self._stopped, {}
            for one in stopped:
                self._ways.refresh(one)

        self._stopped[connection_id] = None  # the notice is one for all of them
        buttons = [Remedy("Where secrets are kept", self._ways.places, closes=False)]
        if error.code in LOCKED:
            unlock = Remedy("Unlock and retry …", lambda: self._ways.unlock_file(again), False)
            buttons = [unlock]
        return notice_of(error, FILE_NOTICE, *buttons)

    def _place(self, status: KeychainStatus, place: str) -> None:
        if status.state is KeychainState.READY:
            self._notices.dismiss_all(place_notices(place))
        if place == KEYCHAIN and self._state.needs(KEYCHAIN):
            self._keychain(status)
        elif place == KEYCHAIN:
            self._notices.dismiss(KEYCHAIN_NOTICE)
        elif place == FILE:
            self._file(status)

    def _file(self, status: KeychainStatus) -> None:
        notice = None
        if self._state.needs(FILE) and status.state is not KeychainState.READY:
            from adwarden.ui.vault_words import file_notice

            unlock = Remedy("Unlock …", lambda: self._ways.unlock_file(None), closes=False)
            places = Remedy("Where secrets are kept", self._ways.places, closes=False)
            notice = file_notice(status, self._state.hiding, unlock, places)
        if notice is None:
            self._notices.dismiss(FILE_NOTICE)
        elif (notice.title, notice.message) != self._file_told:
            self._notices.show_notice(notice)
        self._file_told = (notice.title, notice.message) if notice else ("", "")

    def _count_again(self) -> None:
        """Write the number of what the locked file hides anew, unless somebody closed it."""
        status, told = self._state.places.get(FILE), self._file_told
        there = any(
            one.id == FILE_NOTICE and (one.title, one.message) == told
            for one in self._notices.shown()
        )
        if status is not None and (there or told == ("", "")):
            self._file(status)

    def _keychain(self, status: KeychainStatus) -> None:
        if status.state in (KeychainState.READY, KeychainState.UNKNOWN):
            self._notices.dismiss(KEYCHAIN_NOTICE)
            return
        from adwarden.ui.unlocking import keychain_notice

        words = {
            KeychainState.LOCKED: "Unlock and retry", KeychainState.NO_COLLECTION: "Set it up"
        }.get(status.state, "Try again")  # fmt: skip
        notice = keychain_notice(status, Remedy(words, self._ways.unlock))
        if notice is not None:
            self._notices.show_notice(notice)


def practice_notice() -> Notice:
    """Return the strip that stays while nothing here is X."""
    return Notice(
        "practice",
        Level.INFO,
        "Practice: nothing here is X.",
        "Accounts, users and PINs are made up, and nothing leaves this computer.",
        closable=False,
    )
