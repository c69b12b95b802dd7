"""The dialog ``Try a request``: one signed call by hand, what came of it, and how it was signed.

What is pasted into it and what was signed is a secret, held for as long as it is open.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Protocol

from PySide6.QtCore import Qt, QUrl
from PySide6.QtGui import QDesktopServices, QKeySequence, QShortcut
from PySide6.QtWidgets import QHBoxLayout, QMenu, QSplitter, QTabWidget, QVBoxLayout, QWidget
from shiboken6 import isValid

from adwarden.domain.checks import Way, finding_of, ways_of
from adwarden.domain.errors import LOCKED, AdwardenError, InputError
from adwarden.domain.secret import Secret
from adwarden.domain.tried import Comparison, Explained
from adwarden.services.request_copies import as_curl, as_python, as_signed_curl
from adwarden.services.tasks import Tasks
from adwarden.services.trying import Outcome, Wish
from adwarden.ui.busy_dialog import BusyDialog
from adwarden.ui.clipboard import Clipboard
from adwarden.ui.clipboard_line import ClipboardLine
from adwarden.ui.icons import Icons
from adwarden.ui.notices import Level, Notice, Remedy, notice_of
from adwarden.ui.parts import Text, announce, line, make_button
from adwarden.ui.request_answer import AnswerPage, RequestStatus
from adwarden.ui.request_form import RequestForm
from adwarden.ui.request_signature import SignaturePage
from adwarden.ui.request_view import FixedText
from adwarden.ui.saving_dialog import Unlock

_SIZE = (1000, 720)
_ANSWER, _HEADERS, _SIGNATURE = range(3)


class Trying(Protocol):
    """What sends, signs and compares; all of it raises ``AdwardenError``."""

    async def send(self, wish: Wish, *, unlocked: bool = False) -> Outcome:
        """Send it once."""

    async def explain(self, wish: Wish) -> Explained:
        """Sign it without sending it."""

    async def compare(self, wish: Wish, pasted: Secret) -> Comparison:
        """Tell how what was pasted differs."""


class RequestDialog(BusyDialog):
    """Sends, signs and compares with ``trying``; ``go`` takes a way out, for a connection.

    ``connections``, ``accounts`` and ``addresses`` are as ``RequestForm`` wants them; ``begin``
    says with which connection, ad account and path it begins. ``path`` tells afterwards what was
    tried last.
    """

    def __init__(
        self,
        parent: QWidget | None,
        connections: Mapping[str, str],
        accounts: Mapping[str, Mapping[str, str]],
        trying: Trying,
        *,
        addresses: tuple[str, str],
        go: Callable[[Way, str], None],
        unlock: Unlock,
        tasks: Tasks,
        icons: Icons,
        clipboard: Clipboard,
        begin: tuple[str, str, str],
    ) -> None:
        super().__init__(
            parent, "Try a request", unlock=unlock, tasks=tasks, icons=icons,
            clipboard=clipboard, size=_SIZE,
        )  # fmt: skip
        self.setAccessibleName("Try a request")
        self._trying, self._go = trying, go
        self._asked = ""
        self._sending = ""
        self._form = RequestForm(connections, accounts, addresses, icons)
        self._status = RequestStatus(icons)
        self._answer = AnswerPage(tasks, icons, self._take)
        self._headers = FixedText("Headers of the answer")
        self._signature = SignaturePage(icons, clipboard, self._take)
        self._tabs = QTabWidget()
        self._line = ClipboardLine(clipboard)
        self._build()
        self._signature.wants_signature.connect(lambda: self.do("sign the request", self._sign))
        self._signature.wants_comparison.connect(lambda: self.do("compare", self._compare))
        self._form.put(*begin)
        self._form.path.edit.setFocus()

    @property
    def path(self) -> str:
        """The path as it stands there."""
        return self._form.path.text()

    @property
    def settled(self) -> bool:
        """Whether everything that was asked for is shown."""
        return self._form.settled and self._answer.body.settled and not self.busy

    # Building

    def _build(self) -> None:
        self.column.insertWidget(0, Text("Try a request", role="title"))
        self.column.addWidget(self._form)
        self.column.addWidget(line())
        self._tabs.setDocumentMode(True)
        self._tabs.tabBar().setAccessibleName("What came back")
        for page, words in (
            (self._answer, "Answer"), (self._headers, "Headers"), (self._signature, "Signature"),
        ):  # fmt: skip
            self._tabs.addTab(page, words)
        right = QWidget()
        column = QVBoxLayout(right)
        column.setContentsMargins(12, 0, 0, 0)
        column.setSpacing(8)
        column.addWidget(self._status)
        column.addWidget(self._tabs, 1)
        panes = QSplitter(Qt.Orientation.Horizontal)
        panes.addWidget(self._form.side)
        panes.addWidget(right)
        panes.setChildrenCollapsible(False)
        panes.setStretchFactor(1, 1)
        self._form.side.setMinimumWidth(190)
        panes.setSizes([260, 660])
        self.column.addWidget(panes, 1)
        self.column.addLayout(self._answers())
        keys = (
            ("Ctrl+Return", self._pressed), ("Ctrl+F", self._search),
            ("F3", lambda: self._answer.body.step(1)),
            ("Shift+F3", lambda: self._answer.body.step(-1)),
        )  # fmt: skip
        for key, run in keys:
            QShortcut(QKeySequence(key), self).activated.connect(run)
        self._answer.clear("Send a request: its answer is shown here.")

    def _answers(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addWidget(self._line, 1)
        copy = make_button("Copy as")
        menu = QMenu(copy)
        menu.setAccessibleName("Copy as")
        for words, make in (
            ("curl, without secrets", as_curl), ("Python, without secrets", self._as_python),
            ("Signed curl, for one request", as_signed_curl),
        ):  # fmt: skip
            action = menu.addAction(words)
            action.triggered.connect(partial(self._copy, words.partition(",")[0], make))
        copy.setMenu(menu)
        close = make_button("Close")
        close.clicked.connect(self.reject)
        self._send = make_button("Send", primary=True)
        self._send.setToolTip("Ctrl+Return")
        self._send.clicked.connect(self._pressed)
        self._send.setDefault(True)
        for button in (copy, close, self._send):
            row.addWidget(button)
        return row

    # Sending

    def _pressed(self) -> None:
        if self._sending:
            self._cancel()
        elif not self.busy:
            wish, unlocked = self._form.wish, self._form.unlocked
            self._form.look()
            self.do("send the request", partial(self._sent, wish, unlocked=unlocked))
            self._form.lock_again()

    async def _sent(self, wish: Wish, *, unlocked: bool) -> None:
        self._asked = wish.connection_id
        self._show_sending(wish.method)
        self._forget_answer("Sending …")
        try:
            sent = self._trying.send(wish, unlocked=unlocked)
            outcome = await (sent if wish.method == "GET" else self.all_of(sent, _cut_short(wish)))
        finally:
            if isValid(self):
                self._show_sending("")
                self._status.say("No answer.")
        self._show(outcome)

    def _show(self, outcome: Outcome) -> None:
        self._status.tell(outcome)
        self._answer.tell(outcome)
        self._headers.setPlainText("\n".join(f"{name}: {value}" for name, value in outcome.headers))
        self._signature.show_signature(outcome.explained, sent=True)
        self._signature.lead(outcome if outcome.about_signature else None)
        self._tabs.setCurrentIndex(_SIGNATURE if outcome.about_signature else _ANSWER)

    def _cancel(self) -> None:
        changes, self._sending = self._sending != "GET", ""
        self._tasks.cancel(self)
        words = "X may have done it already: look before it is sent again." if changes else ""
        self.tell(Notice("cancelled", Level.WARN if changes else Level.INFO, "Cancelled", words))

    def _show_sending(self, method: str) -> None:
        self._sending = method
        self._send.setText("Cancel" if method else "Send")
        self._send.setAccessibleName("Cancel the request" if method else "Send")

    def _forget_answer(self, words: str) -> None:
        self._status.say(words)
        self._answer.clear()
        self._headers.clear()
        self._signature.lead(None)
        self._signature.show_signature(None)

    # The rest

    async def _sign(self) -> None:
        self._signature.show_signature(await self._trying.explain(self._form.wish))

    async def _compare(self) -> None:
        pasted = self._signature.pasted
        wish = self._form.wish
        comparison = await self._trying.compare(wish, pasted)
        if self._signature.pasted == pasted:
            self._signature.show_comparison(comparison)

    def _copy(self, what: str, make: Callable[[Explained], str | Secret], _: bool = False) -> None:
        self.do("sign the request", partial(self._copied, what, make))

    def _as_python(self, explained: Explained) -> str:
        # By its id: a handle may be connected through several apps.
        return as_python(explained, self._form.wish.connection_id)

    async def _copied(self, what: str, make: Callable[[Explained], str | Secret]) -> None:
        text = make(await self._trying.explain(self._form.wish))
        if isinstance(text, Secret):
            self._clipboard.copy_secret(text, what)
            announce(self, f"{what} copied; X takes it for about five minutes")
        else:
            self._clipboard.copy_text(text)
            self._line.say(f"{what} copied")
            announce(self, f"{what} copied")

    def _search(self) -> None:
        self._tabs.setCurrentIndex(_ANSWER)
        self._answer.body.edit.setFocus()
        self._answer.body.edit.selectAll()

    def _take(self, way: Way) -> None:
        if way.page:
            QDesktopServices.openUrl(QUrl(way.page))
        else:
            self._go(way, self._asked)

    def refuse(self, error: AdwardenError) -> bool:
        """Say beside a field what is wrong, or on top with the ways out that there are."""
        if isinstance(error, InputError) and self._form.refuse(error):
            return True
        ways = [one for one in ways_of(finding_of(error)) if one not in (Way.AGAIN, Way.UNLOCK)]
        if error.code in LOCKED or not ways:
            return False
        self._asked = self._form.connection_id
        buttons = (Remedy(way.value, partial(self._take, way), closes=False) for way in ways)
        self.tell(notice_of(error, "request", *buttons))
        return True

    def done(self, result: int) -> None:
        """Forget what was pasted and what came back; stop what still runs for the dialog."""
        super().done(result)
        self._signature.forget()
        self._headers.clear()
        self._answer.body.close_lane()


def _cut_short(wish: Wish) -> Notice:
    return Notice(
        "request-cut-short",
        Level.WARN,
        f"The {wish.method} request was closed before its answer came.",
        f"X may have done it already: {wish.path}",
        "Look before it is sent again.",
    )
