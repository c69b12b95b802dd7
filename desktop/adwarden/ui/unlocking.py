"""Has the system's keychain unlocked, with a way out for as long as its question stays open.

Made by the first wish for it; the first picture needs none.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QWidget

from adwarden.domain.errors import LOCKED, AdwardenError, ErrorCode, KeychainError
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

Then = Callable[[], None]
"""Goes on with what the keychain was wanted for."""

Heard = Callable[[AdwardenError | None], None]
"""Gets what came of the question: nothing where it is unlocked now, else why not."""


class Unlocking:
    """One wish at a time, whichever button it came from; ``owner`` is that of the tasks.

    Whoever wishes for it while the question is open waits for the same answer. A keychain that
    stays locked because somebody said no is no failure: it is offered again.
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
        self._again: Remedy | None = None
        self._wishes: list[tuple[Then | None, Heard | None]] = []

    @property
    def waits(self) -> bool:
        """Whether the question is open."""
        return self._task is not None

    def begin(self, offer: Remedy, then: Then | None = None, heard: Heard | None = None) -> None:
        """Ask, unless the question is open; ``offer`` is the way to ask again.

        ``then`` is done once it is unlocked, ``heard`` is told how it ended in any case.
        """
        if (then, heard) not in self._wishes:
            self._wishes.append((then, heard))
        if self._task is not None:
            return
        self._again = offer
        self._notices.dismiss(KEYCHAIN_NOTICE)
        self._notices.show_notice(self._waiting())
        self._task = self._tasks.spawn(self._owner, "unlock the keychain", self._unlock(offer))

    async def wait(self, offer: Remedy) -> bool:
        """Ask, as ``begin`` does, and wait; returns whether it is unlocked. Why not was told."""
        import asyncio

        answer: asyncio.Future[bool] = asyncio.get_running_loop().create_future()

        def heard(error: AdwardenError | None) -> None:
            if not answer.done():
                answer.set_result(error is None)

        self.begin(offer, heard=heard)
        return await answer

    def cancel(self) -> None:
        """Wait no longer for an answer; the question is closed, where the system can do that."""
        self._notices.dismiss(UNLOCKING_NOTICE)
        if self._task is None or self._again is None:
            return
        self._task.cancel()
        self._task = None
        self._say(CANCELLED)
        self._offer(self._again)
        self._tasks.spawn(self._owner, "look at the keychain", self._look(self._again))
        self._tell(_given_up())

    def words(self) -> tuple[str, str]:
        """Return what is being waited for, and what that means."""
        status = self._state.keychain
        if status is not None and status.state in (KeychainState.MISSING, KeychainState.FAILED):
            return "Waiting for the system keychain.", ""
        name = (status.backend if status else "") or "the system keychain"
        return f"Waiting for {name} to be unlocked.", _ASKS

    def _waiting(self) -> Notice:
        title, message = self.words()
        cancel = Remedy("Cancel", self.cancel)
        return Notice(
            UNLOCKING_NOTICE, Level.INFO, title, message, buttons=(cancel,), closable=False
        )

    def _tell(self, error: AdwardenError | None) -> None:
        """Tell all who wished for it, and go on where it is unlocked."""
        wishes, self._wishes = self._wishes, []
        for then, heard in wishes:
            if heard is not None:
                heard(error)
            if error is None and then is not None:
                then()

    def _offer(self, offer: Remedy) -> None:
        notice = keychain_notice(self._state.keychain, offer)
        if notice is not None:
            self._notices.show_notice(notice)

    async def _unlock(self, offer: Remedy) -> None:
        import asyncio

        task = asyncio.current_task()
        refused: AdwardenError | None = None
        try:
            await self._services.unlock(KEYCHAIN)
        except AdwardenError as error:
            refused = error
        finally:
            if self._task is task:
                self._task = None
                self._notices.dismiss(UNLOCKING_NOTICE)
        if refused is None:
            self._notices.dismiss(KEYCHAIN_NOTICE)
        else:
            no = refused.code in LOCKED
            level = Level.WARN if no else Level.ERROR
            # What failed was not locked, perhaps: then there is nothing to be unlocked.
            again = offer if no else Remedy("Try again", offer.run, closes=False)
            self._notices.show_notice(notice_of(refused, KEYCHAIN_NOTICE, again, level=level))
        self._tell(refused)

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


def _given_up() -> KeychainError:
    return KeychainError(
        ErrorCode.KEYCHAIN_DISMISSED,
        "Unlocking was cancelled",
        "The keychain stays locked.",
        "Try again when you want to unlock it.",
    )


def _still_open(offer: Remedy) -> Notice:
    return Notice(
        KEYCHAIN_NOTICE,
        Level.WARN,
        "The system’s question is still open.",
        "It cannot be closed from here, and what needs the keychain waits for it.",
        "Look for a window of the system that asks for a password, and answer or close it.",
        buttons=(offer,),
    )
