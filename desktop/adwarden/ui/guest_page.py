"""The embedded page as a guest: a browser profile and page that refuse all but the sign-in.

Imported only when a dialog shows a page, because loading the browser engine takes time and memory.
"""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, QUrl, Signal
from PySide6.QtNetwork import QAuthenticator
from PySide6.QtWebEngineCore import (
    QWebEngineCertificateError,
    QWebEngineClientCertificateSelection,
    QWebEngineDesktopMediaRequest,
    QWebEngineDownloadRequest,
    QWebEngineFileSystemAccessRequest,
    QWebEngineFullScreenRequest,
    QWebEngineNewWindowRequest,
    QWebEnginePage,
    QWebEnginePermission,
    QWebEngineProfile,
    QWebEngineRegisterProtocolHandlerRequest,
    QWebEngineSettings,
    QWebEngineUrlRequestInfo,
    QWebEngineUrlRequestInterceptor,
    QWebEngineWebAuthUxRequest,
)

from adwarden.providers.base import GuestRules
from adwarden.ui.guest_passwords import refuse_password
from adwarden.ui.guest_rules import allows_frame, allows_page, allows_resource

MOST_BOXES = 20
"""Message boxes that one page may try to open before it is stopped."""

_LEAVE_QUESTION = "Are you sure you want to leave this page?"
"""How the engine begins its question when a page wants to keep the person from leaving."""

_Attribute = QWebEngineSettings.WebAttribute
_Resource = QWebEngineUrlRequestInfo.ResourceType

_OFF = (
    _Attribute.AllowGeolocationOnInsecureOrigins,
    _Attribute.AllowRunningInsecureContent,
    _Attribute.AllowWindowActivationFromJavaScript,
    _Attribute.AutoLoadIconsForPage,
    _Attribute.BackForwardCacheEnabled,
    _Attribute.DnsPrefetchEnabled,
    _Attribute.ErrorPageEnabled,
    _Attribute.FocusOnNavigationEnabled,
    _Attribute.FullScreenSupportEnabled,
    _Attribute.HyperlinkAuditingEnabled,
    _Attribute.JavascriptCanAccessClipboard,
    _Attribute.JavascriptCanOpenWindows,
    _Attribute.JavascriptCanPaste,
    _Attribute.LocalContentCanAccessFileUrls,
    _Attribute.LocalContentCanAccessRemoteUrls,
    _Attribute.NavigateOnDropEnabled,
    _Attribute.PdfViewerEnabled,
    _Attribute.PluginsEnabled,
    _Attribute.ScreenCaptureEnabled,
    _Attribute.TouchIconsEnabled,
)
_ON = (
    _Attribute.LinksIncludedInFocusChain,
    _Attribute.PlaybackRequiresUserGesture,
    _Attribute.WebRTCPublicInterfacesOnly,
)
_PAGES = frozenset(
    {_Resource.ResourceTypeMainFrame, _Resource.ResourceTypeNavigationPreloadMainFrame}
)
_FRAMES = frozenset(
    {_Resource.ResourceTypeSubFrame, _Resource.ResourceTypeNavigationPreloadSubFrame}
)


def permits(rules: GuestRules, resource: QWebEngineUrlRequestInfo.ResourceType, url: QUrl) -> bool:
    """Return whether a request of this kind may leave for ``url``; redirects are asked anew."""
    if resource in _PAGES:
        return allows_page(rules, url)
    if resource in _FRAMES:
        return allows_frame(rules, url)
    return allows_resource(rules, url)


Permit = Callable[[GuestRules, QWebEngineUrlRequestInfo.ResourceType, QUrl], bool]


class GuestInterceptor(QWebEngineUrlRequestInterceptor):
    """Blocks every request first and allows it last, so that an error here blocks it."""

    def __init__(self, parent: QObject, rules: GuestRules, permit: Permit) -> None:
        super().__init__(parent)
        self._rules = rules
        self._permit = permit

    def interceptRequest(self, info: QWebEngineUrlRequestInfo) -> None:
        """Decide on one request; whatever is raised on the way leaves it blocked."""
        info.block(True)
        if self._permit(self._rules, info.resourceType(), info.requestUrl()):
            info.block(False)


class GuestProfile(QWebEngineProfile):
    """An off-the-record profile of one attempt: nothing on disk, nothing shared."""

    download_refused = Signal()

    def __init__(self, parent: QObject, rules: GuestRules, permit: Permit = permits) -> None:
        # A profile without a name is off the record.
        super().__init__(parent)
        self.setPersistentCookiesPolicy(self.PersistentCookiesPolicy.NoPersistentCookies)
        self.setHttpCacheType(self.HttpCacheType.MemoryHttpCache)
        self.setPersistentPermissionsPolicy(self.PersistentPermissionsPolicy.AskEveryTime)
        self.setSpellCheckEnabled(False)
        self.setPushServiceEnabled(False)
        self._interceptor = GuestInterceptor(self, rules, permit)
        self.setUrlRequestInterceptor(self._interceptor)
        self.downloadRequested.connect(self._refuse_download)

    def _refuse_download(self, download: QWebEngineDownloadRequest) -> None:
        download.cancel()
        self.download_refused.emit()


class GuestPage(QWebEnginePage):
    """A page that can show the sign-in and nothing else: every request to the person is refused.

    ``refused(url)`` tells of a top-level address that was not opened, ``window_refused(url)`` of
    a pop-up, ``boxes_refused(count)`` of message boxes so far, ``password_refused(host)`` of a
    server or proxy that wanted a password.
    """

    refused = Signal(QUrl)
    window_refused = Signal(QUrl)
    boxes_refused = Signal(int)
    password_refused = Signal(str)
    unsafe = Signal(str)

    def __init__(self, profile: QWebEngineProfile, parent: QObject, rules: GuestRules) -> None:
        super().__init__(profile, parent)
        self._rules = rules
        self._boxes = 0
        settings = self.settings()
        for attribute in _OFF:
            settings.setAttribute(attribute, False)
        for attribute in _ON:
            settings.setAttribute(attribute, True)
        settings.setUnknownUrlSchemePolicy(
            QWebEngineSettings.UnknownUrlSchemePolicy.DisallowUnknownUrlSchemes
        )
        self.authenticationRequired.connect(self._refuse_password)
        self.proxyAuthenticationRequired.connect(self._refuse_proxy_password)
        self.newWindowRequested.connect(self._refuse_window)
        self.permissionRequested.connect(self._refuse_permission)
        self.certificateError.connect(self._refuse_certificate)
        self.selectClientCertificate.connect(self._refuse_client_certificate)
        self.fullScreenRequested.connect(self._refuse_full_screen)
        self.fileSystemAccessRequested.connect(self._refuse_files)
        self.registerProtocolHandlerRequested.connect(self._refuse_handler)
        self.desktopMediaRequested.connect(self._refuse_capture)
        self.webAuthUxRequested.connect(self._refuse_passkey)

    def acceptNavigationRequest(
        self,
        url: QUrl | str,
        type: QWebEnginePage.NavigationType,
        is_main_frame: bool,
        /,
    ) -> bool:
        """Let the top level go to the provider's hosts only, and frames to what rules allow."""
        target = QUrl(url)
        if not is_main_frame:
            return allows_frame(self._rules, target)
        if allows_page(self._rules, target):
            return True
        self.refused.emit(target)
        return False

    def createWindow(self, type: QWebEnginePage.WebWindowType, /) -> QWebEnginePage:
        """Open nothing; the request itself was told of by ``window_refused``."""
        return None  # type: ignore[return-value]

    def chooseFiles(
        self,
        mode: QWebEnginePage.FileSelectionMode,
        old_files: object,
        accepted_types: object,
        /,
    ) -> list[str]:
        """Give the page no file."""
        return []

    def javaScriptAlert(self, origin: QUrl | str, msg: str, /) -> None:
        """Show nothing and return at once."""
        self._count_box()

    def javaScriptConfirm(self, origin: QUrl | str, msg: str, /) -> bool:
        """Say no, except that a page may always be left."""
        self._count_box()
        return msg.startswith(_LEAVE_QUESTION)

    def javaScriptPrompt(self, origin: QUrl | str, msg: str, default: str, /) -> tuple[bool, str]:
        """Answer nothing."""
        self._count_box()
        return False, ""

    def javaScriptConsoleMessage(
        self,
        level: QWebEnginePage.JavaScriptConsoleMessageLevel,
        message: str,
        line_number: int,
        source_id: str,
        /,
    ) -> None:
        """Keep what the page prints out of our own output: it may contain anything."""

    def _count_box(self) -> None:
        self._boxes += 1
        self.boxes_refused.emit(self._boxes)

    def _refuse_password(self, url: QUrl, asked: QAuthenticator) -> None:
        refuse_password(asked)
        self.password_refused.emit(url.host())

    def _refuse_proxy_password(self, url: QUrl, asked: QAuthenticator, proxy: str) -> None:
        refuse_password(asked)
        self.password_refused.emit(proxy)

    def _refuse_window(self, request: QWebEngineNewWindowRequest) -> None:
        self.window_refused.emit(request.requestedUrl())

    def _refuse_permission(self, permission: QWebEnginePermission) -> None:
        permission.deny()

    def _refuse_certificate(self, error: QWebEngineCertificateError) -> None:
        error.rejectCertificate()
        if error.isMainFrame():
            self.unsafe.emit(error.url().host())

    def _refuse_client_certificate(self, selection: QWebEngineClientCertificateSelection) -> None:
        selection.selectNone()

    def _refuse_full_screen(self, request: QWebEngineFullScreenRequest) -> None:
        request.reject()

    def _refuse_files(self, request: QWebEngineFileSystemAccessRequest) -> None:
        request.reject()

    def _refuse_handler(self, request: QWebEngineRegisterProtocolHandlerRequest) -> None:
        request.reject()

    def _refuse_capture(self, request: QWebEngineDesktopMediaRequest) -> None:
        request.cancel()

    def _refuse_passkey(self, request: QWebEngineWebAuthUxRequest) -> None:
        request.cancel()
