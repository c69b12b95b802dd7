"""Makes an access report: asks what and where, has it written, tells where it is."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QUrl
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QWidget

from adwarden.domain.errors import AdwardenError
from adwarden.domain.report import Scope
from adwarden.storage.report_file import ExistsError
from adwarden.storage.settings import STALE_HOURS, Settings
from adwarden.ui.details_place import Place
from adwarden.ui.dialogs import Question, outcome
from adwarden.ui.notices import Level, Notice, Notices, Remedy, notice_of
from adwarden.ui.phrases import ad_accounts, counted
from adwarden.ui.report_dialog import Choice, ReportDialog
from adwarden.ui.store import State

if TYPE_CHECKING:
    from adwarden.ui.port import Services

NOTICE = "report"


class Reporting:
    """One report after the other; remembers the folder for as long as the window lives."""

    def __init__(
        self,
        owner: QWidget,
        services: Services,
        settings: Settings,
        state: State,
        notices: Notices,
        clock: Callable[[], float],
    ) -> None:
        self._owner, self._services, self._settings = owner, services, settings
        self._state, self._notices, self._clock = state, notices, clock
        self._folder: Path | None = None
        self._asking = False

    async def make(self, place: Place) -> None:
        """Ask, write and tell; a second wish while one is asked about does nothing."""
        if self._asking:
            return
        self._asking = True
        try:
            await self._make(place)
        finally:
            self._asking = False

    async def _make(self, place: Place) -> None:
        choices = choices_of(self._state, place)
        dialog = ReportDialog(
            self._owner,
            choices,
            now=self._clock(),
            chosen=len(choices) - 1,
            folder=self._folder,
        )
        if not await outcome(dialog):
            return
        path, kind, scope = dialog.path, dialog.kind, dialog.scope
        try:
            rows = await self._write(path, kind, scope)
        except AdwardenError as error:
            self._notices.show_notice(notice_of(error, NOTICE))
            return
        if rows is None:
            return
        self._folder = path.parent
        self._notices.show_notice(
            Notice(
                NOTICE,
                Level.INFO,
                "The report was written",
                f"{counted(rows, 'row', 'rows')} in {path}.",
                buttons=(Remedy("Show in folder", lambda: show_folder(path.parent)),),
            )
        )

    async def _write(self, path: Path, kind: str, scope: Scope) -> int | None:
        """Write; asks about a file that is there. Returns ``None`` where it shall stay."""
        stale_after = self._settings.get(STALE_HOURS) * 3600.0
        write = self._services.reports.write
        try:
            return await write(path, kind, scope, stale_after=stale_after)
        except ExistsError:
            if not await outcome(replace_question(self._owner, path)):
                return None
            return await write(path, kind, scope, stale_after=stale_after, replace=True)


def choices_of(state: State, place: Place) -> list[Choice]:
    """Return what a report can cover: everything first, then what is selected."""
    connections = len(state.connections)
    told = f"{counted(connections, 'connection', 'connections')}, {ad_accounts(state.total)}"
    found = [Choice(f"Everything ({told})", Scope())]
    connection = state.connections.get(place.connection_id)
    if connection is not None:
        count = ad_accounts(state.count(connection.id))
        found.append(Choice(f"{connection.handle} ({count})", Scope(frozenset({connection.id}))))
        entry = state.entry(connection.id, place.account_id)
        if entry is not None:
            name = entry.account.name or entry.account.id
            scope = Scope(accounts=frozenset({entry.account.id}))
            found.append(Choice(f"{name}, through every connection", scope))
        return found
    app = state.apps.get(place.app_id)
    mine = state.connections_of(place.app_id) if app else ()
    if app is not None and mine:
        ids = frozenset(one.id for one in mine)
        words = f"{app.label} ({counted(len(ids), 'connection', 'connections')})"
        found.append(Choice(words, Scope(ids)))
    return found


def replace_question(parent: QWidget | None, path: Path, about: str = "") -> Question:
    """Ask whether a file may be replaced; 1 is yes. ``about`` says what else becomes of it."""
    about = about or f"{path.name} is in {path.parent} already. Its content would be gone."
    dialog = Question(parent, "Replace the file?", about)
    cancel = dialog.answer("Cancel", 0)
    dialog.answer("Replace", 1).setProperty("danger", True)
    cancel.setDefault(True)
    cancel.setFocus()
    return dialog


def show_folder(folder: Path) -> None:
    """Open a folder in the system's own file manager."""
    QDesktopServices.openUrl(QUrl.fromLocalFile(str(folder)))
