"""The middle of the dialog ``Hand over``: the formats on the left, the chosen one on the right."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from adwarden.services.handover.formats import FORMATS, Format
from adwarden.ui import hand_over_words as words
from adwarden.ui.hand_over_fields import HandOverFields
from adwarden.ui.hand_over_page import HandOverPage
from adwarden.ui.hand_over_source import Subject
from adwarden.ui.icons import Icons
from adwarden.ui.parts import Text
from adwarden.ui.search import visible
from adwarden.ui.two_lines import Row, TwoLines

_LIST = 264


class HandOverBody(QWidget):
    """``chosen`` is emitted after each choice of a format; ``copy`` has a single value copied."""

    chosen = Signal()

    def __init__(
        self, subject: Subject, folder: Path, icons: Icons, copy: Callable[[int], None]
    ) -> None:
        super().__init__()
        self.name = visible(f"{subject.handle} · {subject.app}")
        """What a platform may call it."""
        self.list = TwoLines("What to hand over", icons)
        self.list.setFixedWidth(_LIST)
        for group in words.groups():
            self.list.add_heading(group.title)
            for key in group.ids:
                title, short = words.title_of(key), words.short_of(key)
                self.list.add_row(Row(key, title, short, tip=words.about_of(key)))
        self.page = HandOverPage(subject, folder, icons)
        self.fields = HandOverFields(self.name, icons, copy)
        self._title = Text("", role="strong", wraps=True)
        self._about = Text("", role="dim", wraps=True)
        right = QVBoxLayout()
        right.setSpacing(8)
        for part in (self._title, self._about):
            right.addWidget(part)
        right.addWidget(self.page, 1)
        right.addWidget(self.fields, 1)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(16)
        row.addWidget(self.list)
        row.addLayout(right, 1)
        self.list.chosen.connect(self._show)

    @property
    def format(self) -> Format | None:
        """The chosen format, ``None`` where the values go one by one."""
        return FORMATS.get(self.list.key)

    def _show(self, key: str) -> None:
        one = FORMATS.get(key)
        for part, text in (
            (self._title, words.title_of(key)), (self._about, words.about_of(key)),
        ):  # fmt: skip
            part.setText(text)
            part.setVisible(one is None)  # the page has its own
        self.page.setVisible(one is not None)
        self.fields.setVisible(one is None)
        if one is not None:
            self.page.show_format(one)
        self.chosen.emit()
