"""What goes to the clipboard: ids, links and reports to stay, a secret for a while."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtGui import QClipboard, QGuiApplication

if TYPE_CHECKING:
    from adwarden.domain.secret import Secret
    from adwarden.storage.settings import Settings
    from adwarden.ui.icons import Icons
    from adwarden.ui.secret_clipboard import SecretClipboard
    from adwarden.ui.status_bar import StatusBar


class Clipboard:
    """Writes to the system's clipboard and tells in words what was copied.

    ``secrets`` makes the part for secrets; it is asked for it at the first of them.
    """

    def __init__(
        self,
        system: QClipboard,
        said: Callable[[str], None],
        secrets: Callable[[], SecretClipboard] | None = None,
    ) -> None:
        self._system = system
        self._said = said
        self._make = secrets
        self._secrets: SecretClipboard | None = None
        self.copied: Callable[[bool], None] = lambda there: None
        """Is told when a secret comes to be there, and when it is so no more."""

    def copy_id(self, text: str) -> None:
        """Copy an id such as an ad account's, which may be seen by anybody."""
        self._system.setText(text)
        self._said(f"Copied {text}")

    def copy_text(self, text: str) -> None:
        """Copy a longer text that is free of secrets, such as a redacted report."""
        self._system.setText(text)
        self._said("Copied")

    def copy_secret(self, secret: Secret, what: str) -> None:
        """Copy a secret, to be cleared after a while; ``what`` names it: ``API key secret``."""
        self.secrets.copy(secret, what)

    @property
    def secrets(self) -> SecretClipboard:
        """The part for secrets, made by the first who asks for it."""
        if self._secrets is None:
            if self._make is None:
                raise RuntimeError("this window has no clipboard for secrets")
            self._secrets = self._make()
            self._secrets.started.connect(lambda: self.copied(True))
            self._secrets.ended.connect(lambda *_: self.copied(False))
        return self._secrets

    def clear_now(self) -> None:
        """Clear a secret that is still there, at once: on locking and on quitting."""
        if self._secrets is not None:
            self._secrets.clear_now()


def window_clipboard(status: StatusBar, settings: Settings, icons: Icons) -> Clipboard:
    """Make the clipboard of a window, which tells of it in its line at the bottom."""
    system = QGuiApplication.clipboard()

    def secrets() -> SecretClipboard:
        from adwarden.ui.secret_strip import make_secret_clipboard

        return make_secret_clipboard(system, settings, icons, status.say, status.lend)

    return Clipboard(system, status.say, secrets)
