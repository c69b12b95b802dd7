"""The dialog ``Add X app``: takes an app's keys, says what looks wrong, has them kept."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from adwarden.domain.model import KEYCHAIN, AppAccess, XApp
from adwarden.domain.secret import Secret
from adwarden.services.tasks import Tasks
from adwarden.ui.app_form import AppForm
from adwarden.ui.app_help import app_help
from adwarden.ui.clipboard import Clipboard
from adwarden.ui.icons import Icons
from adwarden.ui.port import Suggest
from adwarden.ui.saving_dialog import SavingDialog, Unlock, saving_to

Add = Callable[[str, Secret, Secret, AppAccess], Awaitable[XApp]]

SIZE = (720, 590)


class AddAppDialog(SavingDialog):
    """Has an X app's name, keys and access kept; emits ``added`` with the app once they are.

    ``taken`` and ``suggested`` are the form's, ``place`` is where the keys will be kept. What was
    typed stays until saving succeeded.
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
        place: str = KEYCHAIN,
    ) -> None:
        form = AppForm(title, icons, taken, suggested, lambda: self._save.setFocus())
        self._form = form
        super().__init__(
            parent,
            title,
            form,
            work=lambda: add(form.label, *form.keys, form.access),
            unlock=unlock,
            tasks=tasks,
            icons=icons,
            clipboard=clipboard,
            size=SIZE,
            aside=app_help(practice=suggested is not None, place=place),
            busy=saving_to(place),
        )
        self.saved.connect(self.added)
