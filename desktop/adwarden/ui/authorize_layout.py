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
_EDGE = 20
_BAR = 12
"""Pixels: the margin around everything, and what a scroll bar takes of it."""


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


def upright_line() -> QFrame:
    """Make the thin line between the two sides."""
    rule = QFrame()
    rule.setProperty("separator", True)
    rule.setFixedWidth(1)
    # The style makes separators one pixel high; this one stands.
    rule.setStyleSheet("QFrame { max-height: 16777215px; }")
    return rule


def build_side(side: Side) -> QWidget:
    """Arrange the parts of ``side``: the middle scrolls, head and buttons stay in sight."""
    frame = QFrame()
    frame.setProperty("side", True)
    frame.setFixedWidth(WIDTH)
    column = QVBoxLayout(frame)
    column.setContentsMargins(_EDGE, _EDGE, 0, _EDGE)
    column.setSpacing(12)
    column.addWidget(Words("Connect account", "title"))
    label = Words("X app", "dim", wraps=False)
    label.setBuddy(side.apps)
    choice = QHBoxLayout()
    choice.setSpacing(8)
    choice.setContentsMargins(0, 0, _EDGE, 0)
    choice.addWidget(label)
    choice.addWidget(side.apps, 1)
    column.addLayout(choice)
    column.addWidget(_middle(side), 1)
    below = QVBoxLayout()
    below.setSpacing(8)
    below.setContentsMargins(0, 0, _EDGE, 0)
    below.addWidget(side.doing)
    below.addWidget(side.progress)
    below.addLayout(_buttons(side))
    column.addLayout(below)
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
    inner.setContentsMargins(0, 0, _EDGE, 0)
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
    # The scroll bar stands in the margin, so that nothing moves when it comes and goes.
    scroll.verticalScrollBar().rangeChanged.connect(
        lambda low, high: inner.setContentsMargins(0, 0, _EDGE - _BAR * (high > low), 0)
    )
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
