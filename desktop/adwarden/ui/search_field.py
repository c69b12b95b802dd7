"""The field ``Search``: tells what is looked for at every key press, and completes it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent, QKeySequence, QResizeEvent
from PySide6.QtWidgets import QLineEdit

from adwarden.ui.actions import Id, spec_of
from adwarden.ui.icons import Icons
from adwarden.ui.parts import Mark, Text, compact, icon_button

if TYPE_CHECKING:
    from PySide6.QtGui import QFocusEvent

    from adwarden.ui.search_popup import SearchPopup

_ASKED = (Qt.FocusReason.MouseFocusReason, Qt.FocusReason.ShortcutFocusReason)


class SearchField(QLineEdit):
    """The field; ``values`` tells the values that a field of the query can have now."""

    searched = Signal(str)
    left_downwards = Signal()

    def __init__(self, icons: Icons) -> None:
        super().__init__()
        self.values: Callable[[str], Sequence[tuple[str, str]]] = lambda _: ()
        self._icons = icons
        self._popup: SearchPopup | None = None
        self._offered_at = ("", 0)
        self.setAccessibleName("Search")
        self.setAccessibleDescription(
            "Narrows the tree by words, or by fields such as role:admin; Escape clears"
        )
        self.setPlaceholderText("Search accounts, handles, IDs, role: …")
        self.setMaxLength(200)
        self.setMinimumWidth(120)
        self.setMaximumWidth(430)
        self._glass = Mark(icons, "search", "dim")
        self._glass.setParent(self)
        self._glass.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        keys = QKeySequence(spec_of(Id.SEARCH).keys)
        self._hint = Text(keys.toString(QKeySequence.SequenceFormat.NativeText), role="caption")
        self._hint.setParent(self)
        self._hint.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.textChanged.connect(self._changed)
        self._clear = compact(icon_button("Clear search", icons, "x"))
        self._clear.setParent(self)
        self._clear.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._clear.setCursor(Qt.CursorShape.ArrowCursor)
        self._clear.clicked.connect(self.clear)
        self._clear.hide()

    @property
    def popup(self) -> SearchPopup | None:
        """The list of completions while it is open."""
        return self._popup if self._popup is not None and self._popup.isVisible() else None

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Arrows and Return choose a completion; without one Return and Down go to the tree.

        Escape closes the completions, then clears; Ctrl+Space asks for them.
        """
        key, popup = event.key(), self.popup
        go = (Qt.Key.Key_Return, Qt.Key.Key_Enter)  # not above: a start needs no key's name
        if key == Qt.Key.Key_Space and event.modifiers() == Qt.KeyboardModifier.ControlModifier:
            self._offer()
        elif popup is not None and key in (Qt.Key.Key_Down, Qt.Key.Key_Up):
            popup.move_by(1 if key == Qt.Key.Key_Down else -1)
        elif popup is not None and key in go and popup.chosen is not None:
            popup.accept()
        elif popup is not None and key == Qt.Key.Key_Escape:
            popup.hide()
        elif key == Qt.Key.Key_Escape and self.text():
            self.clear()
        elif key in (*go, Qt.Key.Key_Down):
            if popup is not None:
                popup.hide()
            self.left_downwards.emit()
        else:
            super().keyPressEvent(event)

    def focusNextPrevChild(self, forward: bool) -> bool:
        """Have Tab take a completion before it goes on to what comes next."""
        popup = self.popup
        if forward and popup is not None and popup.completes:
            popup.accept()
            return True
        if popup is not None:
            popup.hide()
        return super().focusNextPrevChild(forward)

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Offer the fields where somebody has come on purpose; what offers is made first here."""
        super().focusInEvent(event)
        if self._popup is None:
            from adwarden.ui.own_keys import OwnKeys
            from adwarden.ui.search_popup import SearchPopup

            OwnKeys(self)
            self._popup = SearchPopup(self, self._icons)
            self.textEdited.connect(lambda _: self._offer())
            self.cursorPositionChanged.connect(lambda _, __: self._moved())
            self.selectionChanged.connect(self._moved)
        if event.reason() in _ASKED and not self.text():
            self._offer()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Close the completions."""
        super().focusOutEvent(event)
        if self._popup is not None:
            self._popup.hide()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Keep glass, hint and cross at their ends."""
        super().resizeEvent(event)
        self._glass.move(10, (self.height() - self._glass.height()) // 2)
        self._clear.move(self.width() - 30, (self.height() - 22) // 2)
        size = self._hint.sizeHint()
        self._hint.resize(size)
        self._keep_free()
        self._hint.move(self.width() - size.width() - 12, (self.height() - size.height()) // 2)
        if self._popup is not None:
            self._popup.hide()

    def _keep_free(self) -> None:
        """Keep the words off what stands at the right end."""
        right = 24 if self.text() else self._hint.width() + 12
        self.setTextMargins(24, 0, right, 0)

    def over(self) -> None:
        """Empty the field because the search has ended elsewhere."""
        if self.text():
            self.clear()

    def _offer(self) -> None:
        from adwarden.domain.completion import offers

        if self._popup is not None:
            self._offered_at = (self.text(), self.cursorPosition())
            self._popup.show_offers(offers(*self._offered_at, self.values))

    def _moved(self) -> None:
        """Keep the completions to the word that the cursor is in now."""
        popup = self.popup
        if popup is None:
            return
        if self.hasSelectedText():
            popup.hide()  # what is typed next takes the place of it all
        elif self._offered_at != (self.text(), self.cursorPosition()):
            self._offer()

    def _changed(self, text: str) -> None:
        self._hint.setVisible(not text)
        self._keep_free()
        self._clear.setVisible(bool(text))
        if not text and self._popup is not None:
            self._popup.hide()
        self.searched.emit(text.strip())
