"""The dialog ``Edit X app``: its name, access and note, and the secrets beside its keys.

No secret is ever shown in it: it says which there are, and takes new ones.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection
from itertools import pairwise

from PySide6.QtWidgets import QHBoxLayout, QWidget

from adwarden.domain.key_shapes import Weight
from adwarden.domain.model import XApp
from adwarden.domain.secret import Secret
from adwarden.domain.token_shapes import advise_optional
from adwarden.services.tasks import Tasks
from adwarden.ui.clipboard import Clipboard
from adwarden.ui.dialogs import Question, outcome
from adwarden.ui.fields import KeptField, NoteField
from adwarden.ui.icons import Icons
from adwarden.ui.parts import Text, line, make_button
from adwarden.ui.port import AppEditor
from adwarden.ui.saving_dialog import SavingDialog, Unlock, saving_to
from adwarden.ui.sheet import AppSheet

SIZE = (560, 680)
TITLE = "Edit X app"


class AppEditForm(AppSheet):
    """The fields; ``taken`` returns the names of the other apps."""

    def __init__(self, app: XApp, icons: Icons, taken: Callable[[], Collection[str]]) -> None:
        super().__init__(TITLE, taken)
        self._note = NoteField("Note", "Only for you: whose app it is, what it is for.")
        self.secrets = {
            "bearer": KeptField("Bearer token", icons),
            "client_id": KeptField("Client ID", icons),
            "client_secret": KeptField("Client secret", icons),
        }
        self.fields = {"label": self._label, "note": self._note, **self.secrets}
        self.fetch = make_button("Fetch bearer token")
        self.invalidate = make_button("Invalidate …", name="Invalidate the bearer token")
        self.invalidate.setProperty("danger", True)
        for name, field in self.secrets.items():
            field.edited.connect(lambda name=name: self._advise(name))
        self.secrets["bearer"].remove.clicked.connect(self._again)
        self._build()
        self._label.edit.setText(app.label)
        self._access.setCurrentIndex(self._access.findData(app.access))
        self._note.edit.setPlainText(app.note)
        self.show_kept(app.holds)

    @property
    def note(self) -> str:
        """The note, as typed."""
        return self._note.text()

    @property
    def typed(self) -> dict[str, Secret]:
        """The secrets that were typed; those that were left empty are not among them."""
        return {name: Secret(one.text()) for name, one in self.secrets.items() if one.text()}

    @property
    def removed(self) -> tuple[str, ...]:
        """The names of the secrets that are to be forgotten."""
        return tuple(name for name, one in self.secrets.items() if one.removed)

    def show_kept(self, holds: Collection[str], only: str = "") -> None:
        """Say which secrets there are, of all or of ``only`` one."""
        for name, field in self.secrets.items():
            if only in ("", name):
                field.show_kept(kept=name in holds)
        self.invalidate.setVisible("bearer" in holds)
        self._again()

    def chain(self) -> tuple[QWidget, ...]:
        """Return the controls in the order of the Tab key."""
        bearer, *others = self.secrets.values()
        return (
            self._label.edit, self._access, self._note.edit,
            bearer.edit, bearer.reveal, bearer.remove, self.fetch, self.invalidate,
            *(part for one in others for part in (one.edit, one.reveal, one.remove)),
        )  # fmt: skip

    def begin(self) -> None:
        """Put the focus where one begins."""
        self._label.edit.setFocus()

    def forget(self) -> None:
        """Forget the secrets that were typed."""
        for field in self.secrets.values():
            field.clear()

    def check(self) -> QWidget | None:
        """Say beside each field what keeps it from being saved; return the first such field."""
        first = self.check_label()
        for name, field in self.secrets.items():
            if self._advise(name):
                first = first or field.edit
        return first

    def _build(self) -> None:
        column = self.column
        column.addWidget(self._label)
        column.addWidget(self._access_field)
        column.addWidget(self._note)
        column.addWidget(line())
        words = (
            "What is kept is not shown here, and stays as it is where a field is left empty. The "
            "Ads API needs none of these three; other calls of X do."
        )
        column.addWidget(Text(words, role="dim", wraps=True))
        bearer, *others = self.secrets.values()
        column.addWidget(bearer)
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addWidget(self.fetch)
        row.addWidget(self.invalidate)
        row.addStretch(1)
        column.addLayout(row)
        for field in others:
            column.addWidget(field)
        column.addStretch(1)
        for first, second in pairwise(self.chain()):
            QWidget.setTabOrder(first, second)

    def _again(self) -> None:
        """Let the buttons of the bearer token rest while saving is to remove it."""
        for button in (self.fetch, self.invalidate):
            button.setEnabled(not self.secrets["bearer"].removed)

    def _advise(self, name: str) -> bool:
        """Say what looks wrong with a secret; return whether it is certain."""
        field = self.secrets[name]
        if field.removed:
            return False
        found = advise_optional(name, field.text())
        words = " ".join(filter(None, (found.words if found else "", *field.notes)))
        certain = found is not None and found.weight is Weight.CERTAIN
        field.say(words, "error" if certain else "warn" if found else "dim")
        return certain


class EditAppDialog(SavingDialog):
    """Changes an app; emits ``saved`` with it. The bearer token's two buttons act at once."""

    def __init__(
        self,
        parent: QWidget | None,
        app: XApp,
        *,
        apps: AppEditor,
        taken: Callable[[], Collection[str]],
        unlock: Unlock,
        tasks: Tasks,
        icons: Icons,
        clipboard: Clipboard,
    ) -> None:
        form = AppEditForm(app, icons, taken)
        self._form, self._app, self._apps = form, app, apps

        def edit() -> Awaitable[XApp]:
            return apps.edit(
                app.id,
                label=form.label,
                access=form.access,
                note=form.note,
                secrets=form.typed,
                removed=form.removed,
            )

        super().__init__(
            parent, TITLE, form, work=edit, unlock=unlock, tasks=tasks, icons=icons,
            clipboard=clipboard, size=SIZE, busy=saving_to(app.place),
        )  # fmt: skip
        form.fetch.clicked.connect(
            lambda: self.do("fetch bearer token", "Asking X for the bearer token", self._fetch)
        )
        form.invalidate.clicked.connect(
            lambda: tasks.spawn(self, "ask whether to invalidate", self._ask())
        )

    async def _fetch(self) -> None:
        app = await self._apps.fetch_bearer(self._app.id)
        self._form.show_kept(app.holds, "bearer")
        self._form.secrets["bearer"].say("Fetched from X, and kept.")
        self._form.fetch.setFocus()

    async def _ask(self) -> None:
        question = Question(
            self,
            "Invalidate the bearer token?",
            f"X forgets the bearer token of {self._app.label}: every program that uses it stops "
            "working. Then it is deleted here. Connections are not affected.",
        )
        cancel = question.answer("Cancel", 0)
        question.answer("Invalidate", 1).setProperty("danger", True)
        cancel.setDefault(True)
        cancel.setFocus()
        if await outcome(question):
            self.do("invalidate bearer token", "Asking X to forget it", self._invalidate)

    async def _invalidate(self) -> None:
        app = await self._apps.invalidate_bearer(self._app.id)
        self._form.show_kept(app.holds, "bearer")
        self._form.secrets["bearer"].say("X has forgotten it, and so has Adwarden.")
        self._form.fetch.setFocus()
