"""The three panes: rail, centre with notices on top, details; and what the centre shows when."""

from __future__ import annotations

import binascii
from base64 import b64decode, b64encode
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from PySide6.QtCore import QByteArray, Qt, QTimer
from PySide6.QtGui import QResizeEvent, QShowEvent
from PySide6.QtWidgets import QProgressBar, QSplitter, QStackedWidget, QVBoxLayout, QWidget

from adwarden.storage.settings import WINDOW_GEOMETRY, WINDOW_SPLITTER, Settings
from adwarden.ui.details import Details
from adwarden.ui.icons import Icons
from adwarden.ui.notices import Notices
from adwarden.ui.parts import Text

if TYPE_CHECKING:
    from PySide6.QtGui import QDragEnterEvent, QDropEvent

    from adwarden.ui.other_tools import OtherTools

LOADING_SHOWN_MS = 300
"""A wait that is shorter shows nothing."""

NARROW = 1000
"""Pixels below which the panes at the sides give room to the tree."""


class Panes(QSplitter):
    """Shows ``loading``, ``welcome``, ``first`` or ``tree`` in the centre.

    Each of ``pages`` is made when it is shown first: most are never seen in a run.
    """

    def __init__(
        self,
        rail: QWidget,
        notices: Notices,
        pages: Mapping[str, Callable[[], QWidget]],
        details: Details,
    ) -> None:
        super().__init__(Qt.Orientation.Horizontal)
        self._rail, self._details = rail, details
        self._makers: dict[str, Callable[[], QWidget]] = {"loading": _loading_page, **pages}
        self._pages: dict[str, QWidget] = {}
        self._stack = QStackedWidget()
        centre = QWidget()
        centre.setProperty("pane", True)
        centre.setMinimumWidth(300)
        column = QVBoxLayout(centre)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(notices)
        notices.come_after(rail)
        self._notices = notices
        column.addWidget(self._stack, 1)
        self._column = column
        for part in (rail, centre, details):
            self.addWidget(part)
        self.setChildrenCollapsible(False)
        self.setHandleWidth(1)
        for index, stretch in enumerate((0, 1, 0)):
            self.setStretchFactor(index, stretch)
        self._own = False
        self.splitterMoved.connect(self._keep_own)
        for index in (1, 2):
            self.handle(index).setAccessibleName("Pane border")
        self._above: QWidget | None = None
        self._made("tree")  # part of the window from the start: it is in the order of Tab
        self._chosen = False
        details.turned.connect(self._show_details)

    @property
    def page(self) -> str:
        """What the centre shows; empty before anything has been chosen."""
        if not self._chosen:
            return ""
        current = self._stack.currentWidget()
        return next(name for name, page in self._pages.items() if page is current)

    def show_page(self, name: str) -> None:
        """Show a page; rail and details are there when they have something to say."""
        self._chosen = True
        self._stack.setCurrentWidget(self._made(name))
        self._rail.setVisible(name in ("tree", "first"))
        self._show_details()
        if self._above is not None:
            self._above.setVisible(name == "tree")

    def _show_details(self) -> None:
        """Show the details beside the tree, and of an app also before there is one."""
        of_app = self.page == "first" and bool(self._details.place.app_id)
        self._details.setVisible(of_app or self.page in ("", "tree"))

    def put_above_tree(self, widget: QWidget) -> None:
        """Put something above the tree; it is there as long as the tree is."""
        self._above = QWidget()
        column = QVBoxLayout(self._above)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(widget)
        self._column.insertWidget(self._column.indexOf(self._stack), self._above)
        self._above.setVisible(not self._chosen or self.page == "tree")

    @property
    def tree(self) -> QWidget:
        """The page with the tree, shown or not."""
        return self._made("tree")

    def put_below(self, widget: QWidget) -> None:
        """Put something below what the centre shows."""
        self._column.addWidget(widget)

    def _made(self, name: str) -> QWidget:
        if name not in self._pages:
            self._pages[name] = self._makers[name]()
            self._stack.addWidget(self._pages[name])
        return self._pages[name]

    def showEvent(self, event: QShowEvent) -> None:
        """Say that the state is being read, where it has not come before the first picture."""
        super().showEvent(event)
        if not self._chosen:
            self.show_page("loading")

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Share a small window out in favour of the tree, unless a person has decided."""
        super().resizeEvent(event)
        self._notices.again()
        if self._own:
            return
        rail, details = (168, 232) if self.width() < NARROW else (236, 318)
        self.setSizes([rail, max(300, self.width() - rail - details), details])

    def _keep_own(self) -> None:
        self._own = True

    def restore(self, settings: Settings) -> None:
        """Take the widths from the settings, as far as they make sense."""
        state = from_text(settings.get(WINDOW_SPLITTER))
        if state is not None:
            self._own = self.restoreState(state)
            self.setHandleWidth(1)

    def remember(self, settings: Settings) -> None:
        """Put the widths into the settings."""
        if self._own:
            settings.set(WINDOW_SPLITTER, to_text(self.saveState()))


def restore_window(window: QWidget, settings: Settings, usual: tuple[int, int]) -> None:
    """Put a window where it was, or make it as large as usual where that fits the screen."""
    geometry = from_text(settings.get(WINDOW_GEOMETRY))
    if geometry is None or not window.restoreGeometry(geometry):
        room = window.screen().availableSize()  # 40 pixels of it are for the frame
        window.resize(min(usual[0], room.width()), min(usual[1], room.height() - 40))


class _Body(QWidget):
    """Takes files that are dropped on the window, wherever that is."""

    def __init__(self, tools: Callable[[], OtherTools]) -> None:
        super().__init__()
        self._tools = tools
        self.setAcceptDrops(True)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Say whether it can be dropped."""
        self._tools().drag(event)

    def dropEvent(self, event: QDropEvent) -> None:
        """Take it."""
        self._tools().drop(event)


def under(bar: QWidget, panes: QWidget, tools: Callable[[], OtherTools]) -> QWidget:
    """Return a widget with the panes below the bar; ``tools`` take what is dropped on it."""
    body = _Body(tools)
    column = QVBoxLayout(body)
    column.setContentsMargins(0, 0, 0, 0)
    column.setSpacing(0)
    column.addWidget(bar)
    column.addWidget(panes, 1)
    return body


def first_pages(
    icons: Icons,
    add_app: Callable[[], None],
    connect: Callable[[], None],
    practice: Callable[[], None] | None,
    restore: Callable[[], None],
    take_in: Callable[[], None],
    *,
    in_practice: bool,
) -> dict[str, Callable[[], QWidget]]:
    """Return what makes the pages of before the tree, each when it is to be shown."""

    def welcome() -> QWidget:
        from adwarden.ui.welcome import welcome_page

        ways = (add_app, practice, restore, take_in)
        return welcome_page(icons, *ways, in_practice=in_practice)

    def first() -> QWidget:
        from adwarden.ui.welcome import first_connection_page

        return first_connection_page(icons, connect, in_practice=in_practice)

    return {"welcome": welcome, "first": first}


def to_text(state: QByteArray) -> str:
    """Return Qt's opaque state as text."""
    return b64encode(state.data()).decode("ascii")


def from_text(text: str) -> QByteArray | None:
    """Return Qt's opaque state, or ``None`` for what is none."""
    try:
        return QByteArray(b64decode(text, validate=True)) if text else None
    except (binascii.Error, ValueError):
        return None


def _loading_page() -> QWidget:
    page = QWidget()
    page.setProperty("pane", True)
    column = QVBoxLayout(page)
    column.addStretch(1)
    words = Text("Reading the last known state …", role="dim")
    bar = QProgressBar()
    bar.setRange(0, 0)
    bar.setTextVisible(False)
    bar.setFixedWidth(200)
    bar.setAccessibleName("Reading the last known state")
    for part in (words, bar):
        column.addWidget(part, 0, Qt.AlignmentFlag.AlignHCenter)
        part.hide()
        QTimer.singleShot(LOADING_SHOWN_MS, part, part.show)
    column.addStretch(1)
    return page
