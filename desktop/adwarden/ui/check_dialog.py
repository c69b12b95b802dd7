"""The dialog ``Check``: what was found of each connection, what it means, and the way out."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Sequence

from PySide6.QtCore import Qt, QUrl
from PySide6.QtGui import QCloseEvent, QDesktopServices
from PySide6.QtWidgets import (
    QCheckBox,
    QDialog,
    QHBoxLayout,
    QProgressBar,
    QVBoxLayout,
    QWidget,
)

from adwarden.domain.checks import CheckResult, Finding, Way
from adwarden.services.tasks import Tasks
from adwarden.ui.check_list import CheckList, mark_of
from adwarden.ui.clipboard import Clipboard
from adwarden.ui.icons import Icons
from adwarden.ui.parts import Mark, Text, announce, breakable, line, make_button
from adwarden.ui.phrases import counted
from adwarden.ui.search import visible

Check = Callable[[Iterable[str], Callable[[CheckResult], None]], Awaitable[Sequence[CheckResult]]]

_BUTTONS = {
    Way.RECONNECT: "Reconnect",
    Way.KEYS: "Enter the keys again",
    Way.UNLOCK: "Unlock and retry",
    Way.AGAIN: "Check again",
}
_PAGES = {
    Finding.READ_ONLY: "Open the developer console",
    Finding.APP_SUSPENDED: "Open the developer console",
    Finding.NOT_ENROLLED: "Open the developer console",
    Finding.NOT_APPROVED: "Open X’s Ads API form",
    Finding.USER_SUSPENDED: "Open x.com",
    Finding.USER_LOCKED: "Open x.com",
}


class CheckDialog(QDialog):
    """Stands beside the window, so that one can go on from what it lists.

    ``check`` checks connections and tells each result as it comes; ``go`` takes the way out of
    one. Closing it stops what is still being checked.
    """

    def __init__(
        self,
        parent: QWidget | None,
        ids: tuple[str, ...],
        *,
        check: Check,
        go: Callable[[CheckResult], None],
        tasks: Tasks,
        icons: Icons,
        clipboard: Clipboard,
    ) -> None:
        super().__init__(parent)
        self._ids, self._check, self._go_way = ids, check, go
        self._tasks, self._icons, self._clipboard = tasks, icons, clipboard
        self._results: dict[str, CheckResult] = {}
        self._wanted = self._done = 0
        self._running = False
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle("Check connections")
        self.setAccessibleName("Check connections")
        self.setMinimumSize(480, 380)
        self.resize(660, 520)
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 20, 24, 16)
        column.setSpacing(10)
        self._title = Text("Check connections", role="title", wraps=True)
        column.addWidget(self._title)
        self._why = Text("", role="dim", wraps=True)
        self._why.hide()
        column.addWidget(self._why)
        self._bar = QProgressBar()
        self._bar.setTextVisible(False)
        self._bar.setAccessibleName("Progress of the check")
        column.addWidget(self._bar)
        self._only = QCheckBox("Only trouble")
        self._only.setAccessibleName("Only trouble")
        column.addWidget(self._only)
        self._list = CheckList(icons)
        self._list.chosen.connect(self._show_current)
        self._list.activated.connect(lambda _: self._button.click())
        column.addWidget(self._list, 1)
        column.addWidget(self._make_words())
        column.addWidget(line())
        column.addLayout(self._make_answers())
        self._only.toggled.connect(self._list.show_only_trouble)
        self._tell()
        self._show_current()
        self._list.setFocus()

    # What the services do

    def begin(self, ids: Sequence[str] = ()) -> None:
        """Check the connections, or these of them again."""
        if self._running:
            return
        wanted = tuple(ids) or self._ids
        self._running = True
        self._wanted = len(wanted)
        for connection_id in wanted:
            self._results.pop(connection_id, None)
        self._done = 0
        self._tell()
        self._tasks.spawn(self, "check connections", self._work(wanted))

    async def _work(self, ids: Sequence[str]) -> None:
        try:
            await self._check(ids, self._arrived)
        finally:
            self._running = False
        self._tell()
        self._list.choose_first()
        announce(self, self._summary())

    def _arrived(self, result: CheckResult) -> None:
        self._done += 1
        self._take(result)
        self._tell()

    def _take(self, result: CheckResult) -> None:
        self._results[result.connection_id] = result
        self._list.put(result)

    def explain(self, words: str) -> None:
        """Say why this is shown."""
        self._why.setText(words)
        self._why.show()

    def show_results(self, results: Iterable[CheckResult], *, only_trouble: bool) -> None:
        """Show results that are there already."""
        for result in results:
            self._take(result)
        self._only.setChecked(only_trouble)
        self._tell()
        self._list.choose_first()

    def reject(self) -> None:
        """Close; what is being checked is stopped."""
        self._tasks.cancel(self)
        super().reject()

    def closeEvent(self, event: QCloseEvent) -> None:
        """Stop what is being checked."""
        self._tasks.cancel(self)
        super().closeEvent(event)

    # The words below it

    def _make_words(self) -> QWidget:
        box = QWidget()
        row = QHBoxLayout(box)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(10)
        self._mark = Mark(self._icons, "info", "dim", 18)
        row.addWidget(self._mark, 0, Qt.AlignmentFlag.AlignTop)
        words = QVBoxLayout()
        words.setSpacing(2)
        self._head = Text("", role="strong", wraps=True)
        self._body = Text("", wraps=True, selectable=True)
        words.addWidget(self._head)
        words.addWidget(self._body)
        words.addStretch(1)
        row.addLayout(words, 1)
        self._button = make_button("Check again")
        self._button.clicked.connect(self._go)
        row.addWidget(self._button, 0, Qt.AlignmentFlag.AlignTop)
        box.setMinimumHeight(76)
        return box

    def _show_current(self) -> None:
        result = self._list.current()
        self._mark.setVisible(result is not None)
        self._button.setVisible(result is not None and result.way is not Way.NONE)
        if result is None:
            empty = "No trouble was found." if self._results and not self._running else ""
            self._head.setText(empty)
            self._body.setText("")
            return
        self._mark.show_icon(*mark_of(result))
        self._head.setText(breakable(f"{visible(result.handle)}: {visible(result.title)}"))
        self._body.setText(breakable(f"{result.message} {result.remedy}".strip()))
        words = _PAGES[result.finding] if result.page else _BUTTONS.get(result.way, "")
        self._button.setText(words)
        self._button.setAccessibleName(words)
        self._button.setAccessibleDescription(f"{result.handle}: {result.title}")

    def _go(self) -> None:
        result = self._list.current()
        if result is None:
            return
        if result.page:
            QDesktopServices.openUrl(QUrl(result.page))
        elif result.way is Way.AGAIN:
            self.begin([result.connection_id])
        elif result.way is not Way.NONE:
            self._go_way(result)

    # All of it

    def _make_answers(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(8)
        copy = make_button("Copy as text")
        copy.clicked.connect(self._copy)
        self._again = make_button("Check all again")
        self._again.clicked.connect(lambda: self.begin())
        self._close = make_button("Close", primary=True)
        self._close.clicked.connect(self.reject)
        row.addWidget(copy)
        row.addStretch(1)
        row.addWidget(self._again)
        row.addWidget(self._close)
        return row

    def _summary(self) -> str:
        results = self._results.values()
        trouble = sum(one.trouble for one in results)
        if not results:
            return "Nothing was checked"
        if not trouble:
            return f"{counted(len(results), 'connection works', 'connections work')}"
        return f"{len(results)} checked, {trouble} with trouble"

    def _tell(self) -> None:
        title = self._summary()
        if self._running:
            title = f"Checking {self._done + 1 if self._done < self._wanted else self._wanted}"
            title += f" of {self._wanted} …"
        elif not self._results:
            title = "Check connections"
        self._title.setText(title)
        self._bar.setVisible(self._running)
        self._bar.setRange(0, max(1, self._wanted))
        self._bar.setValue(self._done if self._running else 0)
        self._again.setEnabled(not self._running)
        self._close.setText("Stop and close" if self._running else "Close")
        self._close.setAccessibleName(self._close.text())

    def _copy(self) -> None:
        self._clipboard.copy_text("\n".join(one.text for one in self._list.shown()))
