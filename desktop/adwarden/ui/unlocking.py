"""Has the system's keychain unlocked, with a way out for as long as its question stays open.

Made by the first wish for it; the first picture needs none.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QWidget

from adwarden.domain.errors import AdwardenError, ErrorCode
from adwarden.domain.model import KEYCHAIN
from adwarden.services.tasks import Tasks
from adwarden.storage.keychain_status import KeychainState, KeychainStatus
from adwarden.ui.notices import KEYCHAIN_NOTICE, Level, Notice, Notices, Remedy, notice_of
from adwarden.ui.port import Services
from adwarden.ui.store import State

if TYPE_CHECKING:
    import asyncio

UNLOCKING_NOTICE = "keychain-unlocking"
_ASKS = (
    "The system asks for it in a window of its own. Everything here can be used meanwhile, but for "
    "what needs the keychain."
)
CANCELLED = "Unlocking was cancelled; the keychain stays locked"


class Unlocking:
    """One wish at a time, whichever button it came from; ``owner`` is that of the tasks.

    A keychain that stays locked because somebody said no is no failure: it is offered again.
    """

    def __init__(
        self,
        owner: QWidget,
        services: Services,
        tasks: Tasks,
        state: State,
        notices: Notices,
        say: Callable[[str], None],
    ) -> None:
        self._owner, self._services, self._tasks = owner, services, tasks
        self._state, self._notices, self._say = state, notices, say
        self._task: asyncio.Task[None] | None = None

    def begin(self, offer: Remedy, then: Callable[[], Awaitable[None]] | None = None) -> None:
        """Ask; ``then`` is done once it is unlocked, ``offer`` is the way to ask again."""
        if self._task is not None:
            return
        self._notices.dismiss(KEYCHAIN_NOTICE)
        self._notices.show_notice(self._waiting(offer))
        work = self._unlock(offer, then)
        self._task = self._tasks.spawn(self._owner, "unlock the keychain", work)

    def _waiting(self, offer: Remedy) -> Notice:
        status = self._state.keychain
        name = (status.backend if status else "") or "the system keychain"
        title, message = f"Waiting for {name} to be unlocked.", _ASKS
        if status is not None and status.state in (KeychainState.MISSING, KeychainState.FAILED):
            title, message = "Waiting for the system keychain.", ""
        cancel = Remedy("Cancel", lambda: self._cancel(offer))
        return Notice(
            UNLOCKING_NOTICE, Level.INFO, title, message, buttons=(cancel,), closable=False
        )

    def _cancel(self, offer: Remedy) -> None:
        self._notices.dismiss(UNLOCKING_NOTICE)
        if self._task is None:
            return
        # The services have the system's question closed, where the system can do that.
        self._task.cancel()
        self._task = None
        self._say(CANCELLED)
        self._offer(offer)
        self._tasks.spawn(self._owner, "look at the keychain", self._look(offer))

    def _offer(self, offer: Remedy) -> None:
        notice = keychain_notice(self._state.keychain, offer)
        if notice is not None:
            self._notices.show_notice(notice)

    async def _unlock(self, offer: Remedy, then: Callable[[], Awaitable[None]] | None) -> None:
        import asyncio

        task = asyncio.current_task()
        try:
            await self._services.unlock(KEYCHAIN)
        except AdwardenError as error:
            no = error.code in (ErrorCode.KEYCHAIN_DISMISSED, ErrorCode.KEYCHAIN_LOCKED)
            level = Level.WARN if no else Level.ERROR
            # What failed was not locked, perhaps: then there is nothing to be unlocked.
            again = offer if no else Remedy("Try again", offer.run, closes=False)
            self._notices.show_notice(notice_of(error, KEYCHAIN_NOTICE, again, level=level))
            return
        finally:
            if self._task is task:
                self._task = None
                self._notices.dismiss(UNLOCKING_NOTICE)
        self._notices.dismiss(KEYCHAIN_NOTICE)
        if then is not None:
            await then()

    async def _look(self, offer: Remedy) -> None:
        """Look what came of the question; it may be open still."""
        try:
            await self._services.keychain_status()
        except AdwardenError as error:
            if error.code is ErrorCode.KEYCHAIN_TIMEOUT and self._task is None:
                self._notices.show_notice(_still_open(offer))
            return
        if self._task is None and not self._state.needs(KEYCHAIN):
            # Elsewhere the same event has brought it.
            self._offer(offer)


def keychain_notice(status: KeychainStatus | None, *offer: Remedy) -> Notice | None:
    """Make the notice of a keychain that cannot be used, ``None`` of one that can."""
    level = Level.WARN
    match status.state if status is not None else KeychainState.LOCKED:
        case KeychainState.LOCKED:
            title = f"{(status and status.backend) or 'The system keychain'} is locked."
        case KeychainState.NO_COLLECTION:
            name = (status and status.backend) or "The system keychain"
            title, level = f"{name} is not set up yet.", Level.INFO
        case KeychainState.MISSING:
            title, level = "There is no system keychain.", Level.ERROR
        case KeychainState.FAILED:
            title, level = "The system keychain failed.", Level.ERROR
        case _:
            return None
    message, remedy = (status.message, status.remedy) if status is not None else ("", "")
    return Notice(KEYCHAIN_NOTICE, level, title, message, remedy, buttons=offer)


def _still_open(offer: Remedy) -> Notice:
    return Notice(
        KEYCHAIN_NOTICE,
        Level.WARN,
        "The system’s question is still open.",
        "It cannot be closed from here, and what needs the keychain waits for it.",
        "Look for a window of the system that asks for a password, and answer or close it.",
        buttons=(offer,),
    )
