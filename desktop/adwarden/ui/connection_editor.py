"""The dialogs ``Edit connection``, for a name and a note, and ``Add token``, for a pasted token."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from itertools import pairwise

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QComboBox, QWidget

from adwarden.domain.errors import InputError
from adwarden.domain.key_shapes import Advice, Weight
from adwarden.domain.model import Connection, XApp
from adwarden.domain.secret import Secret
from adwarden.domain.token_shapes import advise_token, read_pair, user_of_token
from adwarden.services.tasks import Tasks
from adwarden.ui.app_help import token_help
from adwarden.ui.clipboard import Clipboard
from adwarden.ui.fields import KeyField, Labelled, NameField, NoteField
from adwarden.ui.icons import Icons
from adwarden.ui.parts import Text, breakable, make_button
from adwarden.ui.saving_dialog import SavingDialog, Unlock, saving_to
from adwarden.ui.search import visible
from adwarden.ui.sheet import Sheet

EDIT, ADD = "Edit connection", "Add token"
ASKING = "Asking X whose token this is"
_EDIT_SIZE, _ADD_SIZE = (480, 390), (720, 480)

Name = Callable[[str, str], Awaitable[Connection]]
"""Keeps a connection's own name and its note."""

Paste = Callable[[str, Secret, Secret, str], Awaitable[Connection]]
"""Has an app's token and secret verified and kept, for the connection of this id if any."""


class NameForm(Sheet):
    """A name and a note for a connection; both may be empty."""

    def __init__(self, connection: Connection, app: str) -> None:
        super().__init__(EDIT)
        words = f"{visible(connection.handle)} through {visible(app)}"
        self.column.addWidget(Text(breakable(words), role="dim", wraps=True))
        self._name = NameField("Name", "Your own word for it, beside the handle")
        self._note = NoteField("Note", "Only for you: who asked for it, what it is for.")
        self._name.edit.setText(connection.label)
        self._note.edit.setPlainText(connection.note)
        self.fields = {"label": self._name, "note": self._note}
        for field in self.fields.values():
            self.column.addWidget(field)
        self.column.addStretch(1)
        QWidget.setTabOrder(*self.chain())

    @property
    def typed(self) -> tuple[str, str]:
        """Name and note."""
        return self._name.text(), self._note.text()

    def chain(self) -> tuple[QWidget, ...]:
        """Return the controls in the order of the Tab key."""
        return (self._name.edit, self._note.edit)

    def begin(self) -> None:
        """Put the focus where one begins."""
        self._name.edit.setFocus()

    def check(self) -> QWidget | None:
        """Refuse a name that is too long; there may be none."""
        return self._name.edit if self._name.too_long() else None

    def forget(self) -> None:
        """Forget nothing: there are no secrets."""


class TokenForm(Sheet):
    """An app, an access token and its secret, with what looks wrong about them.

    Meant for a connection, it takes the token of its user only, until somebody chooses to have
    another user's kept as a new connection.
    """

    def __init__(
        self, apps: Sequence[XApp], app_id: str, connection: Connection | None, icons: Icons
    ) -> None:
        super().__init__(ADD)
        self._connection = connection
        self._app = QComboBox()
        for app in apps:
            self._app.addItem(visible(app.label), app.id)
        self._app.setCurrentIndex(max(0, self._app.findData(app_id)))
        self._token = KeyField("Access token", icons, "Begins with the user’s id and a dash.")
        self._secret = KeyField("Access token secret", icons)
        self._swap = make_button("Exchange the two")
        self._release = make_button("Keep it as a new connection instead")
        self.fields = {"token": self._token, "secret": self._secret}
        self._whose = Text("", wraps=True)
        if connection is not None:
            self._whose.say(breakable(f"A new token for {visible(connection.handle)}."))
        self._whose.setVisible(connection is not None)
        self.column.addWidget(self._whose)
        app_field = Labelled("X app", self._app, "The app whose keys the console shows with it.")
        self._app.setEnabled(connection is None)
        self.column.addWidget(app_field)
        self.column.addWidget(self._token)
        for button in (self._release, self._swap):
            self.column.addWidget(button, 0, Qt.AlignmentFlag.AlignLeft)
            button.hide()
        self.column.addWidget(self._secret)
        self.column.addStretch(1)
        for first, second in pairwise(self.chain()):
            QWidget.setTabOrder(first, second)
        for field in (self._token, self._secret):
            field.pasted.connect(self._take_apart)
            field.edited.connect(self._advise)
        self._swap.clicked.connect(self._exchange)
        self._release.clicked.connect(self._new_instead)

    @property
    def typed(self) -> tuple[str, Secret, Secret, str]:
        """The app's id, the token, its secret, and the id of the connection it is for, if any."""
        app_id: str = self._app.currentData()
        wanted = self._connection.id if self._connection else ""
        return app_id, Secret(self._token.text()), Secret(self._secret.text()), wanted

    def chain(self) -> tuple[QWidget, ...]:
        """Return the controls in the order of the Tab key."""
        return (
            self._app, self._token.edit, self._token.reveal, self._release, self._swap,
            self._secret.edit, self._secret.reveal,
        )  # fmt: skip

    def begin(self) -> None:
        """Put the focus where one begins."""
        self._token.edit.setFocus()

    def forget(self) -> None:
        """Forget what was typed."""
        self._token.clear()
        self._secret.clear()

    def check(self) -> QWidget | None:
        """Say beside each field what keeps it from being saved; return the first such field."""
        certain = {item.field for item in self._advise() if item.weight is Weight.CERTAIN}
        first: QWidget | None = None
        for name, field, missing in (
            ("token", self._token, "Paste the access token."),
            ("secret", self._secret, "Paste the access token secret."),
        ):
            if not field.text():
                field.say(missing, "error")
            if not field.text() or name in certain:
                first = first or field.edit
        return first

    def _take_apart(self, raw: str) -> None:
        pair = read_pair(raw)
        if pair is not None:
            self._token.set_text(pair.token)
            self._secret.set_text(pair.secret)
            self._secret.edit.setFocus()

    def _advise(self) -> tuple[Advice, ...]:
        wanted = self._connection
        found = advise_token(
            self._token.text(),
            self._secret.text(),
            user_id=wanted.user_id if wanted else "",
            handle=visible(wanted.handle) if wanted else "",
        )
        for name, field in (("token", self._token), ("secret", self._secret)):
            mine = [advice for advice in found if advice.field == name]
            words = " ".join((*(advice.words for advice in mine[:1]), *field.notes))
            certain = bool(mine) and mine[0].weight is Weight.CERTAIN
            field.say(words, "error" if certain else "warn" if mine else "dim")
        self._swap.setVisible(any(advice.swap for advice in found))
        owner = user_of_token(self._token.text())
        self._release.setVisible(wanted is not None and owner not in ("", wanted.user_id))
        return found

    def refuse(self, error: InputError) -> bool:
        """Offer the way on as well: X has said that the token is another user's."""
        refused = super().refuse(error)
        wanted, owner = self._connection, user_of_token(self._token.text())
        if error.field == "token" and wanted is not None and owner != wanted.user_id:
            self._release.show()
        return refused

    def _new_instead(self) -> None:
        self._connection = None
        self._whose.hide()
        self._app.setEnabled(True)
        self._advise()
        (self._token if not self._token.text() else self._secret).edit.setFocus()

    def _exchange(self) -> None:
        token, secret = self._token.text(), self._secret.text()
        self._token.set_text(secret)
        self._secret.set_text(token)
        (self._secret if self._token.text() else self._token).edit.setFocus()


class EditConnectionDialog(SavingDialog):
    """Names a connection; emits ``saved`` with it."""

    def __init__(
        self,
        parent: QWidget | None,
        connection: Connection,
        app: str,
        *,
        name: Name,
        unlock: Unlock,
        tasks: Tasks,
        icons: Icons,
        clipboard: Clipboard,
    ) -> None:
        form = NameForm(connection, app)
        super().__init__(
            parent, EDIT, form, work=lambda: name(*form.typed), unlock=unlock, tasks=tasks,
            icons=icons, clipboard=clipboard, size=_EDIT_SIZE, busy=saving_to(connection.place),
        )  # fmt: skip


class AddTokenDialog(SavingDialog):
    """Takes the token of an app's owner; emits ``saved`` with the connection.

    ``connection`` is the one that is to get the token, if any: another user's is refused, and
    can be kept as a new connection instead.
    """

    def __init__(
        self,
        parent: QWidget | None,
        apps: Sequence[XApp],
        app_id: str,
        connection: Connection | None,
        *,
        paste: Paste,
        unlock: Unlock,
        tasks: Tasks,
        icons: Icons,
        clipboard: Clipboard,
    ) -> None:
        form = TokenForm(apps, app_id, connection, icons)
        super().__init__(
            parent, ADD, form, work=lambda: paste(*form.typed), unlock=unlock, tasks=tasks,
            icons=icons, clipboard=clipboard, size=_ADD_SIZE, aside=token_help(), busy=ASKING,
        )  # fmt: skip
