"""The bar on top: the buttons of the main actions, the search field, the settings."""

from __future__ import annotations

from PySide6.QtCore import QPoint, QSize, Qt
from PySide6.QtGui import QAction, QKeySequence, QResizeEvent, QShortcut, QShowEvent
from PySide6.QtWidgets import (
    QAbstractButton,
    QFrame,
    QHBoxLayout,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from adwarden.ui.actions import Actions, Id, spec_of, tip_of
from adwarden.ui.icons import Icons
from adwarden.ui.parts import icon_button, line, make_button, plain_tip
from adwarden.ui.search_field import SearchField
from adwarden.ui.theme import restyle

__all__ = ["SearchField", "ToolBar"]

WIDE = 1180
"""Pixels from which on the two ways to look are named, not only drawn."""


class ToolBar(QFrame):
    """The bar; its buttons follow their actions."""

    def __init__(self, actions: Actions, icons: Icons) -> None:
        super().__init__()
        self._words: dict[QAbstractButton, str] = {}
        """What stands on the buttons that give their words up where there is no room."""
        self.setProperty("pane", True)
        self.setAccessibleName("Main actions")
        self.setMinimumWidth(1)  # gives way by itself, and must not be wider than the window
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        row = self._row = QHBoxLayout()
        row.setContentsMargins(12, 9, 12, 9)
        row.setSpacing(8)
        self.connect_button = _button(actions, icons, Id.CONNECT, primary=True)
        self.add_app_button = _button(actions, icons, Id.ADD_APP)
        self.refresh_button = _button(actions, icons, Id.REFRESH)
        self.cancel_button = icon_button("Cancel refresh", icons, "x")
        _follow(self.cancel_button, actions[Id.CANCEL_REFRESH], Id.CANCEL_REFRESH)
        self.by_connection = _way(actions, icons, Id.BY_CONNECTION)
        self.by_account = _way(actions, icons, Id.BY_ACCOUNT)
        ways = QHBoxLayout()
        ways.setSpacing(2)
        ways.addWidget(self.by_connection)
        ways.addWidget(self.by_account)
        self.search = SearchField(icons)
        self.history_button = icon_button("History", icons, "history")
        _follow(self.history_button, actions[Id.HISTORY], Id.HISTORY)
        self.report_button = icon_button("Report", icons, "file-text")
        _follow(self.report_button, actions[Id.REPORT], Id.REPORT)
        self.settings_button = icon_button("Settings", icons, "settings")
        _follow(self.settings_button, actions[Id.SETTINGS], Id.SETTINGS)
        self.more_button = icon_button("More", icons, "ellipsis")
        self.more_button.clicked.connect(lambda: self._open_more(actions))
        for button in (
            self.connect_button, self.add_app_button, self.refresh_button, self.cancel_button,
        ):  # fmt: skip
            row.addWidget(button)
        row.addStretch(1)
        row.addLayout(ways)
        row.addWidget(self.search, 30)
        row.addWidget(self.history_button)
        row.addWidget(self.report_button)
        row.addWidget(self.settings_button)
        row.addWidget(self.more_button)
        column.addLayout(row)
        column.addWidget(line())
        self.cancel_button.hide()
        for button in (self.add_app_button, self.refresh_button, self.connect_button):
            self._words[button] = button.text()
        # For hands that are on the button already.
        self._stop = QShortcut(QKeySequence("Esc"), self.refresh_button)
        self._stop.setContext(Qt.ShortcutContext.WidgetShortcut)
        self._stop.setEnabled(False)
        self._stop.activated.connect(self.cancel_button.click)

    @property
    def chain(self) -> tuple[QWidget, ...]:
        """The controls in the order of the Tab key."""
        return (
            self.connect_button, self.add_app_button, self.refresh_button, self.cancel_button,
            self.by_connection, self.by_account, self.search,
            self.history_button, self.report_button, self.settings_button, self.more_button,
        )  # fmt: skip

    def _open_more(self, actions: Actions) -> None:
        """Show what is seldom needed, below the button."""
        from PySide6.QtWidgets import QMenu

        from adwarden.ui.action_menus import MORE

        menu = QMenu(self.more_button)
        actions.fill(menu, MORE)
        menu.aboutToHide.connect(menu.deleteLater)
        corner = self.more_button.mapToGlobal(self.more_button.rect().bottomRight())
        menu.popup(QPoint(corner.x() - menu.sizeHint().width(), corner.y()))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Have the buttons say as much as there is room for."""
        super().resizeEvent(event)
        self._fit()

    def showEvent(self, event: QShowEvent) -> None:
        """Have them say it in the size that the bar is shown in."""
        super().showEvent(event)
        self._fit()

    def _fit(self) -> None:
        """Take words off the buttons where the row is too wide with the search at its least.

        First off the two ways to look, then off what is known by its icon; off the main one last.
        """
        if not self.isVisible():
            return
        style = Qt.ToolButtonStyle
        named = self.width() >= WIDE
        words = len(self._words)
        while True:
            for way in (self.by_connection, self.by_account):
                way.setToolButtonStyle(
                    style.ToolButtonTextBesideIcon if named else style.ToolButtonIconOnly
                )
            for number, (button, said) in enumerate(self._words.items()):
                shown = said if number >= len(self._words) - words else ""
                if button.text() != shown:
                    button.setText(shown)
                    # Wider than the icon beside words: a style sheet cannot set that gap.
                    button.setIconSize(QSize(22 if shown else 16, 16))
            if not (named or words) or self._needed() <= self.width():
                return
            named, words = False, words - (not named)

    def _needed(self) -> int:
        """Return how wide it all is; not asked of the layout, which has not seen new words yet."""
        seen = [part for part in self.chain if not part.isHidden()]
        widths = [
            part.minimumWidth() if part is self.search else part.sizeHint().width() for part in seen
        ]
        margins = self._row.contentsMargins()
        gaps = self._row.spacing() * (len(seen) - 1)
        return margins.left() + sum(widths) + gaps + margins.right()

    def show_view(self, *, by_account: bool) -> None:
        """Show which of the two ways the tree is looked at."""
        self.by_connection.setChecked(not by_account)
        self.by_account.setChecked(by_account)

    def show_news(self, count: int) -> None:
        """Show at the history how many changes nobody has looked at yet."""
        button = self.history_button
        words = "999+" if count > 999 else str(count or "")
        if button.text() == words:
            return
        button.setText(words)
        beside = Qt.ToolButtonStyle.ToolButtonTextBesideIcon
        button.setToolButtonStyle(beside if count else Qt.ToolButtonStyle.ToolButtonIconOnly)
        button.setAccessibleDescription(f"{count:,} new" if count else "")
        button.setProperty("news", bool(count))
        restyle(button)
        self._fit()

    def show_refreshing(self, running: bool, words: str = "") -> None:
        """Show whether a refresh is running; ``words`` is how far it is, or why none can run."""
        leaves = self.cancel_button.hasFocus() and not running
        self.cancel_button.setVisible(running)
        if leaves:
            self.refresh_button.setFocus()
        self._stop.setEnabled(running)
        self._words[self.refresh_button] = "Refreshing…" if running else "Refresh"
        self._fit()
        self.refresh_button.setAccessibleDescription(words)
        self.refresh_button.setToolTip(plain_tip(words or tip_of(spec_of(Id.REFRESH))))


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


def _way(actions: Actions, icons: Icons, action_id: Id) -> QToolButton:
    spec = spec_of(action_id)
    button = icon_button(spec.text, icons, spec.icon)
    button.setText(spec.text)
    # Wider than the icon: a style sheet cannot set the gap before the words.
    button.setIconSize(QSize(22, 16))
    button.setCheckable(True)
    _follow(button, actions[action_id], action_id)
    return button


def _follow(button: QAbstractButton, action: QAction, action_id: Id) -> None:
    """Make a button do what its action does, and be enabled when the action is."""
    button.setToolTip(plain_tip(tip_of(spec_of(action_id))))
    button.setEnabled(action.isEnabled())
    button.clicked.connect(action.trigger)
    action.changed.connect(lambda: button.setEnabled(action.isEnabled()))
