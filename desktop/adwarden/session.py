"""One run of the window: Qt's application, the loop, the main window, and an orderly end."""

from __future__ import annotations

import asyncio
import logging
import os
import platform
import signal
import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

# qasync takes the first binding it finds; another one may be installed too.
os.environ["QT_API"] = "pyside6"

import PySide6
import qasync
from PySide6.QtCore import (
    QCoreApplication,
    QEvent,
    QMessageLogContext,
    QObject,
    QProcess,
    Qt,
    QTimer,
    QtMsgType,
    qInstallMessageHandler,
)
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import QApplication, QWidget

from adwarden import __version__
from adwarden.arguments import Options
from adwarden.domain.errors import AdwardenError, KeychainError
from adwarden.services.tasks import Tasks
from adwarden.storage import settings as known
from adwarden.storage.vault import KeychainState
from adwarden.system.diagnostics import Diagnostics
from adwarden.system.hardening import SandboxState
from adwarden.system.instance import Doorbell, Instance
from adwarden.system.redaction import Redactor
from adwarden.ui.assets import resource_dir
from adwarden.ui.authorizing import Authorizing
from adwarden.ui.icons import Icons
from adwarden.ui.main_window import MainWindow
from adwarden.ui.notices import Level, notice_of
from adwarden.ui.theme import Theme
from adwarden.wiring import Base, Services

_log = logging.getLogger(__name__)

CLOSE_SECONDS = 3.0
"""How long what is under way may take to end before the program ends without it."""


@dataclass(frozen=True, slots=True)
class Start:
    """What the start has prepared."""

    base: Base
    options: Options
    services: Services
    sandbox: SandboxState
    failed: tuple[str, ...]
    on_first_paint: Callable[[], None] | None


class _FirstPaint(QObject):
    """Calls back once, after the widget has been painted for the first time."""

    def __init__(self, widget: QWidget, call: Callable[[], None]) -> None:
        super().__init__(widget)
        self._call: Callable[[], None] | None = call
        widget.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() is QEvent.Type.Paint and self._call is not None:
            call, self._call = self._call, None
            watched.removeEventFilter(self)
            QTimer.singleShot(0, call)
        return False


class Session:
    """Builds the window from its parts and runs it until it is closed."""

    def __init__(self, start: Start, instance: Instance, doorbell: Doorbell) -> None:
        self._start = start
        self._instance = instance
        self._doorbell = doorbell
        self._services = start.services
        self._settings = start.base.settings
        self._diagnostics = Diagnostics(Redactor())
        self._exit_code = 0
        self._window: MainWindow | None = None

    def run(self) -> int:
        """Run to the end and return the exit code."""
        # Web pages are drawn on shared contexts; this must be set before the application exists.
        QCoreApplication.setAttribute(Qt.ApplicationAttribute.AA_ShareOpenGLContexts)
        app = QApplication(sys.argv[:1])
        app.setApplicationName("Adwarden")
        app.setDesktopFileName("adwarden")
        app.setWindowIcon(QIcon(str(resource_dir("icons") / "adwarden.svg")))
        # The loop decides when to end: Qt would end it under a task that still works.
        app.setQuitOnLastWindowClosed(False)
        loop = qasync.QEventLoop(app)
        loop.set_exception_handler(self._unhandled)
        with loop:
            loop.run_until_complete(self._main(app))
        self._diagnostics.close()
        return self._exit_code

    async def _main(self, app: QApplication) -> None:
        self._quit = asyncio.Event()
        self._tasks = Tasks(self._funnel)
        self._theme = Theme(app, self._settings.get(known.THEME))
        self._icons = Icons(self._theme)
        snapshot = await self._services.accounts.load()
        self._dialogs = Authorizing(
            self._services.accounts,
            self._tasks,
            self._settings,
            self._theme,
            self._icons,
            sandbox=self._start.sandbox is not SandboxState.IMPOSSIBLE_AS_ROOT,
        )
        self._window = self._make_window()
        self._dialogs.parent = self._window
        self._window.load(snapshot)
        _FirstPaint(self._window, self._painted)
        self._window.show()
        self._listen_to_signals()
        await self._quit.wait()
        await self._close()

    def _make_window(self) -> MainWindow:
        practice = self._start.options.practice
        return MainWindow(
            self._services.accounts,
            self._tasks,
            self._settings,
            self._theme,
            self._icons,
            self._dialogs.authorize,
            self._ask_to_quit,
            practice=None if practice else start_practice,
            in_practice=practice,
        )

    def _painted(self) -> None:
        """Do what must not delay the first picture."""
        if self._start.on_first_paint is not None:
            self._start.on_first_paint()
        self._diagnostics.install_hooks(self._funnel)
        folder = self._start.base.folder
        failed = [
            *self._start.failed,
            *self._diagnostics.start_log(
                folder.logs, self._settings.get(known.LOG_LEVEL), sys.stderr
            ),
            *self._diagnostics.catch_crashes(folder.logs),
        ]
        qInstallMessageHandler(_log_qt)
        for words in failed:
            _log.warning("%s", words)
        for problem in self._start.base.problems:
            self._show(problem)
        if self._start.options.diagnose:
            self._tasks.spawn(self, "diagnose", self._diagnose())
            return
        self._instance.listen()
        self._doorbell.answer = self._raise_window
        self._tasks.spawn(self, "recover", self._recover())

    async def _recover(self) -> None:
        """Finish what a crash interrupted, as soon as the keychain can be read."""
        accounts = self._services.accounts
        try:
            status = await accounts.keychain_status()
            if status.state is KeychainState.READY:
                await accounts.recover()
        except KeychainError as error:
            self._show(error)

    async def _diagnose(self) -> None:
        from adwarden.diagnose import diagnose

        self._exit_code = await diagnose(self._services, self._start.base, self._start.sandbox)
        self._quit.set()

    def _raise_window(self) -> None:
        window = self._window_now
        window.setWindowState(window.windowState() & ~Qt.WindowState.WindowMinimized)
        window.show()
        window.raise_()
        window.activateWindow()

    def _ask_to_quit(self) -> None:
        """Quit, unless that would lose a token that X gave and no keychain has yet."""
        holding = self._dialogs.holding
        if holding is None:
            self._quit.set()
            return
        holding.raise_()
        holding.activateWindow()
        holding.reject()

    def _show(self, error: AdwardenError) -> None:
        notice = notice_of(error, f"session:{error.title}", level=Level.WARN)
        self._window_now.notices.show_notice(notice)

    def _listen_to_signals(self) -> None:
        for number in (signal.SIGINT, signal.SIGTERM):
            try:
                asyncio.get_running_loop().add_signal_handler(number, self._ask_to_quit)
            except NotImplementedError:
                # Windows has no such handlers; closing the window is the way there.
                return

    async def _close(self) -> None:
        """Hide first, so that the end is felt at once; what hangs is left behind."""
        window = self._window_now
        window.hide()
        try:
            async with asyncio.timeout(CLOSE_SECONDS):
                self._dialogs.close()
                await window.finish()
                await self._tasks.close()
                await self._services.accounts.close()
        except TimeoutError:
            _log.warning("the program ended without waiting for: %s", self._tasks.running())
        if self._services.practice is not None:
            self._services.practice.stop()
        window.deleteLater()

    @property
    def _window_now(self) -> MainWindow:
        assert self._window is not None
        return self._window

    def _unhandled(self, loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        error = context.get("exception")
        if error is None:
            _log.error("the loop reports: %s", context.get("message", ""))
        else:
            self._funnel(error, str(context.get("message", "loop")))

    def _funnel(self, error: BaseException, where: str) -> None:
        """Show what nobody expected, once, with a report that holds no secrets."""
        if isinstance(error, AdwardenError):
            self._show(error)
            return
        report = self._diagnostics.report(error, versions=versions(), task=where)
        _log.error("unexpected, in %s: %s", where, report)
        self._window_now.reports.show(
            "Something went wrong that Adwarden did not expect. Nothing was lost that had been "
            "confirmed.",
            report,
        )


def start_practice() -> None:
    """Start another Adwarden, on the practice server and with a data folder of its own."""
    if getattr(sys, "frozen", False):
        QProcess.startDetached(sys.executable, ["--practice"])
    else:
        QProcess.startDetached(sys.executable, ["-m", "adwarden", "--practice"])


def versions() -> dict[str, str]:
    """Return what a report needs to say of the parts."""
    return {
        "Adwarden": __version__,
        "Python": platform.python_version(),
        "PySide6": PySide6.__version__,
        "qasync": qasync.__version__,
        "System": platform.platform(),
    }


def _log_qt(kind: QtMsgType, context: QMessageLogContext, message: str) -> None:
    level = logging.WARNING if kind is not QtMsgType.QtDebugMsg else logging.DEBUG
    logging.getLogger("qt").log(level, "%s", message)
