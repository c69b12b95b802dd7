"""The window ``Where secrets are kept``: the three places, their health, and what can be done.

It shows what has been found out and passes on what is asked for; it keeps nothing itself.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QAction, QKeySequence, QShortcut, QShowEvent
from PySide6.QtWidgets import QDialog, QFrame, QHBoxLayout, QScrollArea, QVBoxLayout, QWidget

from adwarden.domain.model import FILE, KEYCHAIN
from adwarden.services.events import Event, RemovalChanged, RemovalKind
from adwarden.services.tasks import Tasks
from adwarden.storage.keychain_status import KeychainState
from adwarden.storage.settings import VAULT_PLACE, Settings
from adwarden.ui.action_table import Id
from adwarden.ui.icons import Icons
from adwarden.ui.parts import Mark, Text, breakable, make_button
from adwarden.ui.places_card import Answers, Does, PlaceCard, Shown
from adwarden.ui.places_work import PLACES, PlacesWork
from adwarden.ui.store import State
from adwarden.ui.take_all import TakeAll
from adwarden.ui.vault_words import TITLES

if TYPE_CHECKING:
    from adwarden.ui.port import Services
    from adwarden.ui.vault_asks import VaultAsks
    from adwarden.ui.vault_watch import VaultWatch

SIZE = (760, 680)
SETTLE_MS = 80


class PlacesDialog(QDialog):
    """Looks at all places when it is shown and whenever something about them has changed."""

    def __init__(
        self,
        parent: QWidget,
        services: Services,
        tasks: Tasks,
        settings: Settings,
        state: State,
        icons: Icons,
        watch: VaultWatch,
        asks: VaultAsks,
    ) -> None:
        super().__init__(parent)
        self._services, self._tasks, self._settings = services, tasks, settings
        self._state, self._icons = state, icons
        self._watch, self._asks = watch, asks
        self._work = PlacesWork(self, services, tasks, self._changed, watch.say, watch.commands)
        self._take_all = TakeAll(self, services, tasks, self._work, self._changed)
        self._closed = True
        self._missed = False
        """Whether something has changed that the look under way may not have seen."""
        self._unsubscribe: Callable[[], None] = lambda: None
        self.setWindowTitle("Where secrets are kept")
        self.setAccessibleName("Where secrets are kept")
        self.setMinimumSize(560, 420)
        room = self.screen().availableSize()
        self.resize(min(SIZE[0], room.width() - 16), min(SIZE[1], room.height() - 40))
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.setSpacing(0)
        self._scroll = QScrollArea()
        self._scroll.setWidgetResizable(True)
        self._scroll.setFrameShape(QFrame.Shape.NoFrame)
        self._scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        outer.addWidget(self._scroll, 1)
        row = QHBoxLayout()
        row.setContentsMargins(24, 12, 24, 16)
        again = make_button("Look again")
        again.clicked.connect(self.look)
        close = make_button("Close", primary=True)
        close.clicked.connect(self.accept)
        close.setDefault(True)
        row.addWidget(again)
        row.addStretch(1)
        row.addWidget(close)
        outer.addLayout(row)
        self._settle = QTimer(self)
        self._settle.setSingleShot(True)
        self._settle.setInterval(SETTLE_MS)
        self._settle.timeout.connect(self.look)
        QShortcut(QKeySequence("F5"), self, self.look)
        # The window's own: entries are deleted from here as well.
        self.addActions(parent.findChildren(QAction, f"action-{Id.UNDO.value}"))
        self._write()
        close.setFocus()

    @property
    def settled(self) -> bool:
        """Whether everything that was looked at is shown."""
        return not self._settle.isActive() and not self._work.busy

    def showEvent(self, event: QShowEvent) -> None:
        """Look at everything once the window is there."""
        super().showEvent(event)
        if not event.spontaneous():
            if self._closed:
                self._unsubscribe = self._services.subscribe(self._hear)
            self._closed = False
            self._work.begin()

    def done(self, result: int) -> None:
        """End what runs for the window; moving and taking over end before their next step."""
        self._closed = True
        self._unsubscribe()
        self._services.moving.stop()
        self._take_all.stop()
        self._settle.stop()
        super().done(result)
        self._tasks.cancel(self)

    def again(self) -> None:
        """Look again soon; bursts of events cost one look."""
        # What is being looked at is told as an event, which is no reason to look again.
        if not self._settle.isActive() and not self._work.busy and not self._closed:
            self._settle.start()

    def look(self) -> None:
        """Look at all places now."""
        self._settle.stop()
        self._work.look()

    def _hear(self, event: Event) -> None:
        """Say in its card why an entry could not be deleted: the notice is behind this window."""
        if isinstance(event, RemovalChanged) and event.removal.kind is RemovalKind.ENTRY:
            if event.error is not None:
                self._work.failed(event.removal.place, event.error)
            self._missed = self._work.busy
            self.again()

    def _changed(self) -> None:
        if not self._closed:
            if not self._work.busy:
                self._settle.stop()
                if self._missed:
                    self._missed = False
                    self._settle.start()
            self._write()

    def _choose(self, place: str) -> None:
        if place == FILE and self._services.vault_file.path is None:
            self._asks.create()
        else:
            self._settings.set(VAULT_PLACE, place)
        self._write()

    def _write(self) -> None:
        focused = self.focusWidget()
        name = focused.accessibleName() if focused is not None else ""
        scrolled = self._scroll.verticalScrollBar().value()
        page = QWidget()
        column = QVBoxLayout(page)
        column.setContentsMargins(24, 20, 24, 16)
        column.setSpacing(12)
        column.addWidget(Text("Where secrets are kept", role="title"))
        words = (
            "Each X app and each connection stays where it was kept. Nothing moves by itself, and "
            "a place that fails is never replaced by another."
        )
        column.addWidget(Text(words, role="dim", wraps=True))
        for place in PLACES:
            column.addWidget(PlaceCard(self._shown(place), self._answers(place), self._icons))
        if self._work.choices:
            self._write_choices(column)
        column.addStretch(1)
        self._scroll.setWidget(page)
        page.show()
        self._scroll.verticalScrollBar().setValue(scrolled)
        again = [p for p in page.findChildren(QWidget) if name and p.accessibleName() == name]
        if again:
            again[0].setFocus()

    def _shown(self, place: str) -> Shown:
        state, work = self._state, self._work
        path = self._services.vault_file.path if place == FILE else None
        words, role = work.outcomes.get(place, ("", "dim"))
        apps = sum(one.place == place for one in state.apps.values())
        connections = sum(one.place == place for one in state.connections.values())
        report, moving, taking = work.reports[place], work.moving, self._take_all.progress
        taking = taking if taking is not None and taking[0] == place else None
        if moving is not None or taking is not None:
            # What was counted there is not true any more with the next one that comes or goes.
            report = replace(report, rows=apps + connections, entries=None, orphans=())
        return Shown(
            report,
            apps=apps,
            connections=connections,
            chosen=self._settings.get(VAULT_PLACE) == place,
            path="" if path is None else str(path),
            test=work.tests.get(place),
            testing=place in work.testing,
            moving=moving[1] if moving is not None and moving[0] == place else None,
            taking=taking[1] if taking is not None else None,
            outcome=words,
            outcome_role=role,
        )

    def _answers(self, place: str) -> Answers:
        return Answers(
            partial(self._choose, place),
            tuple(self._does(place)),
            self._services.moving.stop,
            self._work.take_over,
            partial(self._take_all.begin, place),
            self._take_all.stop,
            self._work.delete,
            self._work.undo,
        )

    def _does(self, place: str) -> list[Does]:
        title, work = TITLES[place], self._work
        state = work.reports[place].status.state
        ready = state is KeychainState.READY
        found: list[Does] = []
        if place == KEYCHAIN and work.unlocking:
            found.append(Does("Cancel", "Cancel unlocking", work.stop_unlocking))
        elif place == KEYCHAIN and state in (KeychainState.LOCKED, KeychainState.NO_COLLECTION):
            words = "Unlock …" if state is KeychainState.LOCKED else "Set it up …"
            found.append(Does(words, f"Unlock {title}", work.unlock_keychain))
        if place == FILE:
            found += self._file_does(state)
        still = work.moving is None and self._take_all.progress is None
        if ready and still and self._services.moving.elsewhere(place):
            move = partial(work.move, place)
            found.append(Does("Move everything here …", f"Move everything to {title}", move))
        if copies := self._services.moving.copies(place):
            words = "Delete the old copy" if copies == 1 else f"Delete {copies} old copies"
            delete = partial(work.delete_copies, place)
            found.append(Does(words, f"{words} in {title}", delete, danger=True))
        if (place == KEYCHAIN and not work.unlocking) or (ready and place == FILE):
            found.append(Does("Test", f"Test {title}", partial(work.test, place)))
        if place == FILE and self._services.vault_file.path is not None:
            found.append(Does("Forget file …", "Forget file", self._asks.forget, danger=True))
        return found

    def _file_does(self, state: KeychainState) -> list[Does]:
        watch, asks = self._watch, self._asks
        if self._services.vault_file.path is None:
            return [
                Does("Create KeePass file …", "Create KeePass file", asks.create),
                Does("Open KeePass file …", "Open KeePass file", asks.open_file),
            ]
        if self._state.file_open:
            return [
                Does("Lock", "Lock KeePass file", self._lock),
                Does("Change master password …", "Change master password", asks.change_password),
            ]
        found = [Does("Open another …", "Open KeePass file", asks.open_file)]
        if state is KeychainState.LOCKED:
            found.insert(0, Does("Unlock …", "Unlock KeePass file", watch.unlock))
        return found

    def _lock(self) -> None:
        self._watch.lock()

    def _write_choices(self, column: QVBoxLayout) -> None:
        column.addSpacing(4)
        column.addWidget(Text("Keychains of this computer", role="strong"))
        for choice in self._work.choices:
            row = QHBoxLayout()
            row.setSpacing(8)
            icon, colour = ("circle-check", "ok") if choice.used else ("minus", "dim")
            mark = Mark(self._icons, icon, colour, 14, height=18)
            row.addWidget(mark, 0, Qt.AlignmentFlag.AlignTop)
            words = QVBoxLayout()
            words.setSpacing(1)
            used = f"{choice.name}, used" if choice.used else choice.name
            words.addWidget(Text(used, wraps=True))
            words.addWidget(Text(breakable(choice.why), role="caption", wraps=True))
            row.addLayout(words, 1)
            column.addLayout(row)
