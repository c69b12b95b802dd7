"""What the signature of a request is made of, and how somebody else's differs from it.

What is pasted is a secret: it is masked, in no other widget, and goes with the dialog.
"""

from __future__ import annotations

from datetime import datetime

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QScrollArea, QVBoxLayout, QWidget

from adwarden.domain.secret import Secret
from adwarden.domain.tried import Comparison, Difference, Explained, Verdict
from adwarden.services.trying import Outcome
from adwarden.ui.clipboard import Clipboard
from adwarden.ui.fields import KeyField, Labelled
from adwarden.ui.icons import Icons
from adwarden.ui.parts import Mark, Text, announce, breakable, line, make_button
from adwarden.ui.request_answer import Meaning, Take
from adwarden.ui.request_view import FixedText
from adwarden.ui.search import visible

LONGEST = 16_000
"""Characters that are compared; nobody's header has as many."""

_BOTH = 240
"""Pixels in which what was pasted and what was found of it are seen together."""

_MARKS = {
    Verdict.RIGHT: ("circle-check", "ok"),
    Verdict.EXPLAINED: ("triangle-alert", "bad"),
    Verdict.UNEXPLAINED: ("circle-help", "warn"),
    Verdict.UNREADABLE: ("circle-alert", "warn"),
}
_LEAD = (
    "If another program’s request is refused as well, paste what it sent: what differs is named "
    "part by part."
)
_HINT = "Of another program that X refuses: its Authorization header, or its whole curl command."


class PastedField(KeyField):
    """Takes a header or a command as it is; what is cut off of keys may be the fault here."""

    def __init__(self, icons: Icons) -> None:
        super().__init__("Header or curl command", icons, _HINT)
        # One more, so that a text cut off here is still seen as too long.
        self.edit.setMaxLength(LONGEST + 1)

    def _clean(self, text: str) -> None:
        self.edited.emit()


class SignaturePage(QScrollArea):
    """``wants_signature`` asks for one that is not sent, ``wants_comparison`` what differs.

    ``take`` takes a way out of a refusal that is about the signature.
    """

    wants_signature = Signal()
    wants_comparison = Signal()

    def __init__(self, icons: Icons, clipboard: Clipboard, take: Take) -> None:
        super().__init__()
        self._icons, self._clipboard = icons, clipboard
        self._comparison: Comparison | None = None
        self._meaning = Meaning(take)
        self._lead = Text(_LEAD, wraps=True)
        self._lead.hide()
        self.field = PastedField(icons)
        self._compare = make_button("Compare")
        self._compare.clicked.connect(self.wants_comparison)
        self.field.edit.returnPressed.connect(self._compare.click)
        self.field.edited.connect(self._typed)
        self.field.row.addWidget(self._compare)
        self._result = QWidget()
        self._result.setAccessibleName("Comparison")
        self._result.hide()
        self._rows = QVBoxLayout(self._result)
        self._rows.setContentsMargins(0, 0, 0, 0)
        self._rows.setSpacing(8)
        self._what = Text("", role="dim", wraps=True, selectable=True)
        self._sign = make_button("Sign without sending")
        self._sign.clicked.connect(self.wants_signature)
        self._parts = [
            FixedText(name) for name in ("Parameter string", "Base string", "Signing key", "Header")
        ]
        self._build()
        self._typed()
        self.show_signature(None)

    def _build(self) -> None:
        inside = QWidget()
        column = QVBoxLayout(inside)
        column.setContentsMargins(0, 8, 8, 0)
        column.setSpacing(8)
        for part in (self._meaning, self._lead, self.field, self._result, line()):
            column.addWidget(part)
        head = QHBoxLayout()
        head.setSpacing(8)
        head.addWidget(self._what, 1)
        head.addWidget(self._sign, 0, Qt.AlignmentFlag.AlignTop)
        column.addLayout(head)
        for part, height in zip(self._parts, (84, 84, 34, 84), strict=True):
            part.setFixedHeight(height)
            column.addWidget(Labelled(part.accessibleName(), part))
        column.addStretch(1)
        inside.setProperty("transparent", True)
        self.setWidget(inside)
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setAccessibleName("Signature")
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)

    @property
    def pasted(self) -> Secret:
        """What was pasted."""
        return Secret(self.field.text())

    def show_signature(self, explained: Explained | None, *, sent: bool = False) -> None:
        """Show the parts of a signature; ``sent`` tells whether the request was."""
        if explained is None:
            self._what.setText("What a signature is made of is shown once a request was signed.")
            texts = ("",) * 4
        else:
            at = datetime.fromtimestamp(explained.timestamp)
            done = "sent" if sent else "signed, but not sent"
            words = (
                f"{explained.method} {explained.url.partition('?')[0]}, {done} at {at:%H:%M:%S}."
            )
            self._what.setText(breakable(visible(words)))
            mask = explained.masked
            texts = (mask.parameter_string, mask.base_string, mask.signing_key, mask.header)
        for part, text in zip(self._parts, texts, strict=True):
            part.setPlainText(text)

    def lead(self, outcome: Outcome | None) -> None:
        """Say what a refusal means that led here, and what the page is good for now."""
        self._meaning.tell(outcome)
        self._lead.setVisible(outcome is not None)
        self.verticalScrollBar().setValue(0)

    def show_comparison(self, comparison: Comparison | None) -> None:
        """Show how what was pasted differs, what matters first."""
        self._comparison = comparison
        while self._rows.count():
            item = self._rows.takeAt(0)
            if item is not None and (part := item.widget()) is not None:
                part.hide()
                part.deleteLater()
        self._result.hide()  # what is put into it is seen at once when all of it is shown
        if comparison is None:
            return
        icon = _MARKS[comparison.verdict]
        self._rows.addWidget(self._row(icon, comparison.title, comparison.message, ""))
        for one in comparison.differences:
            self._rows.addWidget(self._difference(one))
        copy = make_button("Copy the comparison")
        copy.setToolTip("In words; nothing of what was pasted is in it")
        copy.clicked.connect(lambda: self._clipboard.copy_text(comparison.text))
        self._rows.addWidget(copy, 0, Qt.AlignmentFlag.AlignLeft)
        self._result.show()
        announce(self.field.edit, comparison.text)
        QTimer.singleShot(0, self, self._scroll_to_it)

    def _scroll_to_it(self) -> None:
        """Have in sight what was found, and as much as possible of what it was found in."""
        both = self.viewport().height() >= _BOTH
        self.verticalScrollBar().setValue((self.field if both else self._result).y())

    def forget(self) -> None:
        """Forget what was pasted, and what was found out with it."""
        self.field.clear()
        self.show_comparison(None)
        self.show_signature(None)

    def _typed(self) -> None:
        self._compare.setEnabled(bool(self.field.text().strip()))
        self.show_comparison(None)

    def _difference(self, one: Difference) -> QWidget:
        icon = ("info", "dim") if one.harmless else ("triangle-alert", "bad")
        title = f"{one.part.value} (harmless)" if one.harmless else one.part.value
        return self._row(icon, title, one.words, one.remedy)

    def _row(self, icon: tuple[str, str], title: str, words: str, remedy: str) -> QWidget:
        part = QWidget()
        row = QHBoxLayout(part)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(10)
        row.addWidget(Mark(self._icons, *icon, 16), 0, Qt.AlignmentFlag.AlignTop)
        column = QVBoxLayout()
        column.setSpacing(2)
        column.addWidget(Text(breakable(visible(title)), role="strong", wraps=True))
        for text, role in ((words, ""), (remedy, "dim")):
            if text:
                told = breakable(visible(text))
                column.addWidget(Text(told, role=role, wraps=True, selectable=True))
        row.addLayout(column, 1)
        return part
