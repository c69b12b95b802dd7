"""A font whose measures are remembered: the same few rows are painted again and again."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QFont, QFontMetricsF

_REMEMBERED = 2_000
"""Texts; some screens full of rows."""


class Measured:
    """A font, how wide texts are in it, and what is left of them where room is short."""

    __slots__ = ("_metrics", "_widths", "font")

    def __init__(self, font: QFont) -> None:
        self.font = font
        self._metrics = QFontMetricsF(font)
        self._widths: dict[str, float] = {}

    def width(self, text: str) -> float:
        """Return the width of a text in pixels."""
        known = self._widths.get(text)
        if known is None:
            if len(self._widths) >= _REMEMBERED:
                self._widths.clear()
            known = self._widths[text] = self._metrics.horizontalAdvance(text)
        return known

    def fit(
        self,
        text: str,
        width: float,
        how: Qt.TextElideMode = Qt.TextElideMode.ElideRight,
    ) -> str:
        """Return the text, shortened where it is wider than ``width``."""
        if self.width(text) <= width + 0.5:
            return text
        return self._metrics.elidedText(text, how, max(0.0, width))
