"""The strip above the tree: what the best connection is wanted for, and what a search has found.

It is there only while it has something to say.
"""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QAction, QActionGroup
from PySide6.QtWidgets import QFrame, QHBoxLayout, QMenu, QToolButton, QVBoxLayout

from adwarden.domain.permission_rules import CAPABILITIES, FOREIGN_SETTINGS
from adwarden.ui.icons import Icons
from adwarden.ui.parts import Text, line, plain_tip

MOST = "most permissions"


class ViewBar(QFrame):
    """Tells by ``best_for`` which capability was chosen, empty for as many as possible."""

    best_for = Signal(str)

    def __init__(self, icons: Icons) -> None:
        super().__init__()
        self.setProperty("pane", True)
        self._icons = icons
        self._by_account = False
        self._found, self._hint = Text("", role="strong"), Text("", role="warn", wraps=True)
        self._found.setAccessibleName("Search result")
        self._hint.setAccessibleName("Search hint")
        self.chooser = self._make_chooser()
        row = QHBoxLayout()
        row.setContentsMargins(12, 0, 12, 0)
        row.setSpacing(12)
        row.addWidget(self.chooser)
        row.addWidget(self._found)
        row.addStretch(1)
        below = QHBoxLayout()
        below.setContentsMargins(12, 0, 12, 0)
        below.addWidget(self._hint, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 6, 0, 0)
        column.setSpacing(6)
        column.addLayout(row)
        column.addLayout(below)
        column.addWidget(line())
        self.say("", "")

    def show_by_account(self, shown: bool, capability: str) -> None:
        """Show the choice of a capability, which is for rows of ad accounts only."""
        self._by_account = shown
        self._name(capability)
        for action in self._choices.actions():
            action.setChecked(action.data() == capability)
        self._fit()

    def say(self, found: str, hint: str) -> None:
        """Say how much was found and what there is to say about the search."""
        self._found.setText(found)
        self._hint.setText(hint)
        self._fit()

    def _fit(self) -> None:
        self.chooser.setVisible(self._by_account)
        self._found.setVisible(bool(self._found.text()))
        self._hint.setVisible(bool(self._hint.text()))
        self.setVisible(self._by_account or bool(self._found.text() or self._hint.text()))

    def _make_chooser(self) -> QToolButton:
        button = QToolButton()
        button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        button.setLayoutDirection(Qt.LayoutDirection.RightToLeft)  # the arrow after the words
        button.setIcon(self._icons.icon("chevron-down", colour="dim"))
        button.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        tip = "Which connection is named as the best one to an ad account"
        button.setToolTip(plain_tip(tip))
        button.setAccessibleDescription(tip)
        menu = QMenu(button)
        menu.setAccessibleName("Best for")
        self._choices = QActionGroup(menu)
        self._choice(menu, MOST, "")
        menu.addSeparator()
        for key, words in CAPABILITIES.items():
            if key != FOREIGN_SETTINGS:  # no connection ever can
                self._choice(menu, words, key)
        button.setMenu(menu)
        return button

    def _choice(self, menu: QMenu, words: str, key: str) -> None:
        action = QAction(words[:1].upper() + words[1:], menu)
        action.setCheckable(True)
        action.setData(key)
        action.triggered.connect(lambda: self._chose(key))
        self._choices.addAction(action)
        menu.addAction(action)

    def _chose(self, key: str) -> None:
        self._name(key)
        self.best_for.emit(key)

    def _name(self, key: str) -> None:
        words = CAPABILITIES.get(key, MOST)
        self.chooser.setText(f"Best for: {words}")
        self.chooser.setAccessibleName(f"Best for: {words}")
