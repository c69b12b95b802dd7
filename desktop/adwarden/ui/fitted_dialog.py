"""A dialog of one width that is as high as its words need."""

from __future__ import annotations

from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QDialog, QVBoxLayout, QWidget

from adwarden.ui.parts import Text


class FittedDialog(QDialog):
    """Modal, with its title on top; what is said in it goes into ``column``."""

    def __init__(self, parent: QWidget | None, title: str, *, width: int, spacing: int) -> None:
        super().__init__(parent)
        self._width = width
        self.setWindowTitle(title)
        self.setAccessibleName(title)
        self.setModal(True)
        self.setFixedWidth(width)
        self.column = QVBoxLayout(self)
        self.column.setContentsMargins(24, 20, 24, 16)
        self.column.setSpacing(spacing)
        self.column.addWidget(Text(title, role="title", wraps=True))

    def showEvent(self, event: QShowEvent) -> None:
        """Be as high as the words need at this width."""
        super().showEvent(event)
        self.fit()

    def fit(self) -> None:
        """Take the height anew, because the words have changed."""
        for part in self.findChildren(QWidget):
            if part.layout() is not None:
                # What is in it has changed; Qt would only tell the dialog at the next turn.
                part.updateGeometry()
        self.setFixedHeight(self.column.heightForWidth(self._width))
