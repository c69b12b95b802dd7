"""What the window does with other tools' files: opens the dialog that takes tokens in from them.

Made by the first wish for it; the first picture needs none.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication

from adwarden.domain.errors import AdwardenError
from adwarden.ui.notices import Level, Notice
from adwarden.ui.phrases import counted

if TYPE_CHECKING:
    from PySide6.QtGui import QDropEvent

    from adwarden.services.taking_in import Outcome
    from adwarden.ui.editing import Around
    from adwarden.ui.take_in_dialog import TakeInDialog

CUT_SHORT = "take-in"
"""The id of the notice that bringing in was cut short."""


class OtherTools:
    """The verbs; ``check_all`` checks every connection."""

    def __init__(self, around: Around, check_all: Callable[[], None]) -> None:
        self._around, self._check_all = around, check_all
        self._dialog: TakeInDialog | None = None

    def bring_in(self, path: Path | None = None) -> None:
        """Open the dialog, with what a file holds where one is given; a second wish raises it."""
        if self._dialog is not None:
            self._dialog.raise_()
            self._dialog.activateWindow()
            return
        from adwarden.ui.take_in_dialog import TakeInDialog
        from adwarden.ui.take_in_words import Here

        around = self._around
        state = around.state
        dialog = TakeInDialog(
            around.owner,
            taking_in=around.services.taking_in,
            here=Here(state.apps.get, state.connections.get, lambda: state.chosen),
            check=self._check_all,
            unlock=around.services.unlock,
            tasks=around.tasks,
            icons=around.icons,
            clipboard=around.clipboard,
        )
        dialog.kept.connect(self._kept)
        dialog.finished.connect(self._closed)
        self._dialog = dialog
        self._spawn("bring in tokens", self._until_closed(dialog))
        if path is not None:
            dialog.take_file(path)

    def drag(self, event: QDropEvent) -> None:
        """Take a single file that is dragged over the window, unless a dialog is in the way."""
        if self._file(event) is not None:
            event.setDropAction(Qt.DropAction.CopyAction)  # never a move: the file stays
            event.accept()

    def drop(self, event: QDropEvent) -> None:
        """Show what is in a file that was dropped on the window."""
        path = self._file(event)
        if path is not None:
            event.setDropAction(Qt.DropAction.CopyAction)
            event.accept()
            self.bring_in(path)

    @staticmethod
    def _file(event: QDropEvent) -> Path | None:
        if QApplication.activeModalWidget() is not None:
            return None
        urls = [url for url in event.mimeData().urls() if url.isLocalFile()]
        return Path(urls[0].toLocalFile()) if len(urls) == 1 else None

    def _closed(self) -> None:
        # At once: the next wish may come before whoever waits for the end has heard of it.
        self._dialog = None

    async def _until_closed(self, dialog: TakeInDialog) -> None:
        from adwarden.ui.dialogs import outcome

        await outcome(dialog)
        if dialog.cut_short is not None:
            self._tell_cut_short(*dialog.cut_short)

    def _tell_cut_short(self, done: int, chosen: int) -> None:
        """Say how far it came: the dialog that would have said it is gone."""
        self._around.notices.show_notice(
            Notice(
                CUT_SHORT,
                Level.WARN,
                "Bringing in tokens was cut short.",
                f"{done:,} of {counted(chosen, 'set is', 'sets are')} here. Of the next one, a "
                "part may be: its X app comes before its token.",
                "Bring in the same file again: what is here already is left as it is.",
            )
        )

    def _kept(self, result: Outcome, checked: bool) -> None:
        """Fetch what a connection reaches, unless X is not to be asked."""
        if checked and result.connection_id:
            self._spawn("first refresh", self._refreshed(result.connection_id))

    async def _refreshed(self, connection_id: str) -> None:
        try:
            await self._around.services.refresh(connection_id)
        except AdwardenError:
            # The same failure is told by the event that ends the refresh.
            return

    def _spawn(self, name: str, work: Coroutine[Any, Any, None]) -> None:
        self._around.tasks.spawn(self._around.owner, name, work)
