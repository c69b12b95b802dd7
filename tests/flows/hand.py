"""Works the real window as a person does: finds controls by accessible name, clicks and types.

Knows nothing of the product's classes, so that it holds whatever the window is built from.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, TypeVar

from PySide6.QtCore import QModelIndex, QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QApplication,
    QComboBox,
    QLineEdit,
    QTreeView,
    QWidget,
)

if TYPE_CHECKING:
    from PySide6.QtWebEngineWidgets import QWebEngineView

T = TypeVar("T")
W = TypeVar("W", bound=QWidget)

PATIENCE = 30.0
"""Seconds that anything may take on a loaded machine."""

LOOK_AGAIN = 0.02
PAGE = "Authorization page"

MIDDLE_OF = """(() => {
    const found = document.querySelector(SELECTOR);
    if (!found) return '';
    found.scrollIntoView({block: 'center'});
    const box = found.getBoundingClientRect();
    return JSON.stringify([box.x + box.width / 2, box.y + box.height / 2]);
})()"""


class Hand:
    """Every method waits until what it needs is there; ``TimeoutError`` says what was not."""

    async def until(self, what: str, found: Callable[[], T | None]) -> T:
        """Return what ``found`` returns once that is neither ``None`` nor false."""
        loop = asyncio.get_running_loop()
        deadline = loop.time() + PATIENCE
        while not (result := found()):
            if loop.time() > deadline:
                raise TimeoutError(f"waited {PATIENCE:.0f} s for {what}")
            await asyncio.sleep(LOOK_AGAIN)
        return result

    def shown(self) -> QWidget | None:
        """Return the window in front: a dialog, or else the main window."""
        windows = [w for w in QApplication.topLevelWidgets() if w.isVisible() and w.isWindow()]
        named = [w for w in windows if w.accessibleName()]
        dialogs = [w for w in named if w.accessibleName() != "Adwarden"]
        return next(iter(reversed(dialogs or named)), None)

    def find(self, kind: type[W], name: str, inside: str = "") -> W | None:
        """Return the control of that accessible name that can be used right now."""
        for window in QApplication.topLevelWidgets():
            if not window.isVisible() or (inside and window.accessibleName() != inside):
                continue
            for control in (window, *window.findChildren(kind)):
                if (
                    isinstance(control, kind)
                    and control.accessibleName() == name
                    and control.isVisible()
                    and control.isEnabled()
                ):
                    return control
        return None

    async def window(self, name: str) -> QWidget:
        """Return the window or dialog of that accessible name."""
        return await self.until(f"the window {name!r}", lambda: self.find(QWidget, name, name))

    async def gone(self, name: str) -> None:
        """Wait until no window of that accessible name is shown."""
        await self.until(f"{name!r} to close", lambda: self.find(QWidget, name, name) is None)

    async def press(self, name: str, inside: str = "") -> None:
        """Click a button."""
        button = await self.until(
            f"the button {name!r}", lambda: self.find(QAbstractButton, name, inside)
        )
        QTest.mouseClick(button, Qt.MouseButton.LeftButton)

    async def write(self, name: str, text: str, inside: str = "") -> None:
        """Type into a field, in place of what is there."""
        field = await self.until(f"the field {name!r}", lambda: self.find(QLineEdit, name, inside))
        field.setFocus()
        field.selectAll()
        QTest.keyClicks(field, text)

    async def choose(self, name: str, words: str, inside: str = "") -> None:
        """Choose an entry of a combo box by its words, with the keyboard."""
        box = await self.until(f"the choice {name!r}", lambda: self.find(QComboBox, name, inside))
        box.setFocus()
        QTest.keyClick(box, Qt.Key.Key_Home)
        for _ in range(box.count()):
            if box.currentText() == words:
                return
            QTest.keyClick(box, Qt.Key.Key_Down)
        raise LookupError(f"{name!r} does not offer {words!r}")

    def rows(self) -> list[str]:
        """Return the accessible texts of all rows of the tree, top to bottom."""
        tree = self.find(QTreeView, "Accounts")
        return [] if tree is None else [text for _, text in self._walk(tree, QModelIndex())]

    async def select(self, words: str) -> str:
        """Select the first row whose text contains ``words``; return its whole text."""

        def row() -> tuple[QTreeView, QModelIndex, str] | None:
            tree = self.find(QTreeView, "Accounts")
            if tree is None:
                return None
            walked = self._walk(tree, QModelIndex())
            return next(((tree, i, text) for i, text in walked if words in text), None)

        tree, index, text = await self.until(f"a row with {words!r}", row)
        tree.scrollTo(index)
        QTest.mouseClick(
            tree.viewport(),
            Qt.MouseButton.LeftButton,
            Qt.KeyboardModifier.NoModifier,
            tree.visualRect(index).center(),
        )
        return text

    async def page_click(self, selector: str) -> None:
        """Click an element of the authorization page, with the mouse, once it is there."""
        script = MIDDLE_OF.replace("SELECTOR", json.dumps(selector))
        x, y = json.loads(await self._page_says(selector, script))
        view = await self.until("the authorization page", self._page)
        QTest.mouseClick(
            view.focusProxy() or view,
            Qt.MouseButton.LeftButton,
            Qt.KeyboardModifier.NoModifier,
            QPoint(round(x), round(y)),
        )

    async def page_text(self, selector: str) -> str:
        """Return the text of an element of the authorization page once it is there."""
        script = f"(document.querySelector({json.dumps(selector)}) || {{}}).innerText || ''"
        return await self._page_says(selector, script)

    def _page(self) -> QWebEngineView | None:
        # Imported here, as the product does it: the engine comes with the first dialog.
        from PySide6.QtWebEngineWidgets import QWebEngineView

        return self.find(QWebEngineView, PAGE)

    async def _page_says(self, what: str, script: str) -> str:
        loop = asyncio.get_running_loop()
        deadline = loop.time() + PATIENCE
        while loop.time() < deadline:
            view = self._page()
            if view is not None:
                answer: asyncio.Future[object] = loop.create_future()
                # World 1, beside the page's own: what the page's scripts do cannot disturb it.
                view.page().runJavaScript(
                    script, 1, lambda said, into=answer: into.done() or into.set_result(said)
                )
                try:
                    said = await asyncio.wait_for(answer, 1.0)
                except TimeoutError:  # the page went away while it was asked
                    said = ""
                if said:
                    return str(said)
            await asyncio.sleep(LOOK_AGAIN)
        raise TimeoutError(f"waited {PATIENCE:.0f} s for {what!r} on the authorization page")

    def _walk(self, tree: QTreeView, parent: QModelIndex) -> Iterator[tuple[QModelIndex, str]]:
        model = tree.model()
        for row in range(model.rowCount(parent)):
            index = model.index(row, 0, parent)
            yield index, str(index.data(Qt.ItemDataRole.AccessibleTextRole) or index.data())
            yield from self._walk(tree, index)
