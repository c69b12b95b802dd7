"""The dialog ``Ads API approval``: the day on which X approved an app, as its e-mail tells."""

from __future__ import annotations

from datetime import date, datetime, time

from PySide6.QtWidgets import QHBoxLayout, QWidget

from adwarden.domain.model import XApp
from adwarden.ui.fields import TextField
from adwarden.ui.fitted_dialog import FittedDialog
from adwarden.ui.parts import Text, make_button
from adwarden.ui.search import visible

_WIDTH = 440


class ApprovalDialog(FittedDialog):
    """Asks for a day; ``approved_at`` has it once the dialog is accepted, in Unix seconds."""

    def __init__(self, parent: QWidget | None, app: XApp) -> None:
        super().__init__(parent, "Ads API approval", width=_WIDTH, spacing=10)
        self.approved_at = app.approved_at
        column = self.column
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

    def _refuse(self, words: str) -> None:
        self._field.say(words, "error")
        self.fit()

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
