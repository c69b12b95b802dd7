"""The bar on top: the buttons of the main actions, the search field, the settings."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QAction, QKeyEvent, QKeySequence, QResizeEvent, QShortcut
from PySide6.QtWidgets import QAbstractButton, QFrame, QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from adwarden.ui.actions import Actions, Id, spec_of, tip_of
from adwarden.ui.icons import Icons
from adwarden.ui.parts import Mark, Text, compact, icon_button, line, make_button, plain_tip


class SearchField(QLineEdit):
    """The field ``Search``; tells what is looked for at every key press."""

    searched = Signal(str)
    left_downwards = Signal()

    def __init__(self, icons: Icons) -> None:
        super().__init__()
        self.setAccessibleName("Search")
        self.setAccessibleDescription("Narrows the tree by name, ID or handle; Escape clears")
        self.setPlaceholderText("Search accounts, handles, IDs …")
        self.setMaxLength(200)
        self.setMinimumWidth(150)
        self.setMaximumWidth(430)
        self._glass = Mark(icons, "search", "dim")
        self._glass.setParent(self)
        self._glass.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setTextMargins(24, 0, 24, 0)
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

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Escape clears, Return and Down go on to the tree."""
        if event.key() == Qt.Key.Key_Escape and self.text():
            self.clear()
            return
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Down):
            self.left_downwards.emit()
            return
        super().keyPressEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Keep glass, hint and cross at their ends."""
        super().resizeEvent(event)
        self._glass.move(10, (self.height() - self._glass.height()) // 2)
        self._clear.move(self.width() - 30, (self.height() - 22) // 2)
        size = self._hint.sizeHint()
        self._hint.resize(size)
        self._hint.move(self.width() - size.width() - 12, (self.height() - size.height()) // 2)

    def _changed(self, text: str) -> None:
        self._hint.setVisible(not text)
        self._clear.setVisible(bool(text))
        self.searched.emit(text.strip())

    def over(self) -> None:
        """Empty the field because the search has ended elsewhere."""
        if self.text():
            self.clear()


class ToolBar(QFrame):
    """The bar; its buttons follow their actions."""

    def __init__(self, actions: Actions, icons: Icons) -> None:
        super().__init__()
        self.setProperty("pane", True)
        self.setAccessibleName("Main actions")
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        row = QHBoxLayout()
        row.setContentsMargins(12, 9, 12, 9)
        row.setSpacing(8)
        self.connect_button = _button(actions, icons, Id.CONNECT, primary=True)
        self.add_app_button = _button(actions, icons, Id.ADD_APP)
        self.refresh_button = _button(actions, icons, Id.REFRESH)
        self.cancel_button = icon_button("Cancel refresh", icons, "x")
        _follow(self.cancel_button, actions[Id.CANCEL_REFRESH], Id.CANCEL_REFRESH)
        self.search = SearchField(icons)
        self.settings_button = icon_button("Settings", icons, "settings")
        _follow(self.settings_button, actions[Id.SETTINGS], Id.SETTINGS)
        for button in (
            self.connect_button, self.add_app_button, self.refresh_button, self.cancel_button,
        ):  # fmt: skip
            row.addWidget(button)
        row.addStretch(1)
        row.addWidget(self.search, 30)
        row.addWidget(self.settings_button)
        column.addLayout(row)
        column.addWidget(line())
        self.cancel_button.hide()
        # For hands that are on the button already.
        self._stop = QShortcut(QKeySequence(Qt.Key.Key_Escape), self.refresh_button)
        self._stop.setContext(Qt.ShortcutContext.WidgetShortcut)
        self._stop.setEnabled(False)
        self._stop.activated.connect(self.cancel_button.click)

    @property
    def chain(self) -> tuple[QWidget, ...]:
        """The controls in the order of the Tab key."""
        return (
            self.connect_button, self.add_app_button, self.refresh_button, self.cancel_button,
            self.search, self.settings_button,
        )  # fmt: skip

    def show_refreshing(self, running: bool, words: str = "") -> None:
        """Show whether a refresh is running; ``words`` is how far it is."""
        self.cancel_button.setVisible(running)
        self._stop.setEnabled(running)
        self.refresh_button.setText("Refreshing…" if running else "Refresh")
        self.refresh_button.setAccessibleDescription(words if running else "")


def _button(
    actions: Actions, icons: Icons, action_id: Id, *, primary: bool = False
) -> QAbstractButton:
    spec = spec_of(action_id)
    button = make_button(spec.text, primary=primary)
    button.setIcon(icons.icon(spec.icon, colour="on_accent" if primary else "text"))
    # Wider than the icon: a style sheet cannot set the gap before the words.
    button.setIconSize(QSize(22, 16))
    _follow(button, actions[action_id], action_id)
    return button


def _follow(button: QAbstractButton, action: QAction, action_id: Id) -> None:
    """Make a button do what its action does, and be enabled when the action is."""
    button.setToolTip(plain_tip(tip_of(spec_of(action_id))))
    button.setEnabled(action.isEnabled())
    button.clicked.connect(action.trigger)
    action.changed.connect(lambda: button.setEnabled(action.isEnabled()))
