"""The dialog ``Connect account``: authorize an X app, take the PIN, keep the token.

It never waits on the window's thread, and never closes over a token that is not stored yet.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise

from PySide6.QtCore import QTimer, Signal
from PySide6.QtGui import QKeySequence, QShortcut, QShowEvent
from PySide6.QtWidgets import QComboBox, QDialog, QHBoxLayout, QProgressBar, QWidget

from adwarden.domain.model import Connection, XApp
from adwarden.services.tasks import Tasks
from adwarden.ui.authorize_flow import AccountsLike, AuthorizeFlow, Opened
from adwarden.ui.authorize_layout import build_side, upright_line
from adwarden.ui.authorize_notice import MessagePanel
from adwarden.ui.authorize_page import EmbeddedMode, PagePane
from adwarden.ui.authorize_parts import Words, button
from adwarden.ui.authorize_phase import Phase
from adwarden.ui.authorize_phrases import BUSY, WAITING_OUTSIDE, message_for, pane_words
from adwarden.ui.authorize_steps import Steps
from adwarden.ui.icons import Icons
from adwarden.ui.theme import Theme

PATIENCE_MS = 300
"""How long something may take before its progress is shown."""

_SIZE = (980, 640)
_MINIMUM = (700, 480)
_STEP_OF = {
    Phase.MISMATCH: 3,
    Phase.KEEPING: 3,
    Phase.UNSTORED: 3,
    Phase.DISCARDING: 3,
    Phase.EXCHANGING: 2,
    Phase.DONE: 4,
}


_ASKING = (Phase.WAITING, Phase.MISMATCH, Phase.UNSTORED)
"""Phases in which a message may have buttons that say how it goes on."""


class AuthorizeDialog(QDialog):
    """Connects one account; several of these may be open at once.

    ``connected`` carries the ``Connection`` once its token is in the keychain. ``reconnect`` is
    the connection to renew. ``open_url`` returns whether a browser was started.
    """

    connected = Signal(object)
    keys_wanted = Signal(str)
    """The person wants to enter the keys of this app again."""

    def __init__(
        self,
        parent: QWidget | None,
        *,
        accounts: AccountsLike,
        tasks: Tasks,
        theme: Theme,
        icons: Icons,
        apps: Sequence[XApp],
        app_id: str,
        reconnect: Connection | None,
        embedded: EmbeddedMode,
        open_url: Callable[[str], bool],
        copy_text: Callable[[str], None],
        keychain_name: str,
    ) -> None:
        super().__init__(parent)
        self._keychain_name = keychain_name
        self._reconnect = reconnect
        self._open_url = open_url
        self._copy_text = copy_text
        self._started = False
        self.setWindowTitle("Connect account")
        self.setAccessibleName("Connect account")
        self.setModal(False)
        self.flow = AuthorizeFlow(self, accounts, tasks, reconnect)
        self.apps = _app_choice(apps, reconnect.app_id if reconnect else app_id)
        self.apps.setEnabled(reconnect is None)
        self.panel = MessagePanel(icons, theme)
        is_embedded = embedded is EmbeddedMode.EMBEDDED
        self.steps = Steps(icons, theme, embedded=is_embedded, keychain_name=keychain_name)
        self.browse = button("Open in my browser", style="" if is_embedded else "primary")
        self.browse.setIcon(icons.icon("external-link", colour="" if is_embedded else "on_accent"))
        self.copy = button("Copy link")
        self.copy.setIcon(icons.icon("copy"))
        self.restart = button("Start over", style="flat")
        self.cancel = button("Cancel")
        self.go = button("Continue", style="primary")
        self.progress = QProgressBar()
        self.doing = Words("", "caption")
        self.pane = PagePane(icons, theme, embedded, open_url)
        self._patience = QTimer(self)
        self._patience.setSingleShot(True)
        self._patience.setInterval(PATIENCE_MS)
        self._build()
        self._listen()
        self._enter(Phase.STARTING)

    def open(self) -> None:
        """Show the dialog without holding up any other window."""
        self.pane.prepare()
        self.show()

    @property
    def holds_token(self) -> bool:
        """Whether closing now could lose a token that was granted and is not stored yet."""
        return self.flow.phase.holds

    def showEvent(self, event: QShowEvent) -> None:
        """Begin when the dialog is seen for the first time."""
        super().showEvent(event)
        if not self._started:
            self._started = True
            self._start_over()

    def reject(self) -> None:
        """Close, unless a token would be lost by it: then ask, in the dialog."""
        if self.flow.may_close():
            super().reject()

    def done(self, result: int) -> None:
        """Stop everything and throw the page away."""
        self.flow.shut()
        self.pane.clear()
        self.steps.pin.clear()
        super().done(result)

    def _build(self) -> None:
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        row.addWidget(build_side(self))
        row.addWidget(upright_line())
        row.addWidget(self.pane, 1)
        self.setMinimumSize(*_MINIMUM)
        room = self.screen().availableSize()
        self.resize(min(_SIZE[0], room.width() - 16), min(_SIZE[1], room.height() - 40))
        self._order()

    def _order(self) -> None:
        guest = self.pane.guest
        chain: list[QWidget] = [
            self.apps, *self.panel.buttons(), self.steps.pin, self.browse, self.copy,
            self.go, self.cancel, self.restart,
        ]  # fmt: skip
        if guest is not None:
            chain.append(guest.view)
        for first, second in pairwise(chain):
            QWidget.setTabOrder(first, second)

    def _listen(self) -> None:
        self.flow.changed.connect(self._enter)
        self.flow.opened.connect(self._opened)
        self.flow.connected.connect(self.connected)
        self.flow.ended.connect(self._end)
        self.apps.activated.connect(self._start_over)
        self.steps.edited.connect(self._weigh)
        self.steps.submitted.connect(self._submit)
        self.pane.picked.connect(self._picked)
        self.pane.denied.connect(self.flow.refused)
        self.pane.expired.connect(self.flow.expired)
        self.go.clicked.connect(self._submit)
        self.cancel.clicked.connect(self.reject)
        self.restart.clicked.connect(self._start_over)
        self.browse.clicked.connect(self._open_outside)
        self.copy.clicked.connect(self._copy_link)
        self._patience.timeout.connect(self._show_progress)
        # An embedded page keeps the key to itself; a shortcut comes before it.
        QShortcut(QKeySequence(QKeySequence.StandardKey.Cancel), self, self.reject)

    def _start_over(self) -> None:
        self.flow.start(str(self.apps.currentData() or ""))

    def _enter(self, phase: Phase) -> None:
        """Make the dialog look like ``phase``."""
        waiting = phase is Phase.WAITING
        if phase in (Phase.STARTING, Phase.FAILED, Phase.DISCARDED):
            self.steps.clear_pin()
        self.panel.say(message_for(self.flow, self._keychain_name, self._want_keys, self._submit))
        for choice in self.panel.buttons():
            choice.setEnabled(not phase.busy)
        words = pane_words(self.flow)
        if words is not None:
            self.pane.say(*words)
        self.steps.pin.setEnabled(phase in (Phase.STARTING, Phase.WAITING))
        for outside in (self.browse, self.copy):
            outside.setEnabled(waiting)
            outside.setVisible(waiting or phase in (Phase.STARTING, Phase.EXCHANGING))
        self.apps.setEnabled(not phase.holds and self._reconnect is None)
        self.restart.setEnabled(not phase.holds and phase is not Phase.DONE)
        self.steps.set_step(_STEP_OF.get(phase, 2 if self.steps.digits() else 1))
        self._weigh()
        self._time(phase)
        if phase in (Phase.FAILED, Phase.DISCARDED):
            self.restart.setFocus()
        elif phase in _ASKING and self.panel.buttons():
            self.panel.buttons()[0].setFocus()

    def _time(self, phase: Phase) -> None:
        self.doing.say(BUSY.get(phase, ""))
        if not phase.busy:
            self._patience.stop()
            self.progress.hide()
            self.doing.hide()
        elif not self._patience.isActive() and self.progress.isHidden():
            self._patience.start()

    def _show_progress(self) -> None:
        self.progress.show()
        self.doing.show()

    def _opened(self, opened: Opened) -> None:
        in_pin = self.steps.pin.hasFocus()
        self.pane.open(opened.rules, opened.attempt.request.url)
        self._order()
        guest = self.pane.guest
        if opened.renewed or in_pin or guest is None:
            self.steps.pin.setFocus()
        else:
            guest.setFocus()

    def _weigh(self) -> None:
        ready = self.flow.phase is Phase.WAITING and bool(self.steps.digits())
        self.go.setEnabled(ready)
        if self.flow.phase is Phase.WAITING:
            self.steps.set_step(2 if ready else 1)

    def _submit(self) -> None:
        digits = self.steps.digits()
        if digits:
            self.flow.submit(digits)

    def _picked(self, pin: str) -> None:
        self.steps.show_pin(pin)
        self.flow.submit(pin)

    def _open_outside(self) -> None:
        attempt = self.flow.attempt
        if attempt is None:
            return
        if self._open_url(attempt.request.url):
            self._wait_outside("The page opens in your browser")
        else:
            self.say_no_browser()

    def say_no_browser(self) -> None:
        """Say that the page could not be opened outside, and what to do instead."""
        if self.flow.phase is not Phase.WAITING:
            return
        words = "Press “Copy link” and open the page by hand, here or on another computer."
        self.pane.step_aside("No browser could be opened", words)
        if not self.steps.pin.text():
            self.copy.setFocus()

    def _copy_link(self) -> None:
        attempt = self.flow.attempt
        if attempt is not None:
            self._copy_text(attempt.request.url)
            self._wait_outside("Link copied")

    def _wait_outside(self, title: str) -> None:
        self.pane.step_aside(title, WAITING_OUTSIDE)
        self.steps.wait_outside("Waiting for the PIN. Type the number that X shows.")
        self.steps.pin.setFocus()

    def _want_keys(self) -> None:
        self.keys_wanted.emit(str(self.apps.currentData() or ""))

    def go_on_with_keys(self) -> None:
        """Go on by itself, now that the app's keys have been entered again."""
        self.raise_()
        self.activateWindow()
        if self.flow.phase is Phase.WAITING and self.steps.digits():
            self._submit()  # X has not seen the PIN: it was the keys that could not be read
        else:
            self._start_over()

    def _end(self) -> None:
        self.done(QDialog.DialogCode.Accepted if self.flow.phase is Phase.DONE else 0)


def _app_choice(apps: Sequence[XApp], app_id: str) -> QComboBox:
    choice = QComboBox()
    choice.setAccessibleName("X app")
    choice.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
    choice.setMinimumContentsLength(12)
    for app in apps:
        choice.addItem(app.label, app.id)
    choice.setCurrentIndex(max(0, choice.findData(app_id)))
    return choice
