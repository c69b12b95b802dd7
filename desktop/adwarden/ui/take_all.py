"""Asks whether everything of a place that nothing lists is to be taken over, and has it done."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtWidgets import QDialog

from adwarden.services.taking_over import TakenOver, take_over_all, takeable
from adwarden.services.tasks import Tasks
from adwarden.ui.dialogs import Question, outcome
from adwarden.ui.parts import announce
from adwarden.ui.phrases import counted
from adwarden.ui.vault_words import error_words

if TYPE_CHECKING:
    from adwarden.ui.places_work import PlacesWork
    from adwarden.ui.port import Services


class TakeAll:
    """For one dialog; a place's card says how far it is, and how it ended."""

    def __init__(self, owner: QDialog, services: Services, tasks: Tasks, work: PlacesWork) -> None:
        self._owner, self._services, self._tasks, self._work = owner, services, tasks, work
        self._running = False

    def begin(self, place: str) -> None:
        """Ask, then take over, one entry after the other."""
        if not self._running:
            self._tasks.spawn(self._owner, f"take over all of {place}", self._take(place))

    async def _take(self, place: str) -> None:
        orphans = takeable(self._work.reports[place].orphans)
        if not await outcome(self._question(len(orphans))):
            return

        def told(done: int, total: int) -> None:
            self._work.say(place, f"Taking over: {done:,} of {total:,} done …")

        self._running = True
        try:
            taken = await take_over_all(self._services.survey, orphans, told)
        finally:
            self._running = False
        words, role = taken_words(taken)
        self._work.say(place, words, role)
        announce(self._owner, words)
        self._work.look()

    def _question(self, count: int) -> Question:
        dialog = Question(
            self._owner,
            f"Take over all {count:,} entries?",
            "They are listed here from then on, under other names: the keys of X apps first, then "
            "the tokens of accounts. Another data folder of Adwarden that uses them does not find "
            "them any more.",
        )
        cancel = dialog.answer("Cancel", 0)
        dialog.answer("Take over all", 1, primary=True)
        cancel.setDefault(True)
        cancel.setFocus()
        return dialog


def taken_words(taken: TakenOver) -> tuple[str, str]:
    """Return how it went, and its role."""
    done = f"{counted(taken.done, 'entry was', 'entries were')} taken over."
    if not taken.failed:
        return f"{done} Refresh to fetch the ad accounts.", "dim"
    name, error = taken.failed[0]
    more = len(taken.failed) - 1
    rest = f" And {more:,} more could not be." if more else ""
    return f"{done} {name} could not be: {error_words(error)}{rest}", "error"
