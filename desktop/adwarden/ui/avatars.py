"""The round initials of a connection: the same letters and colour everywhere, from its id."""

from __future__ import annotations

from zlib import crc32

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QFont, QPainter

from adwarden.domain.data import dataclass
from adwarden.domain.model import Connection
from adwarden.ui.tokens import Palette


@dataclass(frozen=True, slots=True)
class Avatar:
    """Up to two letters, and which of the palette's avatar colours they stand on."""

    initials: str
    place: int


def avatar(connection: Connection) -> Avatar:
    """Return a connection's avatar; the user id decides the colour, so renaming keeps it."""
    name = connection.screen_name or connection.user_id
    words = [word for word in name.replace("-", "_").split("_") if word]
    letters = words[0][0] + words[1][0] if len(words) > 1 else "".join(words)[:2]
    return Avatar(letters.upper(), crc32((connection.user_id or connection.id).encode()))


def paint_avatar(
    painter: QPainter, target: QRectF, shown: Avatar, palette: Palette, font: QFont
) -> None:
    """Paint a round avatar into a square; ``font`` is scaled to fit."""
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(palette.avatars[shown.place % len(palette.avatars)]))
    painter.drawEllipse(target)
    fitted = QFont(font)
    fitted.setPixelSize(max(7, round(target.height() * 0.42)))
    fitted.setWeight(QFont.Weight.DemiBold)
    painter.setFont(fitted)
    painter.setPen(QColor("#ffffff"))
    painter.drawText(target, Qt.AlignmentFlag.AlignCenter, shown.initials)
    painter.restore()
