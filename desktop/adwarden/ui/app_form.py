"""The fields for an X app's keys, and what they say of what is typed into them."""

from __future__ import annotations

from collections.abc import Callable, Collection
from itertools import pairwise

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QWidget

from adwarden.domain.key_shapes import Advice, Weight, advise
from adwarden.domain.model import XApp
from adwarden.domain.secret import Secret
from adwarden.ui.fields import KeyField
from adwarden.ui.icons import Icons
from adwarden.ui.parts import make_button
from adwarden.ui.port import Suggest
from adwarden.ui.sheet import AppSheet


class AppForm(AppSheet):
    """Name, key, secret and access of an X app, each with its advice below it.

    ``taken`` returns the names in use, ``suggested`` the apps that a button fills in; without it
    there is no such button. ``filled`` is called when that button has been pressed. ``typed``
    tells that other keys stand in the fields.
    """

    typed = Signal()

    def __init__(
        self,
        title: str,
        icons: Icons,
        taken: Callable[[], Collection[str]],
        suggested: Suggest | None,
        filled: Callable[[], None],
    ) -> None:
        super().__init__(title, taken)
        self._suggested, self._filled = suggested, filled
        self._key = KeyField("API key", icons)
        self._secret = KeyField("API key secret", icons)
        self._swap = make_button("Exchange the two")
        self._fill = make_button(
            "Fill in the practice app’s keys", name="Fill in the practice app's keys"
        )
        self.fields = {"label": self._label, "key": self._key, "secret": self._secret}
        self._build()
        self._key.edited.connect(self._advise)
        self._secret.edited.connect(self._advise)
        self._key.edited.connect(self.typed)
        self._secret.edited.connect(self.typed)
        self._swap.clicked.connect(self._exchange)
        self._fill.clicked.connect(self._fill_in)

    @property
    def keys(self) -> tuple[Secret, Secret]:
        """The API key and its secret."""
        return Secret(self._key.text()), Secret(self._secret.text())

    def chain(self) -> tuple[QWidget, ...]:
        """Return the controls in the order of the Tab key."""
        return (
            self._fill, self._label.edit, self._key.edit, self._key.reveal, self._swap,
            self._secret.edit, self._secret.reveal, self._access,
        )  # fmt: skip

    def begin(self) -> None:
        """Put the focus where one begins."""
        (self._label.edit if self._suggested is None else self._fill).setFocus()

    def fix(self, app: XApp) -> None:
        """Ask for the keys of this app only; its name and access stay as they are."""
        self._label.edit.setText(app.label)
        self._label.edit.setReadOnly(True)
        self._access_field.hide()
        self._key.edit.setFocus()

    def add_below_secret(self, control: QWidget) -> None:
        """Put a control where what is said of the keys stands."""
        place = self.column.indexOf(self._secret) + 1
        self.column.insertWidget(place, control, 0, Qt.AlignmentFlag.AlignLeft)

    def forget(self) -> None:
        """Forget the keys that were typed."""
        self._key.clear()
        self._secret.clear()

    def check(self) -> QWidget | None:
        """Say beside each field what keeps it from being saved; return the first such field."""
        certain = {item.field for item in self._advise() if item.weight is Weight.CERTAIN}
        first = self.check_label()
        for name, field, missing in (
            ("key", self._key, "Paste the API key."),
            ("secret", self._secret, "Paste the API key secret."),
        ):
            if not field.text():
                field.say(missing, "error")
            if not field.text() or name in certain:
                first = first or field.edit
        return first

    def _build(self) -> None:
        column = self.column
        column.addWidget(self._fill, 0, Qt.AlignmentFlag.AlignLeft)
        self._fill.setVisible(self._suggested is not None)
        column.addWidget(self._label)
        column.addWidget(self._key)
        column.addWidget(self._swap, 0, Qt.AlignmentFlag.AlignLeft)
        column.addWidget(self._secret)
        column.addWidget(self._access_field)
        column.addStretch(1)
        self._swap.hide()
        for first, second in pairwise(self.chain()):
            QWidget.setTabOrder(first, second)

    def _advise(self) -> tuple[Advice, ...]:
        found = advise(self._key.text(), self._secret.text())
        for name, field in (("key", self._key), ("secret", self._secret)):
            mine = [advice for advice in found if advice.field == name]
            if mine:
                certain = mine[0].weight is Weight.CERTAIN
                words = " ".join((mine[0].words, *field.notes))
                field.say(words, "error" if certain else "warn")
            else:
                field.say(" ".join(field.notes))
        self._swap.setVisible(any(advice.swap for advice in found))
        return found

    def _exchange(self) -> None:
        key, secret = self._key.text(), self._secret.text()
        self._key.set_text(secret)
        self._secret.set_text(key)
        (self._secret if self._key.text() else self._key).edit.setFocus()

    def _fill_in(self) -> None:
        """Put in the first suggested app that is not here yet; the person still saves it."""
        apps = self._suggested() if self._suggested is not None else ()
        taken = {name.casefold() for name in self._taken()}
        app = next((one for one in apps if one.label.casefold() not in taken), None)
        if app is None:
            self._label.say("All practice apps are here already.", "warn")
            return
        # Public keys, put where a person would paste them; those of X never come this way.
        self._label.edit.setText(app.label)
        self._label.say("")
        self._key.set_text(app.key.unwrap())
        self._secret.set_text(app.secret.unwrap())
        self._access.setCurrentIndex(self._access.findData(app.access))
        self._filled()
