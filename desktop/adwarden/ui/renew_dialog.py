"""The dialog ``Enter the keys again``: for an X app whose keys were regenerated or are gone."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from PySide6.QtWidgets import QWidget

from adwarden.domain.model import AppAccess, XApp
from adwarden.domain.secret import Secret
from adwarden.services.tasks import Tasks
from adwarden.ui.app_dialog import AddAppDialog
from adwarden.ui.clipboard import Clipboard
from adwarden.ui.icons import Icons
from adwarden.ui.saving_dialog import Unlock

RENEW = "Enter the keys again"

Renew = Callable[[str, Secret, Secret], Awaitable[XApp]]


class RenewAppDialog(AddAppDialog):
    """Asks for the keys of an app that is here already; its name and access stay as they are."""

    def __init__(
        self,
        parent: QWidget | None,
        app: XApp,
        *,
        renew: Renew,
        unlock: Unlock,
        tasks: Tasks,
        icons: Icons,
        clipboard: Clipboard,
    ) -> None:
        def keep(label: str, key: Secret, secret: Secret, access: AppAccess) -> Awaitable[XApp]:
            return renew(app.id, key, secret)

        super().__init__(
            parent,
            add=keep,
            unlock=unlock,
            taken=tuple,
            tasks=tasks,
            icons=icons,
            clipboard=clipboard,
            title=RENEW,
            place=app.place,
        )
        self._form.fix(app)
