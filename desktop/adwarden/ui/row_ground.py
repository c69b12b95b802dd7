"""The ground of a row that is selected, hovered or has the focus; the same in all lists."""

from __future__ import annotations

from PySide6.QtCore import QRect, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen

from adwarden.ui.tokens import RADIUS, Palette


def paint_ground(
    painter: QPainter, rect: QRect, tokens: Palette, *, selected: bool, hovered: bool, focus: bool
) -> None:
    """Paint it with round corners, and the ring of the keyboard; nothing for a row at rest."""
    colour = tokens.selection if selected else tokens.hover if hovered else ""
    if not colour and not focus:
        return
    painter.setPen(QPen(QColor(tokens.focus), 2) if focus else Qt.PenStyle.NoPen)
    painter.setBrush(QColor(colour) if colour else Qt.BrushStyle.NoBrush)
    inset = 1 if focus else 0
    box = QRectF(rect).adjusted(8, 1, -8, -1)
    painter.drawRoundedRect(box.adjusted(inset, inset, -inset, -inset), RADIUS, RADIUS)
