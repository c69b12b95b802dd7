"""The dialog ``Ads API approval``: the day on which X approved an app, as its e-mail tells."""

from __future__ import annotations

from datetime import date, datetime, time

from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QDialog, QHBoxLayout, QVBoxLayout, QWidget

from adwarden.domain.model import XApp
from adwarden.ui.fields import TextField
from adwarden.ui.parts import Text, make_button
from adwarden.ui.search import visible

_WIDTH = 440


class ApprovalDialog(QDialog):
    """Asks for a day; ``approved_at`` has it once the dialog is accepted, in Unix seconds."""

    def __init__(self, parent: QWidget | None, app: XApp) -> None:
        super().__init__(parent)
        self.approved_at = app.approved_at
        self.setWindowTitle("Ads API approval")
        self.setAccessibleName("Ads API approval")
        self.setModal(True)
        self.setFixedWidth(_WIDTH)
        self._column = column = QVBoxLayout(self)
        column.setContentsMargins(24, 20, 24, 16)
        column.setSpacing(10)
        column.addWidget(Text("Ads API approval", role="title"))
        words = (
            f"When did X approve {visible(app.label)} for the Ads API? Tokens that users "
            "authorized before that day never work there; with the day noted they are pointed out."
        )
        column.addWidget(Text(words, wraps=True))
        self._field = TextField("Approved on", "Year-month-day, such as 2026-05-03", limit=20)
        if app.approved_at is not None:
            self._field.edit.setText(datetime.fromtimestamp(app.approved_at).date().isoformat())
        column.addWidget(self._field)
        row = QHBoxLayout()
        row.setSpacing(8)
        if app.approved_at is not None:
            forget = make_button("Forget it")
            forget.clicked.connect(self._forget)
            row.addWidget(forget)
        row.addStretch(1)
        cancel, save = make_button("Cancel"), make_button("Save", primary=True)
        cancel.clicked.connect(self.reject)
        save.clicked.connect(self._save)
        save.setDefault(True)
        row.addWidget(cancel)
        row.addWidget(save)
        column.addLayout(row)
        self._field.edit.setFocus()

    def showEvent(self, event: QShowEvent) -> None:
        """Be as high as the words need at this width."""
        super().showEvent(event)
        self._fit()

    def _fit(self) -> None:
        self.setFixedHeight(self._column.heightForWidth(_WIDTH))

    def _refuse(self, words: str) -> None:
        self._field.say(words, "error")
        self._fit()

    def _forget(self) -> None:
        self.approved_at = None
        self.accept()

    def _save(self) -> None:
        try:
            day = date.fromisoformat(self._field.text())
            moment = datetime.combine(day, time()).timestamp()
        except (ValueError, OverflowError, OSError):
            self._refuse("This is not a day. Write it as 2026-05-03.")
            return
        if day > date.today():
            self._refuse("This day is still to come.")
            return
        self.approved_at = moment
        self.accept()
