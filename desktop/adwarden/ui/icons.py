"""The icon set: SVG line icons, drawn in the palette's colours at whatever size is asked."""

from __future__ import annotations

from PySide6.QtCore import QByteArray, QCoreApplication, QPoint, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QIcon, QIconEngine, QPainter, QPixmap
from PySide6.QtSvg import QSvgRenderer
from shiboken6 import isValid

from adwarden.ui.assets import resource_dir
from adwarden.ui.theme import Theme

_STROKE = 'stroke-width="1.75"'


_ROUND = 64
"""So many engines are made until those that Qt has deleted are let go; a window has some sixty."""

_MOST = 400
"""Pictures that are kept; a window on screens of several scales has some hundred."""


def draw_svg(source: bytes, side: int) -> QPixmap:
    """Return an SVG picture, fitted into a square of ``side`` pixels."""
    renderer = QSvgRenderer(QByteArray(source))
    renderer.setAspectRatioMode(Qt.AspectRatioMode.KeepAspectRatio)
    pixmap = QPixmap(side, side)
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    renderer.render(painter, QRectF(0, 0, side, side))
    painter.end()
    return pixmap


def app_icon() -> QIcon:
    """Return the program's icon for title bars and task bars.

    As pictures: an icon made of the file would load a plugin and draw sizes nobody shows.
    """
    source = (resource_dir("icons") / "adwarden.svg").read_bytes()
    icon = QIcon()
    for side in (32, 64):
        icon.addPixmap(draw_svg(source, side))
    return icon


class Drawings:
    """The SVG sources and what was drawn of them, in the colours of the theme.

    A picture of 16 pixels is a kilobyte; a renderer that has read the same icon is thirty.

    Apart from the icons made of it: Qt keeps the engine of an icon for as long as it likes, and
    an engine that were part of a cycle would be emptied by Python's collector under it.
    """

    def __init__(self, theme: Theme) -> None:
        self.theme = theme
        self._folder = resource_dir("icons")
        self._sources: dict[str, str] = {}
        self._pictures: dict[tuple[str, str, int, float], QPixmap] = {}

    def pixmap(self, name: str, size: int, colour: str, dpr: float) -> QPixmap:
        """Return the icon as ``size`` × ``size`` device-independent pixels for one screen."""
        return self._picture(name, colour, size, dpr)

    def draw(self, painter: QPainter, target: QRectF, name: str, colour: str) -> None:
        """Draw the icon into a square of an open painter."""
        scale = painter.deviceTransform().m11()
        painter.drawPixmap(target.topLeft(), self._picture(name, colour, target.width(), scale))

    def resolve(self, colour: str) -> str:
        """Return ``#rrggbb`` for a token's name, and any other text as it is."""
        if colour.startswith("#"):
            return colour
        return str(getattr(self.theme.palette, colour))

    def _picture(self, name: str, colour: str, size: float, scale: float) -> QPixmap:
        """Return the icon ``size`` wide on a screen of this scale, drawn once."""
        key = (name, self.resolve(colour), max(1, round(size * scale)), scale)
        found = self._pictures.get(key)
        if found is None:
            text = self.source(name).replace("currentColor", key[1])
            if len(self._pictures) > _MOST:
                self._pictures.clear()
            found = self._pictures[key] = draw_svg(text.encode(), key[2])
            found.setDevicePixelRatio(scale)
        return found

    def source(self, name: str) -> str:
        """Return the SVG text; raises ``FileNotFoundError`` for a name that is not there."""
        if name not in self._sources:
            text = (self._folder / f"{name}.svg").read_text("utf-8")
            self._sources[name] = text.replace('stroke-width="2"', _STROKE)
        return self._sources[name]


class Icons:
    """Makes icons that follow the theme by themselves: each paint asks for today's colour.

    A colour is the name of a palette token (``dim``, ``bad``, ``on_accent``) or ``#rrggbb``.
    """

    def __init__(self, theme: Theme) -> None:
        self._drawings = Drawings(theme)
        self._icons: dict[tuple[str, str], QIcon] = {}

    @property
    def theme(self) -> Theme:
        """The theme whose colours the icons wear."""
        return self._drawings.theme

    def icon(self, name: str, *, colour: str | None = None) -> QIcon:
        """Return the icon ``name``; ``colour`` is ``text`` unless told, grey when disabled.

        Raises ``FileNotFoundError`` for a name that the set does not have.
        """
        key = (name, colour or "text")
        if key not in self._icons:
            self._drawings.source(name)
            self._icons[key] = QIcon(_Engine(self._drawings, *key))
        return self._icons[key]

    def pixmap(self, name: str, size: int, colour: str, dpr: float) -> QPixmap:
        """Return the icon as ``size`` × ``size`` device-independent pixels for one screen."""
        return self._drawings.pixmap(name, size, colour, dpr)

    def draw(self, painter: QPainter, target: QRectF, name: str, colour: str) -> None:
        """Draw the icon into a square of an open painter."""
        self._drawings.draw(painter, target, name, colour)

    def resolve(self, colour: str) -> str:
        """Return ``#rrggbb`` for a token's name, and any other text as it is."""
        return self._drawings.resolve(colour)


class _Engine(QIconEngine):
    """Draws one icon in one colour; Qt deletes it with the last copy of its icon."""

    def __init__(self, drawings: Drawings, name: str, colour: str) -> None:
        super().__init__()
        _keep(self)
        self._drawings = drawings
        self._name = name
        self._colour = colour

    def paint(self, painter: QPainter, rect: QRect, mode: QIcon.Mode, state: QIcon.State) -> None:
        colour = "disabled" if mode == QIcon.Mode.Disabled else self._colour
        side = min(rect.width(), rect.height())
        square = QRectF(0, 0, side, side)
        square.moveCenter(QRectF(rect).center())
        self._drawings.draw(painter, square, self._name, colour)

    def pixmap(self, size: QSize, mode: QIcon.Mode, state: QIcon.State) -> QPixmap:
        pixmap = QPixmap(size)
        pixmap.fill(Qt.GlobalColor.transparent)
        painter = QPainter(pixmap)
        self.paint(painter, QRect(QPoint(0, 0), size), mode, state)
        painter.end()
        return pixmap

    def clone(self) -> QIconEngine:
        return _Engine(self._drawings, self._name, self._colour)


def _keep(engine: _Engine) -> None:
    """Hold an engine for as long as the application, or until Qt has deleted it.

    Qt for Python takes it for a child of the icon it was made for. Python's collector would cut
    that tie, delete the engine, and leave the icon with a pointer to nothing; and what ``clone``
    returns would be deleted at once. Neither happens to what is held from outside.
    """
    kept = _kept()
    if len(kept) % _ROUND == 0:
        kept[:] = filter(isValid, kept)
    kept.append(engine)


def _kept() -> list[_Engine]:
    found: list[_Engine] = vars(QCoreApplication.instance()).setdefault("adwarden_engines", [])
    return found
