"""Keeps an eye on the history for the window: the number of what is new, and what was lost.

It opens the window ``History``, which nothing needs before that.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QApplication, QWidget

from adwarden.domain.errors import AdwardenError
from adwarden.services.events import Event, HistoryCounted, HistoryGrew, RefreshEnded
from adwarden.services.tasks import Tasks
from adwarden.storage.settings import HISTORY_DAYS, Settings
from adwarden.ui.notices import Level, Notice, Notices, Remedy, hidden_notice, notice_of, trouble_id
from adwarden.ui.store import State

if TYPE_CHECKING:
    from adwarden.domain.changes import Recorded
    from adwarden.ui.details_pages import Place
    from adwarden.ui.history import HistoryDialog
    from adwarden.ui.icons import Icons
    from adwarden.ui.port import Services

LOST_NOTICE = "access-lost"


class HistoryWatch:
    """Listens for one window; ``go`` shows a connection or ad account, and says if it can.

    ``count`` is told how many changes nobody has looked at.
    """

    def __init__(
        self,
        window: QWidget,
        services: Services,
        tasks: Tasks,
        settings: Settings,
        state: State,
        notices: Notices,
        icons: Icons,
        go: Callable[[str, str], bool],
        count: Callable[[int], None],
        clock: Callable[[], float],
    ) -> None:
        self._window, self._services, self._tasks = window, services, tasks
        self._settings, self._state, self._notices = settings, state, notices
        self._icons, self._go, self._count, self._clock = icons, go, count, clock
        self._lost: dict[int, Recorded] = {}
        self._dialog: HistoryDialog | None = None
        self._shown = 0

    @property
    def settled(self) -> bool:
        """Whether everything that was asked for is shown."""
        return self._dialog is None or self._dialog.settled

    def start(self) -> None:
        """Forget what is too old, and tell what nobody has looked at yet."""
        self._tasks.spawn(self._window, "look into the history", self._begin())

    def see(self, event: Event) -> None:
        """Take in an event, after the state has."""
        if isinstance(event, HistoryGrew):
            self._note(event.changes)
            if self._dialog is not None:
                self._dialog.grow()
        elif isinstance(event, HistoryCounted) and not event.unseen:
            self._lost = {}
            self._notices.dismiss(LOST_NOTICE)
        elif not isinstance(event, RefreshEnded | HistoryCounted):
            return
        self._tell()

    def open(self, connection_id: str = "", account_id: str = "", choice: int = 0) -> None:
        """Show the history of everything, or of a connection or ad account."""
        if self._state.hiding:
            self._notices.show_notice(hidden_notice("history"))
            return
        from adwarden.ui.history_bar import About

        if self._dialog is None:
            self._dialog = self._make()
        about = About(connection_id, account_id, self._name(connection_id, account_id))
        self._dialog.show_of(about, choice)
        self._dialog.show()
        self._dialog.raise_()
        self._dialog.activateWindow()

    def open_at(self, place: Place) -> None:
        """Show the history of what is selected."""
        self.open(place.connection_id, place.account_id)

    def close(self) -> None:
        """Close the window that is open, if one is; part of quitting."""
        if self._dialog is not None:
            self._dialog.close()

    def _make(self) -> HistoryDialog:
        from PySide6.QtCore import Qt

        from adwarden.ui.history import HistoryDialog

        dialog = HistoryDialog(
            self._window, self._services.history, self._tasks, self._icons, self._go,
            lambda: self._settings.get(HISTORY_DAYS), self._clock,
        )  # fmt: skip
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.finished.connect(self._closed)
        return dialog

    def _closed(self) -> None:
        self._dialog = None

    def _name(self, connection_id: str, account_id: str) -> str:
        connection = self._state.connections.get(connection_id)
        handle = connection.handle if connection else connection_id
        if not account_id:
            return handle
        entry = self._state.entry(connection_id, account_id)
        name = (entry.account.name if entry else "") or account_id
        return f"{name} · {handle}" if handle else name

    async def _begin(self) -> None:
        try:
            lost = await self._services.history.begin(self._settings.get(HISTORY_DAYS))
        except AdwardenError as error:
            self._notices.show_notice(notice_of(error, trouble_id(error), level=Level.WARN))
            return
        self._note(tuple(reversed(lost)))
        self._tell()

    def _note(self, changes: tuple[Recorded, ...]) -> None:
        if not changes:
            return
        from adwarden.ui.history_words import LOSSES

        if all(notice.id != LOST_NOTICE for notice in self._notices.shown()) and self._shown:
            # Somebody has closed it: only what is lost from now on is told again.
            self._lost, self._shown = {}, 0
        self._lost.update((one.id, one) for one in changes if one.change.kind in LOSSES)

    def _tell(self) -> None:
        self._count(sum(self._state.unseen.values()))
        # One notice for all of it, once nothing more is being found.
        hidden = self._state.hidden
        lost = [one for one in self._lost.values() if not hidden(one.change.connection_id)]
        if not lost or self._state.progress() is not None or self._shown == len(lost):
            return
        from adwarden.ui.history_words import LOST_CHOICE, lost_message, lost_title

        self._shown = len(lost)
        show = Remedy("Show history", lambda: self.open(choice=LOST_CHOICE))
        self._notices.show_notice(
            Notice(LOST_NOTICE, Level.WARN, lost_title(lost), lost_message(lost), buttons=(show,))
        )
        # For who works in another window; nothing happens in this one.
        QApplication.alert(self._window)
