"""What the forms that are typed into and saved have in common."""

from __future__ import annotations

from collections.abc import Callable, Collection

from PySide6.QtWidgets import QComboBox, QVBoxLayout, QWidget

from adwarden.domain.errors import InputError
from adwarden.domain.model import AppAccess
from adwarden.ui.fields import Labelled, NameField
from adwarden.ui.parts import Text
from adwarden.ui.phrases import ACCESS_WORDS


class Sheet(QWidget):
    """A form's column with its title; ``fields`` are those that a refusal may be about."""

    def __init__(self, title: str) -> None:
        super().__init__()
        self.column = QVBoxLayout(self)
        self.column.setContentsMargins(24, 20, 24, 8)
        self.column.setSpacing(12)
        self.column.addWidget(Text(title, role="title"))
        self.fields: dict[str, Labelled] = {}

    @property
    def widget(self) -> QWidget:
        """The form itself."""
        return self

    def refuse(self, error: InputError) -> bool:
        """Say beside the field that the error is about what is wrong; False where there is none."""
        field = self.fields.get(error.field)
        if field is None:
            return False
        field.say(" ".join(filter(None, (error.message or error.title, error.remedy))), "error")
        self.setEnabled(True)
        field.control.setFocus()
        return True


class AppSheet(Sheet):
    """A form with an X app's name and access; ``taken`` returns the names of the other apps."""

    def __init__(self, title: str, taken: Callable[[], Collection[str]]) -> None:
        super().__init__(title)
        self._taken = taken
        self._label = NameField("App name", "Your own word for it, such as Agency app")
        self._access = QComboBox()
        for access, words in ACCESS_WORDS.items():
            self._access.addItem(words, access)
        hint = "The Ads API access that X approved for this app."
        self._access_field = Labelled("App access", self._access, hint)

    @property
    def label(self) -> str:
        """The app's name, as typed."""
        return self._label.text()

    @property
    def access(self) -> AppAccess:
        """The chosen access to the Ads API."""
        chosen: AppAccess = self._access.currentData()
        return chosen

    def check_label(self) -> QWidget | None:
        """Say what is wrong with the name; return its field where something is."""
        label = self._label.text()
        if not label:
            self._label.say("Give the app a name.", "error")
            return self._label.edit
        if label.casefold() in {name.casefold() for name in self._taken()}:
            self._label.say("Another X app has this name already.", "error")
            return self._label.edit
        return self._label.edit if self._label.too_long() else None
