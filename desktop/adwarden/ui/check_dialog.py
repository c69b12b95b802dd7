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

from adwarden.domain.checks import CheckResult, Way
from adwarden.services.tasks import Tasks
from adwarden.ui.check_list import CheckList, mark_of
from adwarden.ui.clipboard import Clipboard
from adwarden.ui.icons import Icons
from adwarden.ui.parts import Mark, Text, announce, breakable, line, make_button
from adwarden.ui.phrases import counted
from adwarden.ui.search import visible

MOST_WAYS = 2
"""Ways out of one result, of which the first is the one to try."""

Check = Callable[[Iterable[str], Callable[[CheckResult], None]], Awaitable[Sequence[CheckResult]]]


class CheckDialog(QDialog):
    """Stands beside the window, so that one can go on from what it lists.

    ``check`` checks connections and apps' keys by their ids and tells each result as it comes;
    ``go`` takes a way out of one. Closing it stops what is still being checked.
    """

    def __init__(
        self,
        parent: QWidget | None,
        ids: tuple[str, ...],
        *,
        check: Check,
        go: Callable[[Way, CheckResult], None],
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
        self.setMinimumSize(520, 440)
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
        self._list.activated.connect(lambda _: self._buttons[0].click())
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
        """Check all of them, or these again."""
        if self._running:
            return
        wanted = tuple(ids) or self._ids
        self._running = True
        self._wanted = len(wanted)
        for item_id in wanted:
            self._results.pop(item_id, None)
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
        self._results[result.id] = result
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
        column = QVBoxLayout(box)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        row = QHBoxLayout()
        row.setSpacing(10)
        self._mark = Mark(self._icons, "info", "dim", 18)
        row.addWidget(self._mark, 0, Qt.AlignmentFlag.AlignTop)
        words = QVBoxLayout()
        words.setSpacing(2)
        self._head = Text("", role="strong", wraps=True)
        self._body = Text("", wraps=True, selectable=True)
        words.addWidget(self._head)
        words.addWidget(self._body)
        row.addLayout(words, 1)
        column.addLayout(row)
        ways = QHBoxLayout()
        ways.setContentsMargins(28, 0, 0, 0)
        ways.setSpacing(8)
        self._buttons = [make_button("Check again") for _ in range(MOST_WAYS)]
        for place, button in enumerate(self._buttons):
            button.clicked.connect(lambda _=False, place=place: self._go(place))
            ways.addWidget(button)
        ways.addStretch(1)
        column.addLayout(ways)
        return box

    def _show_current(self) -> None:
        result = self._list.current()
        self._mark.setVisible(result is not None)
        ways = result.ways if result is not None else ()
        for button, way in zip(self._buttons, (*ways, *[None] * MOST_WAYS), strict=False):
            button.setVisible(way is not None)
            button.setText(way.value if way is not None else "")
            button.setAccessibleName(button.text())
        if result is None:
            empty = "No trouble was found." if self._results and not self._running else ""
            self._head.setText(empty)
            self._body.setText("")
            return
        self._mark.show_icon(*mark_of(result))
        self._head.setText(breakable(f"{visible(_about(result))}: {visible(result.title)}"))
        self._body.setText(breakable(f"{result.message} {result.remedy}".strip()))
        for button in self._buttons:
            button.setAccessibleDescription(f"{result.handle}: {result.title}")

    def _go(self, place: int) -> None:
        result = self._list.current()
        if result is None or place >= len(result.ways):
            return
        way = result.ways[place]
        if way.page:
            QDesktopServices.openUrl(QUrl(way.page))
        elif way is Way.AGAIN:
            self.begin([result.id])
        else:
            self._go_way(way, result)

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
        if trouble:
            return f"{len(results)} checked, {trouble} with trouble"
        connections = sum(bool(one.connection_id) for one in results)
        apps = len(results) - connections
        work = counted(connections, "connection works", "connections work")
        taken = f"X accepts the keys of {counted(apps, 'X app', 'X apps')}"
        return ", ".join([work] * bool(connections) + [taken] * bool(apps))

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


def _about(result: CheckResult) -> str:
    return result.handle if result.connection_id else result.app_label
