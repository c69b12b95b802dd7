"""What leaving could not revoke: a notice that says so, and the list with the reasons."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, QUrl
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QHBoxLayout, QListWidget, QListWidgetItem, QWidget

from adwarden.domain.checks import CONNECTED_APPS
from adwarden.services.events import Left, Removal
from adwarden.ui.clipboard import Clipboard
from adwarden.ui.fitted_dialog import FittedDialog
from adwarden.ui.notices import Level, Notice, Remedy
from adwarden.ui.parts import Text, make_button
from adwarden.ui.phrases import counted
from adwarden.ui.search import visible

_WIDTH = 560
_LIST = 200
_WAY = (
    "Users can take the access back at X as well: Settings, Security and account access, Apps "
    "and sessions, Connected apps."
)


def left_notice(removal: Removal, left: Sequence[Left], show: Remedy) -> Notice | None:
    """Return what to tell of connections that stay, ``None`` where all are gone."""
    stay = sum(one.error is not None for one in left)
    untried = removal.count - len(left)
    if not stay and not untried:
        return None
    gone = f"{counted(len(left) - stay, 'was', 'were')} revoked at X and removed."
    if not stay:
        title = f"Leaving {visible(removal.name)} was stopped."
        message = f"{gone} {counted(untried, 'was', 'were')} not tried, and stay."
        return Notice(f"remove:{removal.id}", Level.INFO, title, message)
    connections = counted(stay, "connection", "connections")
    title = f"{connections} of {visible(removal.name)} could not be revoked."
    message = f"{'It stays' if stay == 1 else 'They stay'} as before. {gone}"
    if untried:
        message += f" {counted(untried, 'was', 'were')} not tried."
    return Notice(f"remove:{removal.id}", Level.WARN, title, message, buttons=(show,))


class LeftDialog(FittedDialog):
    """The list of what stays."""

    def __init__(
        self, parent: QWidget, removal: Removal, left: Sequence[Left], clipboard: Clipboard
    ) -> None:
        super().__init__(parent, "Could not be revoked", width=_WIDTH, spacing=12)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._clipboard = clipboard
        self._lines = [_line(one) for one in left if one.error is not None]
        count = counted(len(self._lines), "connection stays", "connections stay")
        self._words = f"{count} of the {removal.count:,} of {visible(removal.name)}. {_WAY}"
        self.column.addWidget(Text(self._words, wraps=True))
        stay = QListWidget()
        stay.setAccessibleName("Connections that stay")
        stay.setWordWrap(True)
        stay.setSpacing(3)
        stay.setFixedHeight(_LIST)
        stay.setProperty("frame", True)
        for line in self._lines:
            stay.addItem(QListWidgetItem(line))
        self.column.addWidget(stay)
        row = QHBoxLayout()
        row.setSpacing(8)
        copy = make_button("Copy as text")
        copy.clicked.connect(self._copy)
        page = make_button("Open X’s settings page")
        page.clicked.connect(lambda: QDesktopServices.openUrl(QUrl(CONNECTED_APPS)))
        close = make_button("Close", primary=True)
        close.clicked.connect(self.accept)
        close.setDefault(True)
        row.addWidget(copy)
        row.addWidget(page)
        row.addStretch(1)
        row.addWidget(close)
        self.column.addLayout(row)
        close.setFocus()

    def _copy(self) -> None:
        self._clipboard.copy_text("\n".join((self._words, *self._lines, CONNECTED_APPS)))


def _line(one: Left) -> str:
    return f"{visible(one.handle)} · {visible(one.app_label)}: {one.error}"
