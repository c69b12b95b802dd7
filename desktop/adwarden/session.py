"""One run of the window: Qt's application, the loop, the main window, and an orderly end."""

from __future__ import annotations

import logging
import sys
import threading
from collections.abc import Callable
from functools import cached_property
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QEventLoop, Qt, QTimer
from PySide6.QtWidgets import QApplication

from adwarden.arguments import Options
from adwarden.domain.data import dataclass
from adwarden.domain.errors import AdwardenError, KeychainError, StorageError
from adwarden.domain.model import FILE, MEMORY, Connection, Snapshot, XApp
from adwarden.quitting import NOTE_SECONDS, STOP_SECONDS, Quitting, end_in_order
from adwarden.services.events import Event, KeychainChanged
from adwarden.services.tasks import Tasks
from adwarden.storage import settings as known
from adwarden.storage.keychain_status import KeychainState
from adwarden.system.about import start_practice
from adwarden.system.hardening import SandboxState
from adwarden.system.instance import Doorbell, Instance
from adwarden.ui.authorizing import Authorizing
from adwarden.ui.first_paint import FirstPaint
from adwarden.ui.icons import Icons
from adwarden.ui.main_window import MainWindow
from adwarden.ui.notices import Level, notice_of, trouble_id
from adwarden.ui.theme import Theme
from adwarden.wiring import Base, Services

if TYPE_CHECKING:
    import asyncio

    from adwarden.locking import Locking
    from adwarden.system.diagnostics import Diagnostics

_log = logging.getLogger(__name__)

AGAIN_SECONDS = (2.0, 5.0, 15.0, 40.0)
"""Pauses before a keychain that did not answer at the start is asked again: desktops are slow."""

CLOSE_SECONDS = 3.0
"""How long X and the places of secrets may take at the end, before it comes without them."""

INDEX_SECONDS = 1.0
"""How long the first picture waits for the last known state; later it comes after the picture."""

PAINT_MS = 2000
"""A window that nobody can see (minimized, on another desktop) is never painted; go on then."""


@dataclass(frozen=True, slots=True)
class Start:
    """What the start has prepared."""

    base: Base
    options: Options
    services: Services
    sandbox: SandboxState
    failed: tuple[str, ...]
    on_first_paint: Callable[[], None] | None
    on_ready: Callable[[], None] | None


class Session:
    """Builds the window from its parts and runs it until it is closed.

    Nothing of the process is touched (logging, hooks, signals) unless ``guard`` is called, so
    that the window can be inside another program.
    """

    def __init__(self, start: Start, instance: Instance, doorbell: Doorbell) -> None:
        self._start = start
        self._instance = instance
        self._doorbell = doorbell
        self._diagnostics: Diagnostics | None = None
        self._services = start.services
        self._settings = start.base.settings
        self._tasks = Tasks(self._funnel)
        self._quitting = Quitting(
            lambda: self._dialogs.holding, lambda: len(self._in_memory), self._ask_about_memory
        )
        self._exit_code = 0
        self._window: MainWindow | None = None
        self._loaded = self._more = False

    def show(self, app: QApplication) -> MainWindow:
        """Show the window with the last known state; needs no loop."""
        accounts = self._services.accounts
        theme = Theme(app, self._settings.get(known.THEME), starting=True)
        icons = Icons(theme)
        self._dialogs = Authorizing(
            accounts, self._tasks, self._settings, theme, icons,
            sandbox=self._start.sandbox is not SandboxState.IMPOSSIBLE_AS_ROOT,
        )  # fmt: skip
        practice = self._services.practice
        self._window = window = MainWindow(
            accounts,
            self._tasks,
            self._settings,
            theme,
            icons,
            self._dialogs.authorize,
            self._quitting.ask,
            practice=None if practice else start_practice,
            suggested=practice.suggested if practice else None,
        )
        self._dialogs.parent = window
        self._dialogs.renew_app = window.commands.renew_app
        accounts.subscribe(self._see)
        window.clipboard.copied = lambda there: self._locking.copied(there)
        self._dialogs.on_close = self._quitting.go_on
        theme.put_sheet()
        snapshot = self._services.index.peek(INDEX_SECONDS)
        if snapshot is not None:
            window.load(snapshot)
            self._loaded, self._more = True, bool(snapshot.counts)
        window.show()
        return window

    def wait_for_first_paint(self) -> None:
        """Run Qt's loop until the window has been painted; what a person does has to wait."""
        painting = QEventLoop()
        FirstPaint(self._window_now, painting.quit)
        QTimer.singleShot(PAINT_MS, painting.quit)
        painting.exec(QEventLoop.ProcessEventsFlag.ExcludeUserInputEvents)
        if self._start.on_first_paint is not None:
            self._start.on_first_paint()

    def guard(self, diagnostics: Diagnostics) -> None:
        """Take over the process: its log and its uncaught errors; the signals, once it runs."""
        self._diagnostics = diagnostics
        diagnostics.install_hooks(self._funnel)
        logs = self._start.base.folder.logs
        for words in (
            *self._start.failed,
            *diagnostics.start_log(logs, self._settings.get(known.LOG_LEVEL), sys.stderr),
            *diagnostics.catch_crashes(logs),
        ):
            _log.warning("%s", words)

    async def run(self) -> int:
        """Work until the window is to be closed, and return the exit code."""
        if self._diagnostics is not None:
            self._quitting.listen_to_signals()
        await self.begin()
        if self._start.on_ready is not None:
            self._start.on_ready()
        await self._quitting.wait()
        await self.close()
        return self._exit_code

    async def begin(self) -> None:
        """Do what must not delay the first picture."""
        window = self._window_now
        try:
            snapshot = await self._services.accounts.load()
        except StorageError as error:
            snapshot, self._more = Snapshot(), False
            self._show(error)
        if not self._loaded:
            window.load(snapshot)
        elif self._more:
            window.load(snapshot, rest=True)
        for problem in self._start.base.problems:
            self._show(problem, f"session:{problem.title}")
        if self._start.options.diagnose:
            self._tasks.spawn(self, "diagnose", self._diagnose())
            return
        self._instance.listen()
        self._doorbell.answer = self._raise_window
        window.history.start()
        window.on_demand.start()
        self._tasks.spawn(self, "recover", self._recover())

    def _see(self, event: Event) -> None:
        if isinstance(event, KeychainChanged) and event.place == FILE:  # not everybody has one
            self._locking.see(event)

    @cached_property
    def _locking(self) -> Locking:
        from adwarden.locking import Locking

        window = self._window_now
        lock = lambda why: window.on_demand.vault.lock(why)  # noqa: E731 - made when needed
        return Locking(self._settings, lock, window.clipboard.clear_now)

    async def close(self) -> None:
        """Hide first, so that the end is felt at once; what hangs is left behind."""
        accounts, window = self._services.accounts, self._window_now
        window.hide()
        if "_locking" in vars(self):
            self._locking.close()
        self._dialogs.close()
        await end_in_order(
            (NOTE_SECONDS, accounts.note_removals), (STOP_SECONDS, self._stop),
            (CLOSE_SECONDS, accounts.close), funnel=self._funnel, running=self._tasks.running,
        )  # fmt: skip
        if self._services.practice is not None:
            self._services.practice.stop()
        window.deleteLater()

    async def _stop(self) -> None:
        await self._window_now.finish()
        await self._tasks.close()

    def unhandled(self, _loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        """Take what the loop reports: an error of a callback, or words about itself."""
        error = context.get("exception")
        if error is None:
            _log.error("the loop reports: %s", context.get("message", ""))
        else:
            # Without what a callback was called with: shortened, no redactor would know it.
            self._funnel(error, str(context.get("message", "loop")).partition("(")[0])

    async def _recover(self) -> None:
        """Finish what a crash interrupted, as soon as the keychain can be read."""
        import asyncio

        accounts = self._services.accounts
        try:
            await accounts.homing.settle(self._show)
            status = await accounts.keychain_status()
            for seconds in AGAIN_SECONDS:
                if status.state is not KeychainState.FAILED:
                    break
                await asyncio.sleep(seconds)
                status = await accounts.keychain_status()
            if status.state is KeychainState.READY:
                await accounts.recover(self._show)
                self._tasks.spawn(self, "resume refreshes", accounts.resume_unfinished())
        except KeychainError as error:
            self._show(error)

    async def _diagnose(self) -> None:
        from adwarden.diagnose import diagnose

        self._exit_code = await diagnose(self._services, self._start.base, self._start.sandbox)
        self._quitting.end()

    @property
    def _in_memory(self) -> list[XApp | Connection]:
        roster, there = self._services.accounts.roster, self._services.places.in_memory
        everything: list[XApp | Connection] = [*roster.apps, *roster.connections]
        return [one for one in everything if one.place == MEMORY and one.entry in there]

    def _ask_about_memory(self) -> None:
        """Have a person say whether what is in memory only is to be lost, once at a time."""
        if "ask about memory" in self._tasks.running():
            return
        from adwarden.ui.memory_question import ask_about_memory

        window = self._window_now
        work = ask_about_memory(
            window, self._in_memory, self._quitting.end, lambda: window.on_demand.vault.open()
        )
        self._tasks.spawn(self, "ask about memory", work)

    def _raise_window(self) -> None:
        window = self._window_now
        window.setWindowState(window.windowState() & ~Qt.WindowState.WindowMinimized)
        window.show()
        window.raise_()
        window.activateWindow()
        QApplication.alert(window)  # seen from another workspace, too

    def _show(self, error: AdwardenError, notice_id: str = "") -> None:
        notice = notice_of(error, notice_id or trouble_id(error), level=Level.WARN)
        self._window_now.notices.show_notice(notice)

    @property
    def _window_now(self) -> MainWindow:
        assert self._window is not None
        return self._window

    def _funnel(self, error: BaseException, where: str) -> None:
        """Show what nobody expected, once, with a report that holds no secrets."""
        if threading.current_thread() is not threading.main_thread():
            # A dialog made by another thread would end the process. Qt brings it over, as there
            # is no other loop yet before the first picture.
            QTimer.singleShot(0, self._window_now, lambda: self._funnel(error, where))
            return
        if isinstance(error, AdwardenError):
            self._show(error)
            return
        from adwarden.system.about import versions
        from adwarden.system.diagnostics import Diagnostics

        diagnostics = self._diagnostics or Diagnostics(self._services.redactor)
        report = diagnostics.report(error, versions=versions(), task=where)
        _log.error("unexpected, in %s: %s", where, report)
        self._window_now.reports.show(
            "Something went wrong that Adwarden did not expect. Nothing was lost that had been "
            "confirmed.",
            report,
        )
