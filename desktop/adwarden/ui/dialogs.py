"""Small dialogs: disconnecting, removing an app, and the report of something unexpected.

All are opened without a loop of their own; whoever waits awaits ``outcome``.
"""

from __future__ import annotations

from enum import IntEnum

from PySide6.QtCore import Qt
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import (
    QDialog,
    QHBoxLayout,
    QPlainTextEdit,
    QPushButton,
    QToolButton,
    QVBoxLayout,
    QWidget,
)
from shiboken6 import isValid

from adwarden.domain.model import KEYCHAIN
from adwarden.ui.clipboard import Clipboard
from adwarden.ui.fitted_dialog import FittedDialog
from adwarden.ui.icons import Icons
from adwarden.ui.parts import Mark, Text, make_button
from adwarden.ui.phrases import PLACE_NAMES

_WIDTH = 480

MOST_REPORTS = 20
"""Failures whose reports are kept while the dialog is open."""


class Disconnect(IntEnum):
    """How a connection ends; ``CANCEL`` is what Escape and closing mean."""

    CANCEL = 0
    HERE = 2
    REVOKE = 3


async def outcome(dialog: QDialog) -> int:
    """Open ``dialog`` and wait for its result; it is closed if the waiting is cancelled.

    One that goes with the window below it, before it was opened or since, means no.
    """
    import asyncio

    future: asyncio.Future[int] = asyncio.get_running_loop().create_future()

    def settle(result: int) -> None:
        if not future.done():
            future.set_result(result)

    def gone() -> None:
        settle(0)

    if not isValid(dialog):
        return 0
    dialog.finished.connect(settle)
    dialog.destroyed.connect(gone)
    dialog.open()
    try:
        return await future
    finally:
        if isValid(dialog):
            dialog.finished.disconnect(settle)
            dialog.destroyed.disconnect(gone)
            if not future.done() or future.cancelled():
                dialog.reject()
            dialog.deleteLater()


class Question(FittedDialog):
    """A question in plain words with an answer on each button.

    A paragraph is a text, or a title and a text.
    """

    def __init__(
        self, parent: QWidget | None, question: str, *paragraphs: str | tuple[str, str]
    ) -> None:
        super().__init__(parent, question, width=_WIDTH, spacing=10)
        spoken = [one if isinstance(one, str) else ": ".join(one) for one in paragraphs]
        self.setAccessibleDescription(" ".join(spoken))
        for one in paragraphs:
            title, words = ("", one) if isinstance(one, str) else one
            if title:
                self.column.addWidget(Text(title, role="strong", wraps=True))
                self.column.setSpacing(6)
            self.column.addWidget(Text(words, wraps=True, selectable=True))
        self.column.addSpacing(6)
        self._row = QHBoxLayout()
        self._row.setSpacing(8)
        self._row.addStretch(1)
        self.column.addLayout(self._row)

    def answer(self, words: str, result: int, *, primary: bool = False) -> QPushButton:
        """Add a button that closes the dialog with ``result``."""
        button = make_button(words, primary=primary)
        button.clicked.connect(lambda: self.done(result))
        self._row.addWidget(button)
        return button


def _within(place: str) -> str:
    """Return a place of secrets as what something is deleted from."""
    return f"{PLACE_NAMES[place]}{' of this computer' if place == KEYCHAIN else ''}"


def disconnect_question(
    parent: QWidget | None, handle: str, app: str, place: str = KEYCHAIN
) -> Question:
    """Ask how to disconnect what is kept in a place; the results are those of ``Disconnect``."""
    dialog = Question(
        parent,
        f"Disconnect {handle}?",
        (
            "Disconnect here",
            f"The token is deleted from {_within(place)}. At X, {app} stays authorized, and other "
            "copies of the token go on working.",
        ),
        (
            "Revoke at X and remove",
            "X is told to forget the token, so that it stops working everywhere. Then it is "
            "deleted here.",
        ),
        "This can be undone for ten seconds. After that the user has to authorize again to come "
        "back.",
    )
    cancel = dialog.answer("Cancel", Disconnect.CANCEL)
    dialog.answer("Disconnect here", Disconnect.HERE)
    revoke = dialog.answer("Revoke at X and remove", Disconnect.REVOKE)
    revoke.setProperty("danger", True)
    cancel.setDefault(True)
    cancel.setFocus()
    return dialog


def remove_app_question(parent: QWidget | None, label: str, place: str = KEYCHAIN) -> Question:
    """Ask whether to remove an app that has no connections; 1 is yes."""
    dialog = Question(
        parent,
        f"Remove {label}?",
        f"Its keys are deleted from {_within(place)}. Nothing changes at X.",
    )
    cancel = dialog.answer("Cancel", 0)
    dialog.answer("Remove", 1).setProperty("danger", True)
    cancel.setDefault(True)
    cancel.setFocus()
    return dialog


class UnexpectedDialog(QDialog):
    """Says that something went wrong that should not have; the report comes redacted."""

    def __init__(
        self, parent: QWidget | None, words: str, report: str, icons: Icons, clipboard: Clipboard
    ) -> None:
        super().__init__(parent)
        self._more = 0
        self.setWindowTitle("Something unexpected happened")
        self.setAccessibleName("Something unexpected happened")
        self.setMinimumWidth(520)
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 20, 24, 16)
        column.setSpacing(10)
        top = QHBoxLayout()
        top.setSpacing(10)
        top.addWidget(Mark(icons, "bug", "bad", 20))
        top.addWidget(Text("Something unexpected happened", role="title"), 1)
        column.addLayout(top)
        column.addWidget(Text(words, wraps=True, selectable=True))
        self._count = Text("", role="dim", wraps=True)
        self._count.hide()
        column.addWidget(self._count)
        self._report = QPlainTextEdit(report)
        self._report.setReadOnly(True)
        self._report.setTabChangesFocus(True)
        self._report.setAccessibleName("Report")
        self._report.setMinimumHeight(160)
        self._report.hide()
        fold = QToolButton()
        fold.setProperty("flat", True)
        fold.setText("Show report")
        fold.setAccessibleName("Show report")
        fold.setCheckable(True)

        def unfold(shown: bool) -> None:
            self._report.setVisible(shown)
            fold.setText("Hide report" if shown else "Show report")
            self._fit(grown=shown)

        fold.toggled.connect(unfold)
        column.addWidget(fold, 0, Qt.AlignmentFlag.AlignLeft)
        column.addWidget(self._report, 1)
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addStretch(1)
        copy = make_button("Copy report")
        copy.setIcon(icons.icon("copy"))
        copy.clicked.connect(lambda: clipboard.copy_text(self._report.toPlainText()))
        close = make_button("Close", primary=True)
        close.clicked.connect(self.accept)
        close.setDefault(True)
        row.addWidget(copy)
        row.addWidget(close)
        column.addLayout(row)

    def showEvent(self, event: QShowEvent) -> None:
        """Be as high as the words need at this width, which Qt does not know before."""
        super().showEvent(event)
        if not event.spontaneous():
            self._fit(grown=False)

    def one_more(self, report: str) -> None:
        """Count a further failure while this one is open; its report is added."""
        self._more += 1
        count = "once more" if self._more == 1 else f"{self._more} more times"
        kept = "all of it" if self._more < MOST_REPORTS else f"the first {MOST_REPORTS}"
        self._count.setText(f"It happened {count} since. The report contains {kept}.")
        self._count.show()
        if self._more < MOST_REPORTS:
            self._report.appendPlainText(f"\n{report}")
        self._fit()

    def _fit(self, *, grown: bool = True) -> None:
        """Be as high as the words need, and the report where it is seen; or no higher again."""
        column = self.layout()
        assert column is not None
        # What has just been shown or hidden counts from now on, not from the next turn.
        column.activate()
        needed = column.totalHeightForWidth(self.width())
        wanted = max(self.height(), needed) if grown else needed
        self.resize(self.width(), min(wanted, self.screen().availableGeometry().height()))


class UnexpectedReports:
    """Shows at most one dialog for what is unexpected; the funnel of the program ends here."""

    def __init__(self, parent: QWidget, icons: Icons, clipboard: Clipboard) -> None:
        self._parent, self._icons, self._clipboard = parent, icons, clipboard
        self._open: UnexpectedDialog | None = None

    def show(self, words: str, report: str) -> None:
        """Tell of a failure; ``report`` must be redacted already."""
        if self._open is not None:
            self._open.one_more(report)
            return
        dialog = UnexpectedDialog(self._parent, words, report, self._icons, self._clipboard)
        dialog.finished.connect(self._closed)
        self._open = dialog
        dialog.open()

    def _closed(self) -> None:
        if self._open is not None:
            self._open.deleteLater()
            self._open = None
