"""What stands above the history: the kinds to choose from, the search, and whose history it is."""

from __future__ import annotations

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from adwarden.domain.changes import Wanted
from adwarden.domain.data import dataclass
from adwarden.ui.history_words import CHOICES
from adwarden.ui.icons import Icons
from adwarden.ui.parts import ElidedText, Mark, Text, compact, icon_button
from adwarden.ui.search import visible

EDGE = 20
_TYPING_MS = 150


@dataclass(frozen=True, slots=True)
class About:
    """What the history is of: everything, a connection, or an ad account; ``label`` names it."""

    connection_id: str = ""
    account_id: str = ""
    label: str = ""


EVERYTHING = About()


class SearchLine(QLineEdit):
    """The search; Escape empties it before it closes what it is in."""

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Take Escape for itself while there is something to empty."""
        if event.key() == Qt.Key.Key_Escape and self.text():
            self.clear()
            return
        super().keyPressEvent(event)


class HistoryBar(QWidget):
    """Tells by ``changed`` that something else is wanted, a moment after the last key."""

    changed = Signal()
    of_everything = Signal()

    def __init__(self, icons: Icons) -> None:
        super().__init__()
        self._about = EVERYTHING
        self._soon = QTimer(self)
        self._soon.setSingleShot(True)
        self._soon.setInterval(_TYPING_MS)
        self._soon.timeout.connect(self.changed)
        self._kind = QComboBox()
        self._kind.setAccessibleName("Kind of change")
        for words, _, _ in CHOICES:
            self._kind.addItem(words)
        self._kind.currentIndexChanged.connect(lambda _: self.changed.emit())
        self.search = SearchLine()
        self.search.setAccessibleName("Search the history")
        self.search.setPlaceholderText("Search names, permissions, IDs …")
        self.search.setMaxLength(200)
        self.search.textChanged.connect(lambda _: self._soon.start())
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addWidget(self._kind)
        row.addWidget(self.search, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(EDGE, 14, EDGE, 12)
        column.setSpacing(8)
        column.addLayout(row)
        self._row = self._object_row(icons)
        column.addWidget(self._row)

    @property
    def typing(self) -> bool:
        """Whether a change is about to be told."""
        return self._soon.isActive()

    @property
    def choice(self) -> int:
        """The place of the chosen kind."""
        return self._kind.currentIndex()

    def stop(self) -> None:
        """Take back what is about to be told: it is being done."""
        self._soon.stop()

    def wanted(self) -> Wanted:
        """Return what is asked for."""
        _, kinds, tone = CHOICES[self.choice]
        about = self._about
        return Wanted(kinds, tone, about.connection_id, about.account_id, self.search.text())

    def show_of(self, about: About, choice: int) -> None:
        """Ask for the history of this, of one kind; tells nothing."""
        self._about = about
        self._of.say_whole(visible(about.label))
        self._row.setVisible(bool(about.label))
        blocked = self._kind.blockSignals(True)
        self._kind.setCurrentIndex(choice)
        self._kind.blockSignals(blocked)

    def _object_row(self, icons: Icons) -> QWidget:
        widget = QWidget()
        row = QHBoxLayout(widget)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(6)
        row.addWidget(Mark(icons, "history", "dim", 14))
        row.addWidget(Text("Only", role="dim"))
        self._of = ElidedText("", role="strong")
        row.addWidget(self._of, 1)
        everything = compact(icon_button("Show the history of everything", icons, "x"))
        everything.clicked.connect(self.of_everything)
        row.addWidget(everything)
        widget.hide()
        return widget
