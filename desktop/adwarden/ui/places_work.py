"""What the window ``Where secrets are kept`` has found out, and the work it has done.

Plain data for the dialog, and tasks of its own; the dialog is told when something has changed.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from typing import TYPE_CHECKING, Any

from PySide6.QtWidgets import QDialog

from adwarden.domain.errors import LOCKED, AdwardenError
from adwarden.domain.model import FILE, KEYCHAIN, MEMORY
from adwarden.services.events import Removal
from adwarden.services.moving import Moved
from adwarden.services.survey import Orphan, PlaceReport
from adwarden.services.tasks import Tasks
from adwarden.storage.keychain_status import KeychainState, KeychainStatus, SelfTest
from adwarden.ui.dialogs import Question, outcome
from adwarden.ui.parts import announce
from adwarden.ui.phrases import counted
from adwarden.ui.vault_words import TITLES, delete_words, error_words, moved_words, shared_words

if TYPE_CHECKING:
    from adwarden.storage.keychain_choices import Choice
    from adwarden.ui.commands import Commands
    from adwarden.ui.port import Services

PLACES = (KEYCHAIN, FILE, MEMORY)
_UNKNOWN = KeychainStatus(KeychainState.UNKNOWN, "")


class PlacesWork:
    """Looks, tests, moves and clears up for one dialog; ``changed`` is called after each step."""

    def __init__(
        self,
        owner: QDialog,
        services: Services,
        tasks: Tasks,
        changed: Callable[[], None],
        said: Callable[[str], None],
        commands: Commands,
    ) -> None:
        self._owner, self._services, self._tasks = owner, services, tasks
        self._changed, self._said, self._commands = changed, said, commands
        self._unseen: dict[str, tuple[str, str]] = {}
        """Outcomes that came when the window had been closed."""
        self._rows_then: dict[str, int] = {}
        """How much was in a place when its outcome was first shown."""
        self.reports = {place: PlaceReport(place, _UNKNOWN, 0) for place in PLACES}
        self.choices: tuple[Choice, ...] = ()
        self.tests: dict[str, SelfTest] = {}
        self.testing: set[str] = set()
        self.outcomes: dict[str, tuple[str, str]] = {}
        """How the last thing that was asked of a place ended: words and their role."""

        self.moving: tuple[str, tuple[int, int, str]] | None = None
        """Where secrets are being moved to, and how far that is."""

        self.looking = 0
        self.unlocking = False
        """Whether the system's question about its keychain is open, and waited for here."""

    @property
    def busy(self) -> bool:
        """Whether something is still to be found out."""
        return bool(self.looking or self.testing)

    def begin(self) -> None:
        """Start anew: what was under way when the dialog was closed has ended with it."""
        self.looking = 0
        self.testing.clear()
        self.outcomes, self._unseen = self._unseen, {}
        self._rows_then.clear()
        if self._commands.unlocking.waits:
            self.unlock_keychain()
        self.look()
        self._spawn("look at the keychains", self._look_at_choices())

    def look(self) -> None:
        """Look at all places; each is told of when it has answered."""
        for place in PLACES:
            if place == KEYCHAIN and self.unlocking:
                continue  # it cannot answer before its question is answered
            self.looking += 1
            self._spawn(f"look at {place}", self._look(place))

    def test(self, place: str) -> None:
        """Write, read and delete an entry."""
        if place not in self.testing:
            self.testing.add(place)
            self.tests.pop(place, None)
            self._changed()
            self._spawn(f"test {place}", self._test(place))

    def unlock_keychain(self) -> None:
        """Let the system ask for the password of its keychain."""
        self._commands.unlock(KEYCHAIN, heard=self._unlocked)
        self.unlocking = self._commands.unlocking.waits
        if self.unlocking:
            words = " ".join(filter(None, self._commands.unlocking.words()))
            self.outcomes[KEYCHAIN] = (words, "dim")
        self._changed()

    def stop_unlocking(self) -> None:
        """Wait no longer for an answer."""
        self._commands.unlocking.cancel()

    def move(self, place: str) -> None:
        """Ask, then move everything to a place."""
        if self.moving is None:
            self._spawn(f"move to {place}", self._move(place))

    def delete_copies(self, place: str) -> None:
        """Try again to delete what was moved away from a place and could not be deleted there."""
        self._spawn(f"delete copies in {place}", self._delete_copies(place))

    async def _delete_copies(self, place: str) -> None:
        self.forget_outcomes()
        try:
            await self._services.moving.delete_copies(place)
        except AdwardenError as error:
            self.failed(place, error)
        else:
            self.outcomes[place] = ("The old copies were deleted.", "dim")
        self.look()

    def take_over(self, orphan: Orphan) -> None:
        """Ask, then list an entry here."""
        words = (
            "It is listed here from then on, under another name. Another data folder of Adwarden "
            f"that uses it does not find it any more.{shared_words(orphan.kept.place)}"
        )
        question = f"Take over {orphan.name}?"
        self._spawn("take over", self._ask(question, (words,), "Take over", orphan, take=True))

    def delete(self, orphan: Orphan) -> None:
        """Ask, then delete an entry."""
        question, words = f"Delete {orphan.name}?", delete_words(orphan)
        self._spawn("delete", self._ask(question, words, "Delete", orphan, take=False))

    def undo(self, removal: Removal) -> None:
        """Have an entry stay that is being deleted."""
        self._spawn("undo", self._undo(removal.id))

    def failed(self, place: str, error: AdwardenError) -> None:
        """Say in a place's card what could not be done."""
        self.outcomes[place] = (error_words(error), "error")

    async def _undo(self, removal_id: str) -> None:
        await self._services.removing.undo(removal_id)
        self.look()

    async def _look(self, place: str) -> None:
        try:
            self.reports[place] = await self._services.survey.look(place)
        except AdwardenError as error:
            # It is stuck, perhaps behind a prompt: say so, and let the others answer.
            failed = KeychainStatus(
                KeychainState.FAILED, "", error.message, error.remedy, error.title
            )
            self.reports[place] = PlaceReport(place, failed, self.reports[place].rows)
        finally:
            self.looking = max(0, self.looking - 1)
        self._drop_old_outcome(place)
        test = self.tests.get(place)
        ready = self.reports[place].status.state is KeychainState.READY
        if test is not None and test.passed and not ready:
            del self.tests[place]  # that was before
        self._changed()

    def _drop_old_outcome(self, place: str) -> None:
        """Say no more what became of something once more or less is kept there than then."""
        rows = self.reports[place].rows
        if place in self.outcomes and self._rows_then.setdefault(place, rows) != rows:
            del self.outcomes[place], self._rows_then[place]

    async def _look_at_choices(self) -> None:
        try:
            self.choices = await self._services.survey.choices()
        except AdwardenError:
            return  # the card of the system keychain says what is wrong
        self._changed()

    async def _test(self, place: str) -> None:
        try:
            self.tests[place] = await self._services.survey.test(place)
        except AdwardenError as error:
            self.outcomes[place] = (error_words(error), "error")
        finally:
            self.testing.discard(place)
        self._changed()

    def _unlocked(self, error: AdwardenError | None) -> None:
        self.unlocking = False
        if error is None:
            self.outcomes.pop(KEYCHAIN, None)
        else:
            # Whoever said no has not met with a failure.
            self.outcomes[KEYCHAIN] = (
                error_words(error),
                "dim" if error.code in LOCKED else "error",
            )
        if self._owner.isVisible():
            self._changed()
            self.look()

    async def _move(self, place: str) -> None:
        moving = self._services.moving
        if not await outcome(self._move_question(place, len(moving.elsewhere(place)))):
            return
        # What was said before is about what is kept elsewhere from now on.
        self.forget_outcomes()

        def told(done: int, total: int, name: str) -> None:
            self.moving = (place, (done, total, name))
            self._changed()

        try:
            moved = await moving.move(place, told=told)
        except asyncio.CancelledError:
            total = self.moving[1][1] if self.moving is not None else 0
            left = len(moving.elsewhere(place))
            self.ended(place, moved_words(Moved(("",) * max(0, total - left), (), left)))
            raise
        finally:
            self.moving = None
        self.ended(place, moved_words(moved))
        if self._owner.isVisible():
            self.look()

    def ended(self, place: str, words: tuple[str, str]) -> None:
        """Say in a place's card how work ended; where the window is closed, elsewhere and later."""
        self._rows_then.pop(place, None)
        if self._owner.isVisible():
            self.outcomes[place] = words
            announce(self._owner, words[0])
        else:
            self._unseen[place] = words
            self._said(words[0])

    def forget_outcomes(self) -> None:
        """Say no more how anything ended: something else begins."""
        self.outcomes.clear()
        self._rows_then.clear()

    def _move_question(self, place: str, count: int) -> Question:
        title = TITLES[place].partition(",")[0].lower().replace("keepass", "KeePass")
        words = [
            f"{counted(count, 'secret is', 'secrets are')} written there, read back and compared. "
            "Only then each is deleted where it was."
        ]
        if place == MEMORY:
            words.append("They are lost when Adwarden quits.")
        dialog = Question(self._owner, f"Move everything to the {title}?", *words)
        cancel = dialog.answer("Cancel", 0)
        move = dialog.answer("Move", 1, primary=place != MEMORY)
        move.setProperty("danger", place == MEMORY)
        cancel.setDefault(True)
        cancel.setFocus()
        return dialog

    async def _ask(
        self, question: str, words: Sequence[str], answer: str, orphan: Orphan, *, take: bool
    ) -> None:
        dialog = Question(self._owner, question, *words)
        cancel = dialog.answer("Cancel", 0)
        dialog.answer(answer, 1, primary=take).setProperty("danger", not take)
        cancel.setDefault(True)
        cancel.setFocus()
        if not await outcome(dialog):
            return
        self.forget_outcomes()
        survey = self._services.survey
        try:
            if take:
                await survey.take_over(orphan)
            else:
                survey.delete(orphan)
        except AdwardenError as error:
            self.outcomes[orphan.kept.place] = (error_words(error), "error")
        self.look()

    def _spawn(self, name: str, work: Coroutine[Any, Any, None]) -> None:
        self._tasks.spawn(self._owner, name, work)
