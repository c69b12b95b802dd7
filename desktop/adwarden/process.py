"""The process of the window: Qt's application, the first picture, then the loop and a session.

The picture comes before asyncio's loop is even imported: a person waits for the one only.
"""

from __future__ import annotations

import gc
import logging
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from PySide6.QtCore import QCoreApplication, QMessageLogContext, Qt, QtMsgType
from PySide6.QtWidgets import QApplication

from adwarden.session import Session, Start
from adwarden.system.enums import look_into
from adwarden.system.instance import Doorbell, Instance
from adwarden.ui.collector import Collector

_SWITCH_SECONDS = 0.002
"""How long a thread may keep the interpreter while others wait; Python's own is 5 ms."""


def run_session(start: Start, instance: Instance, doorbell: Doorbell) -> int:
    """Make Qt's application and the loop, run one session, and return the exit code."""
    # Web pages are drawn on shared contexts; this must be set before the application exists.
    QCoreApplication.setAttribute(Qt.ApplicationAttribute.AA_ShareOpenGLContexts)
    # As an argument: setStyle() answers with a QStyle, whose 600 constants cost a start 7 ms.
    # The name first: by it X11's desktops find the icon, and "python -m" has another one.
    app = QApplication(["adwarden", "-style", "fusion"])
    app.setApplicationName("Adwarden")
    app.setDesktopFileName("adwarden")
    # The loop decides when to end: Qt would end it under a task that still works.
    app.setQuitOnLastWindowClosed(False)
    session = Session(start, instance, doorbell)
    session.show(app)
    session.wait_for_first_paint()
    # What the window is made of stays until the end; no collection needs to look at it again.
    gc.freeze()
    # Sixteen threads may want the interpreter while ad accounts come: the window waits less for it.
    sys.setswitchinterval(_SWITCH_SECONDS)
    collector = Collector(app)
    code = _run(app, session, start)
    collector.stop()
    return code


def _run(app: QApplication, session: Session, start: Start) -> int:
    from PySide6.QtCore import QSocketNotifier

    # qasync takes members of this one by their short names.
    look_into(QSocketNotifier.Type)
    # It takes the first binding it finds; another one may be installed too.
    os.environ["QT_API"] = "pyside6"
    with _without("ssl"):
        import qasync
    from PySide6.QtCore import qInstallMessageHandler

    from adwarden.system.diagnostics import Diagnostics
    from adwarden.ui.icons import app_icon

    diagnostics = Diagnostics(start.services.redactor)
    session.guard(diagnostics)
    qInstallMessageHandler(_log_qt)
    app.setWindowIcon(app_icon())
    loop = qasync.QEventLoop(app)
    loop.set_exception_handler(session.unhandled)
    with loop:
        code: int = loop.run_until_complete(session.run())
    diagnostics.close()
    return code


@contextmanager
def _without(module: str) -> Iterator[None]:
    """Let asyncio do without OpenSSL, as it can: nothing here speaks TLS through it."""
    if module in sys.modules:
        yield
        return
    sys.modules[module] = None  # type: ignore[assignment]  # how Python spells "not there"
    try:
        yield
    finally:
        del sys.modules[module]


_TO_READERS = "qt.accessibility.atspi"
"""Here Qt speaks of what it cannot answer a screen reader, at every second question of one."""


def _log_qt(kind: QtMsgType, context: QMessageLogContext, message: str) -> None:
    quiet = kind is QtMsgType.QtDebugMsg or context.category == _TO_READERS
    level = logging.DEBUG if quiet else logging.WARNING
    logging.getLogger("qt").log(level, "%s", message)
