"""The dialog ``Add X app``: takes an app's keys, says what looks wrong, has them kept."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection
from itertools import pairwise

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QCloseEvent
from PySide6.QtWidgets import (
    QComboBox,
    QDialog,
    QFrame,
    QHBoxLayout,
    QProgressBar,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from adwarden.domain.errors import AdwardenError, ErrorCode, InputError
from adwarden.domain.key_shapes import Advice, Weight, advise
from adwarden.domain.model import AppAccess, XApp
from adwarden.domain.secret import Secret
from adwarden.services.tasks import Tasks
from adwarden.ui.app_help import app_help
from adwarden.ui.clipboard import Clipboard
from adwarden.ui.fields import KeyField, Labelled, TextField
from adwarden.ui.icons import Icons
from adwarden.ui.notices import Notice, NoticeBar, Remedy, notice_of
from adwarden.ui.parts import Text, announce, make_button
from adwarden.ui.phrases import ACCESS_WORDS
from adwarden.ui.port import Suggest

Add = Callable[[str, Secret, Secret, AppAccess], Awaitable[XApp]]
Unlock = Callable[[], Awaitable[object]]

_LOCKED = (ErrorCode.KEYCHAIN_LOCKED, ErrorCode.KEYCHAIN_DISMISSED, ErrorCode.KEYCHAIN_TIMEOUT)


class AddAppDialog(QDialog):
    """Collects name, keys and access of an X app; emits ``added`` with the app once it is kept.

    ``taken`` returns the names in use, ``suggested`` the apps that a button fills in; without it
    there is no such button. What was typed stays until saving succeeded.
    """

    added = Signal(object)

    def __init__(
        self,
        parent: QWidget | None,
        *,
        add: Add,
        unlock: Unlock,
        taken: Callable[[], Collection[str]],
        tasks: Tasks,
        icons: Icons,
        clipboard: Clipboard,
        suggested: Suggest | None = None,
        title: str = "Add X app",
    ) -> None:
        super().__init__(parent)
        self._add, self._unlock, self._taken = add, unlock, taken
        self._tasks, self._icons = tasks, icons
        self._clipboard, self._suggested = clipboard, suggested
        self._error: NoticeBar | None = None
        self.setWindowTitle(title)
        self.setAccessibleName(title)
        self.setModal(True)
        self._label = TextField("App name", "Your own word for it, such as Agency app")
        self._key = KeyField("API key", icons)
        self._secret = KeyField("API key secret", icons)
        self._access = QComboBox()
        for access, words in ACCESS_WORDS.items():
            self._access.addItem(words, access)
        self._swap = make_button("Exchange the two")
        self._fill = make_button(
            "Fill in the practice app’s keys", name="Fill in the practice app's keys"
        )
        self._busy = QProgressBar()
        self._save = make_button("Save", primary=True)
        self._cancel = make_button("Cancel")
        self._build()
        self._label.edit.textEdited.connect(lambda _: self._label.say(""))
        self._key.edited.connect(self._advise)
        self._secret.edited.connect(self._advise)
        self._swap.clicked.connect(self._exchange)
        self._fill.clicked.connect(self._fill_in)
        self._save.clicked.connect(self._try)
        self._cancel.clicked.connect(self.reject)
        self._set_busy(False)

    def _build(self) -> None:
        parent = self.parentWidget()
        self.resize(720, min(590, parent.height()) if parent is not None else 590)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        form = QVBoxLayout()
        form.setContentsMargins(24, 20, 24, 8)
        form.setSpacing(12)
        self._form = form
        form.addWidget(Text(self.windowTitle(), role="title"))
        form.addWidget(self._fill, 0, Qt.AlignmentFlag.AlignLeft)
        self._fill.setVisible(self._suggested is not None)
        form.addWidget(self._label)
        form.addWidget(self._key)
        form.addWidget(self._swap, 0, Qt.AlignmentFlag.AlignLeft)
        form.addWidget(self._secret)
        hint = "The Ads API access that X approved for this app."
        self._access_field = Labelled("App access", self._access, hint)
        form.addWidget(self._access_field)
        form.addStretch(1)
        self._swap.hide()
        holder = QWidget()
        holder.setLayout(form)
        scroll = self._scroll = QScrollArea()
        scroll.setWidget(holder)
        scroll.setWidgetResizable(True)
        scroll.setFrameShape(QFrame.Shape.NoFrame)
        scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        left = QVBoxLayout()
        left.setSpacing(0)
        left.addWidget(scroll, 1)
        left.addLayout(self._footer())
        row.addLayout(left, 1)
        row.addWidget(app_help(practice=self._suggested is not None))
        chain = (
            self._fill, self._label.edit, self._key.edit, self._key.reveal, self._swap,
            self._secret.edit, self._secret.reveal, self._access, self._save, self._cancel,
        )  # fmt: skip
        for first, second in pairwise(chain):
            QWidget.setTabOrder(first, second)
        (self._label.edit if self._suggested is None else self._fill).setFocus()

    def _footer(self) -> QVBoxLayout:
        footer = QVBoxLayout()
        footer.setContentsMargins(24, 8, 24, 16)
        footer.setSpacing(10)
        self._busy.setRange(0, 0)
        self._busy.setTextVisible(False)
        self._busy.setFixedHeight(4)
        self._busy.setAccessibleName("Saving to the system keychain")
        footer.addWidget(self._busy)
        buttons = QHBoxLayout()
        buttons.setSpacing(8)
        buttons.addStretch(1)
        buttons.addWidget(self._cancel)
        buttons.addWidget(self._save)
        self._save.setDefault(True)
        footer.addLayout(buttons)
        return footer

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
        self._save.setFocus()

    def _try(self) -> None:
        refused = self._refused()
        if refused is not None:
            refused.setFocus()
            return
        self._drop_error()
        self._tasks.spawn(self, "add X app", self._keep())

    def _refused(self) -> QWidget | None:
        """Say beside each field what keeps it from being saved; return the first such field."""
        first: QWidget | None = None
        certain = {item.field for item in self._advise() if item.weight is Weight.CERTAIN}
        label = self._label.text()
        if not label:
            self._label.say("Give the app a name.", "error")
            first = self._label.edit
        elif label.casefold() in {name.casefold() for name in self._taken()}:
            self._label.say("Another X app has this name already.", "error")
            first = self._label.edit
        for name, field, missing in (
            ("key", self._key, "Paste the API key."),
            ("secret", self._secret, "Paste the API key secret."),
        ):
            if not field.text():
                field.say(missing, "error")
            if not field.text() or name in certain:
                first = first or field.edit
        return first

    async def _keep(self) -> None:
        self._set_busy(True)
        try:
            app = await self._add(
                self._label.text(),
                Secret(self._key.text()),
                Secret(self._secret.text()),
                self._access.currentData(),
            )
        except InputError as error:
            self._refuse(error)
        except AdwardenError as error:
            self._show_error(error)
        else:
            self.added.emit(app)
            self.accept()
        finally:
            self._set_busy(False)

    async def _unlock_and_keep(self) -> None:
        try:
            await self._unlock()
        except AdwardenError as error:
            self._show_error(error)
        else:
            await self._keep()

    def _refuse(self, error: InputError) -> None:
        field = {"label": self._label, "key": self._key, "secret": self._secret}.get(error.field)
        if not isinstance(field, (TextField, KeyField)):
            self._show_error(error)
            return
        field.say(" ".join(filter(None, (error.message or error.title, error.remedy))), "error")
        self._set_busy(False)
        field.edit.setFocus()

    def _show_error(self, error: AdwardenError) -> None:
        self._drop_error()
        buttons: tuple[Remedy, ...] = ()
        if error.code in _LOCKED:
            buttons = (Remedy("Unlock and retry", self._retry_unlocked),)
        notice: Notice = notice_of(error, "add-app", *buttons)
        self._error = NoticeBar(notice, self._icons, self._clipboard)
        self._error.closed.connect(self._drop_error)
        self._form.insertWidget(1, self._error)
        self._scroll.ensureVisible(0, 0)
        announce(self, str(error))

    def _retry_unlocked(self) -> None:
        self._tasks.spawn(self, "unlock and add X app", self._unlock_and_keep())

    def _drop_error(self) -> None:
        if self._error is not None:
            self._error.hide()
            self._error.deleteLater()
            self._error = None

    def _set_busy(self, busy: bool) -> None:
        self._busy.setVisible(busy)
        fields = (self._fill, self._label, self._key, self._secret, self._access, self._save)
        for part in fields:
            part.setEnabled(not busy)
        if busy:
            announce(self, "Saving to the system keychain")

    def done(self, result: int) -> None:
        """Stop what still runs for the dialog and forget what was typed."""
        super().done(result)
        self._key.clear()
        self._secret.clear()
        if not result:
            self._tasks.cancel(self)

    def closeEvent(self, event: QCloseEvent) -> None:
        """Count closing as cancelling."""
        event.ignore()
        self.reject()
