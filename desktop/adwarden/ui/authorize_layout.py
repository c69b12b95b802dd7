"""How the left side of the authorization dialog is arranged."""

from __future__ import annotations

from typing import Protocol

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QComboBox,
    QFrame,
    QHBoxLayout,
    QProgressBar,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from adwarden.ui.authorize_notice import MessagePanel
from adwarden.ui.authorize_parts import Words
from adwarden.ui.authorize_steps import Steps

WIDTH = 320


class Side(Protocol):
    """What stands on the left side."""

    apps: QComboBox
    panel: MessagePanel
    steps: Steps
    browse: QPushButton
    copy: QPushButton
    restart: QPushButton
    cancel: QPushButton
    go: QPushButton
    progress: QProgressBar
    doing: Words


def build_side(side: Side) -> QWidget:
    """Arrange the parts of ``side``: the middle scrolls, head and buttons stay in sight."""
    frame = QFrame()
    frame.setProperty("side", True)
    frame.setFixedWidth(WIDTH)
    column = QVBoxLayout(frame)
    column.setContentsMargins(20, 20, 20, 20)
    column.setSpacing(12)
    column.addWidget(Words("Connect account", "title"))
    label = Words("X app", "dim", wraps=False)
    label.setBuddy(side.apps)
    choice = QHBoxLayout()
    choice.setSpacing(8)
    choice.addWidget(label)
    choice.addWidget(side.apps, 1)
    column.addLayout(choice)
    column.addWidget(_middle(side), 1)
    column.addWidget(side.doing)
    column.addWidget(side.progress)
    column.addLayout(_buttons(side))
    side.doing.hide()
    side.progress.hide()
    side.progress.setRange(0, 0)
    side.progress.setTextVisible(False)
    side.progress.setAccessibleName("Working")
    return frame


def _middle(side: Side) -> QScrollArea:
    holder = QWidget()
    holder.setProperty("transparent", True)
    inner = QVBoxLayout(holder)
    inner.setContentsMargins(0, 0, 0, 0)
    inner.setSpacing(8)
    inner.addWidget(side.panel)
    inner.addSpacing(4)
    inner.addWidget(side.steps)
    inner.addSpacing(10)
    for wide in (side.browse, side.copy):
        wide.setStyleSheet("QPushButton { text-align: left; }")
        inner.addWidget(wide)
    inner.addStretch(1)
    scroll = QScrollArea()
    scroll.setWidget(holder)
    scroll.setWidgetResizable(True)
    scroll.setFrameShape(QFrame.Shape.NoFrame)
    scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    return scroll


def _buttons(side: Side) -> QHBoxLayout:
    row = QHBoxLayout()
    row.setSpacing(8)
    row.addWidget(side.restart)
    row.addStretch(1)
    row.addWidget(side.cancel)
    row.addWidget(side.go)
    side.go.setDefault(True)
    return row
