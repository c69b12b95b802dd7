"""The dialog ``Enter the keys again``: for an X app whose keys were regenerated or are gone."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from PySide6.QtWidgets import QWidget

from adwarden.domain.model import AppAccess, XApp
from adwarden.domain.secret import Secret
from adwarden.services.apps import DoubtfulKeysError
from adwarden.services.tasks import Tasks
from adwarden.ui.app_dialog import AddAppDialog
from adwarden.ui.clipboard import Clipboard
from adwarden.ui.icons import Icons
from adwarden.ui.parts import make_button
from adwarden.ui.saving_dialog import Unlock

RENEW = "Enter the keys again"
ALL_THE_SAME = "Keep them all the same"

Renew = Callable[[str, Secret, Secret], Awaitable[XApp]]
Weigh = Callable[[str, Secret, Secret], Awaitable[None]]


class RenewAppDialog(AddAppDialog):
    """Asks for the keys of an app that is here already; its name and access stay as they are.

    ``weigh`` looks at them before they take the place of the others. A person may keep what is
    doubtful, by a button that is there as long as these keys stand in the fields.
    """

    def __init__(
        self,
        parent: QWidget | None,
        app: XApp,
        *,
        renew: Renew,
        weigh: Weigh,
        unlock: Unlock,
        tasks: Tasks,
        icons: Icons,
        clipboard: Clipboard,
    ) -> None:
        self._app_id, self._renew, self._weigh = app.id, renew, weigh
        self._anyway = False
        super().__init__(
            parent,
            add=self._keep,
            unlock=unlock,
            taken=tuple,
            tasks=tasks,
            icons=icons,
            clipboard=clipboard,
            title=RENEW,
            place=app.place,
        )
        self._form.fix(app)
        self._all_the_same = make_button(ALL_THE_SAME)
        self._all_the_same.setProperty("danger", True)
        self._all_the_same.hide()
        self._all_the_same.clicked.connect(self._keep_anyway)
        self._form.add_below_secret(self._all_the_same)
        QWidget.setTabOrder(self._form.chain()[-1], self._all_the_same)
        QWidget.setTabOrder(self._all_the_same, self._save)
        self._form.typed.connect(self._typed)

    async def _keep(self, _label: str, key: Secret, secret: Secret, _access: AppAccess) -> XApp:
        if not self._anyway:
            try:
                await self._weigh(self._app_id, key, secret)
            except DoubtfulKeysError:
                self._all_the_same.show()
                raise
        return await self._renew(self._app_id, key, secret)

    def _keep_anyway(self) -> None:
        self._anyway = True
        self._try()

    def _typed(self) -> None:
        self._anyway = False
        self._all_the_same.hide()
