"""The notices about apps whose keys are missing or refused: there as long as that is so."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QUrl
from PySide6.QtGui import QDesktopServices

from adwarden.domain.app_facts import keys_trouble
from adwarden.domain.checks import Finding, Way, ways_of
from adwarden.domain.model import AppState, XApp
from adwarden.ui.commands import app_keys_notice
from adwarden.ui.notices import Level, Notice, Notices, Remedy
from adwarden.ui.store import State

_FINDINGS = {
    AppState.KEYS_MISSING: Finding.NO_KEYS,
    AppState.WRONG_KEYS: Finding.WRONG_KEYS,
    AppState.SUSPENDED: Finding.APP_SUSPENDED,
}


class AppNotices:
    """Reads the state; ``renew`` asks for an app's keys again. What was closed stays closed."""

    def __init__(self, state: State, notices: Notices, renew: Callable[[str], None]) -> None:
        self._state, self._notices, self._renew = state, notices, renew
        self._told: dict[str, AppState] = {}

    def see(self) -> None:
        """Show notices, change them, or take them away."""
        now = {one.id: one for one in self._state.apps.values() if one.state in _FINDINGS}
        for app_id in self._told.keys() - now.keys():
            self._notices.dismiss(app_keys_notice(app_id))
        for app in now.values():
            if self._told.get(app.id) is not app.state:
                self._notices.show_notice(self._notice(app))
        self._told = {one.id: one.state for one in now.values()}

    def _notice(self, app: XApp) -> Notice:
        title, message, remedy = keys_trouble(app)
        found = (self._remedy(way, app) for way in ways_of(_FINDINGS[app.state]))
        return Notice(
            app_keys_notice(app.id),
            Level.ERROR,
            f"{app.label}: {title}.",
            message,
            remedy,
            buttons=tuple(one for one in found if one is not None),
        )

    def _remedy(self, way: Way, app: XApp) -> Remedy | None:
        if way.page:
            return Remedy(way.value, lambda: _open(way.page), closes=False)
        if way is Way.KEYS:
            return Remedy(way.value, lambda: self._renew(app.id), closes=False)
        return None


def _open(page: str) -> None:
    QDesktopServices.openUrl(QUrl(page))
