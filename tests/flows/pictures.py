"""Takes pictures of what is really on the screen, once the window shows all it knows.

Works on an X display only: the embedded page is drawn by the browser engine, and asking the
widget for its picture leaves that part blank.
"""

from __future__ import annotations

from PySide6.QtCore import QPoint, QRect
from PySide6.QtGui import QColor, QImage, QPainter
from PySide6.QtWidgets import QApplication, QWidget

from adwarden.ui.main_window import MainWindow
from tests.flows.driver import until

_SHADOW = (90, 60, 40, 26, 16, 8)
"""Opacity (of 255) of the shadow round a dialog, pixel by pixel outwards."""


def in_front() -> QWidget | None:
    """Return the dialog that is open, or else the main window."""
    shown = [w for w in QApplication.topLevelWidgets() if w.isVisible() and w.accessibleName()]
    return min(shown, key=lambda w: w.accessibleName() == "Adwarden", default=None)


def on_screen(widget: QWidget, area: QRect | None = None) -> QImage:
    """Return what the screen shows of a top-level widget, or of an area of the screen."""
    place = area or QRect(widget.mapToGlobal(QPoint(0, 0)), widget.size())
    grabbed = widget.screen().grabWindow(0, place.x(), place.y(), place.width(), place.height())
    return grabbed.toImage().convertToFormat(QImage.Format.Format_RGB32)


async def settled(window: QWidget) -> None:
    """Wait until the window has written everything that has come and has been painted."""
    if isinstance(window, MainWindow):
        await until(lambda: window.settled, "everything in the window")
    seen: list[QImage] = []

    def calm() -> bool:
        seen.append(on_screen(window))
        return len(seen) > _CALM and all(seen[-1] == one for one in seen[-_CALM:])

    await until(calm, "a screen that does not change")


_CALM = 12
"""Looks at the screen that must all be the same; one is taken every few hundredths of a second."""


async def page_painted(page: QWidget) -> None:
    """Wait until an embedded page is more than a white area."""
    corner = page.mapToGlobal(QPoint(0, 0))
    area = QRect(corner, page.size())

    def colours() -> bool:
        image = on_screen(page.window(), area).scaled(96, 64)
        return len({image.pixel(x, y) for x in range(96) for y in range(64)}) > 4

    await until(colours, "the painted page")


def with_frame(window: QWidget, dialog: QWidget) -> QImage:
    """Return the window with the dialog in front of it.

    A virtual display has no window manager that would draw the dialog's frame, so it is drawn here.
    """
    image = on_screen(window)
    if dialog is window:
        return image
    place = QRect(
        dialog.mapToGlobal(QPoint(0, 0)) - window.mapToGlobal(QPoint(0, 0)), dialog.size()
    )
    painter = QPainter(image)
    for out, opacity in enumerate(_SHADOW, start=2):
        painter.setPen(QColor(0, 0, 0, opacity))
        painter.drawRect(place.adjusted(-out, -out, out - 1, out - 1))
    painter.setPen(QColor(128, 134, 145))
    painter.drawRect(place.adjusted(-1, -1, 0, 0))
    painter.end()
    return image
