"""What the window does to check connections and apps' keys, and the ways out of what is found."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Iterable
from typing import TYPE_CHECKING, Any

from PySide6.QtWidgets import QWidget

from adwarden.domain.checks import CheckResult, Finding, Way
from adwarden.domain.model import KEYCHAIN, XApp
from adwarden.services.tasks import Tasks
from adwarden.ui.clipboard import Clipboard
from adwarden.ui.details_place import Place
from adwarden.ui.icons import Icons
from adwarden.ui.notices import Notices, row_notice
from adwarden.ui.phrases import counted
from adwarden.ui.store import State

if TYPE_CHECKING:
    from adwarden.ui.check_dialog import CheckDialog
    from adwarden.ui.commands import Commands
    from adwarden.ui.port import Services


class CheckWork:
    """The verbs; ``owner`` is the window. What is wrong with keys is told by their app's notice.

    ``unlock`` has a place unlocked and then goes on, ``places`` shows where secrets are kept,
    ``spawn`` runs a coroutine and tells what it raises.
    """

    def __init__(
        self,
        owner: QWidget,
        services: Services,
        tasks: Tasks,
        state: State,
        notices: Notices,
        icons: Icons,
        clipboard: Clipboard,
        commands: Commands,
        say: Callable[[str], None],
        *,
        unlock: Callable[[str, Callable[[], None]], None],
        places: Callable[[], None],
        spawn: Callable[[str, Coroutine[Any, Any, object]], None],
    ) -> None:
        self._owner, self._services, self._tasks = owner, services, tasks
        self._state, self._notices = state, notices
        self._icons, self._clipboard = icons, clipboard
        self._commands, self._say = commands, say
        self._unlock, self._places, self._spawn = unlock, places, spawn
        self._dialog: CheckDialog | None = None

    def close(self) -> None:
        """Close the list of results."""
        if self._dialog is not None:
            self._dialog.close()

    def check(self, place: Place) -> None:
        """Check the selected connection, or all of the selected app."""
        if place.connection_id in self._state.connections:
            self._check([place.connection_id])
        elif place.app_id in self._state.apps:
            self._check(self._of_app(place.app_id))

    def check_all(self) -> None:
        """Check every connection, and of apps without any the keys."""
        alone = (one for one in self._state.apps if not self._state.connections_of(one))
        self._check([*self._state.connections, *alone])

    def recheck(self, app: XApp, said: str) -> None:
        """Have X look at keys that were just kept, then at the connections made with them.

        ``said`` is what the person has been told, to which the outcome is added.
        """
        self._spawn("check the keys", self._recheck(app, said))

    async def _recheck(self, app: XApp, said: str) -> None:
        label, check = app.label, self._ask
        self._say(f"{said}. Asking X about the keys …")
        also = ""
        for keys in await check([app.id]):
            if not keys.works:
                self._say(f"{said}. {_not_right(keys)}")
                return  # each of its connections would say the same once more
            also = f", but: {keys.title}" if keys.trouble else ""
        ids = [one.id for one in self._state.connections_of(app.id)]
        if not ids:
            self._say(f"{said}. X accepts the keys{also}")
            return
        self._say(f"{said}. Checking {counted(len(ids), 'connection', 'connections')} …")
        results = await check(ids)
        trouble = [one for one in results if one.trouble and not one.works]
        if trouble:
            dialog = self._open(ids)
            dialog.explain(
                f"The keys of {label} were kept. X ends the tokens of an app when its API "
                "keys are regenerated: the users of these have to authorize again."
                if any(Way.RECONNECT in one.ways for one in trouble)
                else f"The keys of {label} were kept, but not everything works with them."
            )
            dialog.show_results(results, only_trouble=True)
        else:
            works = counted(len(results), "connection works", "connections work")
            self._say(f"{said}. {works}")
        for one in results:
            if one.works:
                self._commands.refresh(one.connection_id)

    async def _ask(
        self, ids: Iterable[str], told: Callable[[CheckResult], None] = lambda _: None
    ) -> tuple[CheckResult, ...]:
        """Check; what works is in the notices no longer."""

        def heard(result: CheckResult) -> None:
            if result.works:
                for id_ in (result.connection_id, result.app_id):
                    self._notices.dismiss(row_notice(id_))
            told(result)

        return await self._services.checking.check(ids, heard)

    def _of_app(self, app_id: str) -> list[str]:
        """Return what of an app is checked: its connections, or the keys alone without any."""
        return [one.id for one in self._state.connections_of(app_id)] or [app_id]

    def _check(self, ids: list[str]) -> None:
        if ids:
            self._open(ids).begin()

    def _open(self, ids: Iterable[str]) -> CheckDialog:
        from adwarden.ui.check_dialog import CheckDialog

        self.close()
        dialog = CheckDialog(
            self._owner,
            tuple(ids),
            check=self._ask,
            go=self._go,
            tasks=self._tasks,
            icons=self._icons,
            clipboard=self._clipboard,
        )
        dialog.finished.connect(lambda: self._closed(dialog))
        self._dialog = dialog
        dialog.show()
        return dialog

    def _closed(self, dialog: CheckDialog) -> None:
        if self._dialog is dialog:
            self._dialog = None

    def _go(self, way: Way, result: CheckResult) -> None:
        """Take a way out of what a check has found."""
        ways: dict[Way, Callable[[], None]] = {
            Way.RECONNECT: lambda: self._commands.reconnect(result.connection_id),
            Way.KEYS: lambda: self._commands.renew_app(result.app_id),
            Way.PLACES: self._places,
            Way.UNLOCK: lambda: self._unlock(self._place(result), self._again),
        }
        ways[way]()

    def _again(self) -> None:
        if self._dialog is not None:
            self._dialog.begin()

    def _place(self, result: CheckResult) -> str:
        rows = (
            self._state.connections.get(result.connection_id),
            self._state.apps.get(result.app_id),
        )
        return next((row.place for row in rows if row is not None), KEYCHAIN)


def _not_right(keys: CheckResult) -> str:
    """Say in one line why X has not accepted an app's keys."""
    refused = (Finding.WRONG_KEYS, Finding.NO_KEYS, Finding.APP_SUSPENDED)
    title = keys.title.rstrip(".")
    return title if keys.finding in refused else f"The keys were not checked: {title}"
