"""One attempt's embedded browser: a view, its page, its profile, and the reader of the PIN.

All of it dies with this widget; a new attempt makes a new one. Imported only when needed.
"""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt, QUrl, Signal
from PySide6.QtGui import QAccessible, QColor
from PySide6.QtWebEngineCore import QWebEngineLoadingInfo, QWebEnginePage, QWebEngineScript
from PySide6.QtWebEngineWidgets import QWebEngineView
from PySide6.QtWidgets import QVBoxLayout, QWidget

from adwarden.providers.base import GuestRules
from adwarden.ui.guest_page import MOST_BOXES, GuestPage, GuestProfile, Permit, permits
from adwarden.ui.guest_rules import allows_page, opens_elsewhere
from adwarden.ui.pin_reader import PinReader

PAGE_NAME = "Authorization page"

_Status = QWebEngineLoadingInfo.LoadStatus
_Domain = QWebEngineLoadingInfo.ErrorDomain
_End = QWebEnginePage.RenderProcessTerminationStatus

_WHY = {
    _Domain.DnsErrorDomain: "The name of the server was not found. Is there a network?",
    _Domain.ConnectionErrorDomain: "The server could not be reached. Is there a network?",
    _Domain.CertificateErrorDomain: "The server's certificate was refused.",
}


class GuestView(QWidget):
    """Shows one authorization page and tells what becomes of it.

    ``noticed(words, url)``: something was refused; ``url`` is empty or may be opened elsewhere.
    ``stopped(title, words)``: nothing can be shown any more. ``progress`` is in percent.
    """

    located = Signal(QUrl)
    progress = Signal(int)
    noticed = Signal(str, QUrl)
    stopped = Signal(str, str)
    picked = Signal(str)
    denied = Signal()
    expired = Signal()

    def __init__(
        self,
        parent: QWidget,
        rules: GuestRules,
        request_url: str,
        *,
        permit: Permit = permits,
    ) -> None:
        super().__init__(parent)
        self._rules = rules
        self._request = QUrl(request_url)
        self._ended = False
        self._shown = False
        self._asked = False
        # Children die in the order they were made: view and page before the profile they use.
        self._view = QWebEngineView(self)
        self._profile = GuestProfile(self, rules, permit)
        self._page = GuestPage(self._profile, self._view, rules)
        self._page.setBackgroundColor(QColor(Qt.GlobalColor.white))
        self._view.setPage(self._page)
        self._view.setContextMenuPolicy(Qt.ContextMenuPolicy.NoContextMenu)
        self._view.setAcceptDrops(False)
        self._view.setAccessibleName(PAGE_NAME)
        self.setFocusProxy(self._view)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self._view)
        self._reader = PinReader(self, rules, request_url, self._run)
        self._reader.picked.connect(self.picked)
        self._reader.denied.connect(self.denied)
        self._reader.expired.connect(self.expired)
        self._listen()

    @property
    def page(self) -> GuestPage:
        """The page itself."""
        return self._page

    @property
    def view(self) -> QWebEngineView:
        """The widget that draws the page and takes the keyboard."""
        return self._view

    def open(self) -> None:
        """Load the authorization page."""
        self._page.load(self._request)
        if QAccessible.isActive():
            # The engine hears of a screen reader only when one comes after it, never of one
            # that is there already: without this the page would be silent.
            QAccessible.setActive(True)

    def shut(self) -> None:
        """Stop everything and be gone, with the profile and the page's process."""
        self._ended = True
        self._reader.stop()
        self.blockSignals(True)
        self.hide()
        self.deleteLater()

    def _listen(self) -> None:
        page = self._page
        page.urlChanged.connect(self._moved)
        page.loadProgress.connect(self.progress)
        page.loadingChanged.connect(self._loading)
        page.refused.connect(self._refused)
        page.window_refused.connect(self._window_refused)
        page.boxes_refused.connect(self._boxes_refused)
        page.password_refused.connect(self._password_refused)
        page.unsafe.connect(self._unsafe)
        page.renderProcessTerminated.connect(self._terminated)
        self._profile.download_refused.connect(
            lambda: self.noticed.emit("The page offered a file. Nothing was downloaded.", QUrl())
        )

    def _run(self, script: str, answer: Callable[[object], None]) -> None:
        # A world of its own: the page's scripts can neither see nor change what runs there.
        world = QWebEngineScript.ScriptWorldId.ApplicationWorld.value
        self._page.runJavaScript(script, world, answer)

    def _moved(self, url: QUrl) -> None:
        # Before the first page there is an empty one; afterwards nothing leads back to it.
        if self._ended or (url.scheme() == "about" and not self._shown):
            return
        if not allows_page(self._rules, url):
            self._stop("The page was closed", "It went to an address that is not allowed here.")
            return
        self._shown = True
        self.located.emit(url)
        self._reader.moved(url)

    def _loading(self, info: QWebEngineLoadingInfo) -> None:
        status = info.status()
        if status == _Status.LoadStartedStatus:
            self._asked = False
        if self._ended or status == _Status.LoadStartedStatus:
            return
        # An error page of the provider may be the one that says that the request is used up.
        self._reader.moved(self._page.url())
        if status != _Status.LoadFailedStatus:
            return
        if info.errorDomain() == _Domain.HttpStatusCodeDomain:
            if self._asked:
                return  # the error is the answer to the refusal, which was told of
            words = f"The server answered with an error ({info.errorCode()})."
            self.noticed.emit(words, QUrl())
            return
        why = _WHY.get(info.errorDomain(), "The browser could not load it.")
        self._stop("The page did not open", f"{why} ({info.errorString()})")

    def _refused(self, url: QUrl) -> None:
        if opens_elsewhere(url):
            words = f"{url.host()} is not one of the pages for authorizing; it was not opened here."
            self.noticed.emit(words, url)
        else:
            self.noticed.emit("The page wanted to open something else. It was refused.", QUrl())

    def _window_refused(self, url: QUrl) -> None:
        target = url if opens_elsewhere(url) else QUrl()
        self.noticed.emit("The page wanted a window of its own. It was refused.", target)

    def _password_refused(self, host: str) -> None:
        self._asked = True
        words = f"{host} asked for a name and a password of its own. Nothing was sent."
        self.noticed.emit(words, QUrl())

    def _boxes_refused(self, count: int) -> None:
        if count >= MOST_BOXES:
            self._stop("The page was closed", "It kept opening message boxes.")
        elif count == 1:
            self.noticed.emit("The page tried to open a message box. It was refused.", QUrl())

    def _unsafe(self, host: str) -> None:
        words = (
            f"The certificate of {host} is not to be trusted. Somebody may be listening in, or "
            "this network asks you to sign in first."
        )
        self._stop("The connection is not safe", words)

    def _terminated(self, status: QWebEnginePage.RenderProcessTerminationStatus, code: int) -> None:
        if status == _End.NormalTerminationStatus:
            return
        self._stop("The page stopped working", f"Its process ended unexpectedly ({code}).")

    def _stop(self, title: str, words: str) -> None:
        if not self._ended:
            self._ended = True
            self._reader.stop()
            self.stopped.emit(title, words)
