"""What becomes of open dialogs when the KeePass file is locked: nothing that was given is lost."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtWidgets import QDialog, QWidget
from shiboken6 import isValid

from adwarden.ui.dialogs import UnexpectedDialog
from adwarden.ui.notices import Level, Notice, Notices
from adwarden.ui.saving_dialog import SavingDialog

HELD_NOTICE = "held-token"
CLOSED_NOTICE = "closed-by-lock"

SAVE_SECONDS = 3.0
"""How long a lock waits for what is being saved; a computer waits 5 with its sleep, as a rule."""


class LockDialogs:
    """The dialogs over one window; ``spared`` tells which of them a lock leaves as they are."""

    def __init__(
        self, window: QWidget, notices: Notices, spared: Callable[[QDialog], bool]
    ) -> None:
        self._window, self._notices, self._spared = window, notices, spared

    def close(self) -> None:
        """Close what may show or hold a secret, or names that are to be hidden.

        An authorization begins anew, unless X may have granted its token already. What is being
        saved stays with its dialog until it is: X shows some keys only once.
        """
        for dialog in self._window.findChildren(QDialog):
            if self._spared(dialog) or isinstance(dialog, UnexpectedDialog):
                continue
            if isinstance(dialog, SavingDialog):
                if not dialog.saving:
                    self._close_form(dialog)
                continue
            if not getattr(dialog, "holds_token", False):
                dialog.reject()
                continue
            dialog.finished.connect(self._see_held)
            if (flow := getattr(dialog, "flow", None)) is not None:
                flow.changed.connect(self._see_held)
        if self._holding():
            self._notices.show_notice(
                Notice(
                    HELD_NOTICE,
                    Level.WARN,
                    "A token that X granted is still in memory.",
                    "It is in no place yet: locking must not lose it.",
                    "Store it or revoke it in the dialog “Connect account”.",
                )
            )

    async def saved(self) -> None:
        """Wait until nothing is being saved any more, some seconds at most.

        What is not saved by then fails of the lock, and says so in its dialog, with what was typed.
        """
        import asyncio

        dialogs = self._window.findChildren(SavingDialog)
        tasks = {task for dialog in dialogs for task in dialog.saving}
        if tasks:
            await asyncio.wait(tasks, timeout=SAVE_SECONDS)

    def _close_form(self, dialog: SavingDialog) -> None:
        lost = dialog.isVisible() and dialog.holds_keys
        title = dialog.windowTitle()
        dialog.reject()
        if lost:
            self._notices.show_notice(
                Notice(
                    CLOSED_NOTICE,
                    Level.WARN,
                    f"The lock has closed “{title}”.",
                    "The keys that had been entered there were not kept.",
                    "Unlock the KeePass file and enter them again.",
                )
            )

    def _holding(self) -> bool:
        """Tell whether a dialog has a token that is in no place yet."""
        dialogs = self._window.findChildren(QDialog)
        return any(d.isVisible() and getattr(d, "holds_token", False) for d in dialogs)

    def _see_held(self) -> None:
        if isValid(self._window) and not self._holding():
            self._notices.dismiss(HELD_NOTICE)
