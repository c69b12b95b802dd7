"""The main window: puts the parts together and keeps them on the same selection.

What the actions do is in the commands, what is known in the state.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from functools import cached_property
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from PySide6.QtGui import QCloseEvent
from PySide6.QtWidgets import QMainWindow, QWidget

from adwarden.domain.errors import AdwardenError
from adwarden.domain.model import Snapshot
from adwarden.services.events import Event, RefreshEnded
from adwarden.services.tasks import Tasks
from adwarden.storage import settings as known
from adwarden.storage.settings import Setting, Settings
from adwarden.ui.account_tree import AccountTree
from adwarden.ui.actions import Actions, Id
from adwarden.ui.clipboard import window_clipboard
from adwarden.ui.commands import Authorize, Commands
from adwarden.ui.details import Details
from adwarden.ui.details_place import Place
from adwarden.ui.icons import Icons
from adwarden.ui.keeper import SettingsKeeper
from adwarden.ui.notices import Level, Notices, notice_of, trouble_id
from adwarden.ui.on_demand import OnDemand, asked_actions
from adwarden.ui.panes import Panes, first_pages, restore_window, to_text, under
from adwarden.ui.phrases import now as time_now
from adwarden.ui.port import Services, Suggest
from adwarden.ui.rail import Rail
from adwarden.ui.refresh_words import refresh_tip
from adwarden.ui.selecting import Selecting
from adwarden.ui.status_bar import StatusBar
from adwarden.ui.store import State
from adwarden.ui.theme import Theme
from adwarden.ui.toolbar import ToolBar
from adwarden.ui.tree_ways import TreeWays, way_actions
from adwarden.ui.watch import Watch, practice_notice, ways_of

if TYPE_CHECKING:
    from adwarden.ui.dialogs import UnexpectedReports
    from adwarden.ui.history_watch import HistoryWatch

MINIMUM = (800, 560)
USUAL = (1280, 800)


class MainWindow(QMainWindow):
    """The window ``Adwarden``; closing it asks the program to quit.

    ``practice`` starts the practice server; ``suggested`` returns its apps, in practice only.
    """

    def __init__(
        self,
        services: Services,
        tasks: Tasks,
        settings: Settings,
        theme: Theme,
        icons: Icons,
        authorize: Authorize,
        quit_requested: Callable[[], None],
        *,
        practice: Callable[[], None] | None = None,
        suggested: Suggest | None = None,
        clock: Callable[[], float] = time_now,
    ) -> None:
        super().__init__()
        self._services, self._tasks, self._settings = services, tasks, settings
        self._theme, self._icons, self._clock = theme, icons, clock
        self._quit_requested, self._practice = quit_requested, practice
        self._loaded = False
        self._endings: list[Callable[[], None]] = []
        self._state = State(lambda: settings.get(known.VAULT_PLACE))
        self.setWindowTitle("Adwarden")
        self.setAccessibleName("Adwarden")
        self.setMinimumSize(*MINIMUM)
        self._status = StatusBar(self._state, icons, clock, lambda: self._again())
        self._clipboard = self.clipboard = window_clipboard(self._status, settings, icons)
        self._notices = Notices(icons, self._clipboard)
        self.commands = Commands(
            self, services, tasks, self._state, self._notices, icons, self._clipboard,
            authorize, self._status.say, suggested,
        )  # fmt: skip
        self._actions = Actions(self, self._table(), icons)
        self._bar = ToolBar(self._actions, icons)
        self._rail = Rail(self._state, icons, clock)
        self._tree = AccountTree(icons, clock=clock, hidden=self._state.hidden)
        self.on_demand = OnDemand(
            self, services, tasks, settings, self._state, self._notices, self._status.say, clock
        )
        self._details = Details(self.on_demand.pages(
            self.commands, icons, self._clipboard, lambda *at: self.history.open(*at),
        ))  # fmt: skip
        self._selecting = Selecting(
            self, self._state, self._rail, self._tree, self._details, self._actions,
            self._clipboard, can_practice=practice is not None, prioritize=services.prioritize,
        )  # fmt: skip
        self.on_demand.show, self.on_demand.go = self._see, self._selecting.go_to
        focus, say = self._selecting.focus_connection, self._status.say
        ways = ways_of(self.commands, focus, say, lambda: self.on_demand.vault)
        self._watch = Watch(self._state, self._notices, ways, clock)
        self._keeper = SettingsKeeper(settings, tasks, self._settings_failed, self)
        self._panes = self._lay_out(in_practice=suggested is not None)
        self._wire()
        self._ways = TreeWays(
            self._bar, self._tree, self._actions, settings, icons, self._status,
            self._panes.put_above_tree,
        )  # fmt: skip
        self._restore()
        if suggested is not None:
            self._notices.show_notice(practice_notice())

    @cached_property
    def reports(self) -> UnexpectedReports:
        """Where the program's funnel ends."""
        from adwarden.ui.dialogs import UnexpectedReports

        return UnexpectedReports(self, self._icons, self._clipboard)

    @property
    def state(self) -> State:
        """What the window knows."""
        return self._state

    @property
    def _place(self) -> Place:
        return self._details.place

    @cached_property
    def history(self) -> HistoryWatch:
        """What keeps an eye on the history; the first picture needs none of it."""
        from adwarden.ui.history_watch import HistoryWatch

        return HistoryWatch(
            self, self._services, self._tasks, self._settings, self._state, self._notices,
            self._icons, self._selecting.go_to, self._bar.show_news, self._clock,
        )  # fmt: skip

    @property
    def notices(self) -> Notices:
        """The notices on top, for what the program has to tell."""
        return self._notices

    @property
    def settled(self) -> bool:
        """Whether everything that has come is shown."""
        parts = (self._tree, self._rail, self._details, self.history)
        return all(part.settled for part in parts)

    # Starting and ending

    def start(self) -> None:
        """Read the last known state, then look at the keychain; call it on the running loop."""
        self._tasks.spawn(self, "load the last known state", self._load())

    def load(self, snapshot: Snapshot, *, rest: bool = False) -> None:
        """Show a snapshot at once, or what was missing of the one that is shown."""
        self._loaded = True
        snapshot = self._state.cover(snapshot)
        self._state.load(snapshot)
        self._tree.load(snapshot, rest=rest)
        self._rail.write()
        self._watch.see_connections()
        self._again()
        if self._panes.page == "tree" and not rest:
            self._tree.setFocus()

    async def finish(self) -> None:
        """Write what the window wants kept and let its thread go; part of quitting."""
        endings, self._endings = self._endings, []
        if endings:
            self._remember()
        for end in endings:
            end()
        await self._keeper.finish()

    def closeEvent(self, event: QCloseEvent) -> None:
        """Ask the program to quit in good order; it hides the window."""
        event.ignore()
        self._quit_requested()

    async def _load(self) -> None:
        try:
            self.load(await self._services.load())
        except AdwardenError as error:
            self.load(Snapshot())
            self._notices.show_notice(notice_of(error, trouble_id(error)))
        self.history.start()
        self.on_demand.start()
        self.commands.check_keychain()

    # Building

    def _table(self) -> dict[Id, Callable[[], None]]:
        commands = self.commands
        return {
            Id.CONNECT: lambda: commands.connect_account(self._place.app_id),
            Id.ADD_APP: commands.add_app,
            Id.REFRESH: commands.refresh_all,
            Id.CANCEL_REFRESH: commands.cancel_refresh,
            Id.REFRESH_ONE: lambda: commands.refresh(self._place.connection_id),
            Id.RECONNECT: lambda: commands.reconnect(self._place.connection_id),
            **asked_actions(commands, lambda: self.on_demand, lambda: self._place),
            Id.COPY_ID: lambda: self._selecting.copy_id(),
            Id.HISTORY: lambda: self.history.open(),
            Id.HISTORY_ONE: lambda: self.history.open_at(self._place),
            **way_actions(lambda: self._ways),
            Id.SETTINGS: self._open_settings,
            Id.PRACTICE: lambda: self._practice() if self._practice else None,
            Id.QUIT: lambda: self._quit_requested(),
        }

    def _lay_out(self, *, in_practice: bool) -> Panes:
        add, connect = self.commands.add_app, self.commands.connect_account
        restore, take_in = (self._actions[one].trigger for one in (Id.RESTORE, Id.TAKE_IN))
        ways = (add, connect, self._practice, restore, take_in)
        pages = first_pages(self._icons, *ways, in_practice=in_practice)
        pages["tree"] = lambda: self._tree
        panes = Panes(self._rail, self._notices, pages, self._details)
        self.setCentralWidget(under(self._bar, panes, lambda: self.on_demand.tools))
        self.setStatusBar(self._status)
        if sys.platform == "darwin":  # elsewhere the tool bar and the keys are all there is
            self._actions.fill_bar(self.menuBar())
        return panes

    def _wire(self) -> None:
        heard = self._services.subscribe(self._see)
        changed = self._settings.subscribe(self._setting_changed)
        parts = (self._clipboard.clear_now, heard, changed, self.on_demand.close)
        self._endings = [*parts, lambda: self.history.close()]
        chain = (*self._bar.chain, self._rail, self._tree, self._details)
        for first, second in pairwise(chain):
            QWidget.setTabOrder(first, second)

    # What is known has changed

    def _see(self, event: Event) -> None:
        if self._state.hides(event):
            return
        arrived = self._state.arrival(event)
        self._state.apply(event)
        self._tree.apply(event)
        self._watch.see(event)
        self.history.see(event)
        self.on_demand.see(event)
        self._again(ended=isinstance(event, RefreshEnded))
        if arrived and not self.on_demand.restoring:
            self._selecting.arrive(arrived)

    def _again(self, *, ended: bool = False) -> None:
        state, progress = self._state, self._state.progress()
        if self._loaded:
            page = "tree" if state.connections else "first" if state.apps else "welcome"
            if page != self._panes.page:
                self._panes.show_page(page)
        for pane in (self._rail, self._details):
            # The end of it all is said in all places at once.
            pane.write() if ended and progress is None else pane.again()
        self._status.tell()
        self._bar.show_refreshing(progress is not None, refresh_tip(state, self._clock()))
        self._selecting.update_actions()

    # Actions of the window itself

    def _open_settings(self) -> None:
        from adwarden.ui.settings_dialog import open_settings

        open_settings(self, self._settings, lambda: self.on_demand.vault.open())

    # Settings

    def _setting_changed(self, setting: Setting[Any]) -> None:
        if setting is known.THEME:
            self._theme.set_mode(self._settings.get(known.THEME))
        elif setting is known.DENSITY:
            self._tree.set_compact(self._settings.get(known.DENSITY) == "compact")
        else:
            self._tree.set_stale_after(self._settings.get(known.STALE_HOURS) * 3600.0)
            self._details.again()
            self._status.tell()

    def _settings_failed(self, error: AdwardenError) -> None:
        self._notices.show_notice(notice_of(error, "settings", level=Level.WARN))

    def _restore(self) -> None:
        self._tree.set_stale_after(self._settings.get(known.STALE_HOURS) * 3600.0)
        self._tree.set_compact(self._settings.get(known.DENSITY) == "compact")
        restore_window(self, self._settings, USUAL)
        self._panes.restore(self._settings)

    def _remember(self) -> None:
        self._settings.set(known.WINDOW_GEOMETRY, to_text(self.saveGeometry()))
        self._panes.remember(self._settings)
