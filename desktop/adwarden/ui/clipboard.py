"""What goes to the clipboard: ids, links and reports; never a secret."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtGui import QClipboard


class Clipboard:
    """Writes to the system's clipboard and tells in words what was copied."""

    def __init__(self, system: QClipboard, said: Callable[[str], None]) -> None:
        self._system = system
        self._said = said

    def copy_id(self, text: str) -> None:
        """Copy an id such as an ad account's, which may be seen by anybody."""
        self._system.setText(text)
        self._said(f"Copied {text}")

    def copy_text(self, text: str) -> None:
        """Copy a longer text that is free of secrets, such as a redacted report."""
        self._system.setText(text)
        self._said("Copied")
