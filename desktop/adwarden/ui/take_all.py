"""Asks whether everything of a place that nothing lists is to be taken over, and has it done."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtWidgets import QDialog

from adwarden.services.taking_over import take_over_all, takeable
from adwarden.services.tasks import Tasks
from adwarden.ui.dialogs import Question, outcome
from adwarden.ui.vault_words import shared_words, taken_words

if TYPE_CHECKING:
    from collections.abc import Callable

    from adwarden.services.survey import Orphan
    from adwarden.ui.places_work import PlacesWork
    from adwarden.ui.port import Services


class TakeAll:
    """For one dialog; ``changed`` is called whenever a place's card has something else to say.

    The task is its own: one entry is taken over whole, and the end of it all is told, although the
    dialog is closed over it.
    """

    def __init__(
        self,
        owner: QDialog,
        services: Services,
        tasks: Tasks,
        work: PlacesWork,
        changed: Callable[[], None],
    ) -> None:
        self._owner, self._services, self._tasks, self._work = owner, services, tasks, work
        self._changed = changed
        self._stopped = False
        self.progress: tuple[str, tuple[int, int, str]] | None = None
        """Of which place entries are being taken over, and how far that is."""

    def begin(self, place: str) -> None:
        """Ask, then take over, one entry after the other."""
        if self.progress is None:
            self._tasks.spawn(self._owner, "ask about taking over", self._ask(place))

    def stop(self) -> None:
        """Take over no more; the one under way is finished."""
        self._stopped = True

    async def _ask(self, place: str) -> None:
        orphans = takeable(self._work.reports[place].orphans)
        if await outcome(self._question(place, len(orphans))) and self.progress is None:
            self._stopped = False
            self._work.forget_outcomes()
            self._tell(place, 0, len(orphans), "")
            self._tasks.spawn(self, f"take over all of {place}", self._take(place, orphans))

    async def _take(self, place: str, orphans: tuple[Orphan, ...]) -> None:
        try:
            taken = await take_over_all(
                self._services.survey,
                orphans,
                lambda *so_far: self._tell(place, *so_far),
                lambda: self._stopped,
            )
        finally:
            self.progress = None
        self._work.ended(place, taken_words(taken))
        if self._owner.isVisible():
            self._work.look()

    def _tell(self, place: str, done: int, total: int, name: str) -> None:
        self.progress = (place, (done, total, name))
        self._changed()

    def _question(self, place: str, count: int) -> Question:
        dialog = Question(
            self._owner,
            f"Take over all {count:,} entries?",
            "They are listed here from then on, under other names: the keys of X apps first, then "
            "the tokens of accounts. Another data folder of Adwarden that uses them does not find "
            f"them any more.{shared_words(place)}",
        )
        cancel = dialog.answer("Cancel", 0)
        dialog.answer("Take over all", 1, primary=True)
        cancel.setDefault(True)
        cancel.setFocus()
        return dialog
