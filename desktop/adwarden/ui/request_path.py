"""The field for the path of a request, which completes what X's read endpoints are."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QObject, Qt
from PySide6.QtGui import QStandardItem, QStandardItemModel
from PySide6.QtWidgets import QCompleter

from adwarden.domain.requests import LONGEST_PATH, LONGEST_QUERY, catalog, complete, path_of
from adwarden.ui.fields import TextField
from adwarden.ui.icons import Icons
from adwarden.ui.parts import announce, icon_button

_SHOWN = 10


class PathField(TextField):
    """A path, with or without parameters behind it; the arrow shows all that are known.

    ``addresses`` are those of the Ads API and of X's other one; of what is pasted, they are
    taken away, as requests go there anyway.
    """

    def __init__(self, icons: Icons, addresses: tuple[str, str]) -> None:
        super().__init__("Path", limit=LONGEST_PATH + LONGEST_QUERY)
        self._addresses = addresses
        self._model = QStandardItemModel(self)
        self._completer = QCompleter(self._model, self)
        self._completer.setCompletionMode(QCompleter.CompletionMode.UnfilteredPopupCompletion)
        self._completer.setCompletionRole(Qt.ItemDataRole.UserRole)
        self._completer.setMaxVisibleItems(_SHOWN)
        if (popup := self._completer.popup()) is not None:
            popup.setAccessibleName("Paths")
        self.edit.setPlaceholderText("accounts/:account_id/campaigns")
        self.edit.setCompleter(self._completer)
        # First this: the field asks for what fits right after it has told of the change.
        self.edit.textEdited.connect(self._offer)
        self.edit.textChanged.connect(self._shorten)
        self.all = icon_button("All paths", icons, "list-tree")
        self.all.setFixedSize(34, 34)
        self.all.clicked.connect(self.show_all)
        self.row.addWidget(self.all)

    def show_all(self) -> None:
        """Offer every path that is known."""
        self._fill([(one.path, f"{one.category}: {one.title}") for one in catalog()])
        self.edit.setFocus()
        self._completer.complete()

    def _shorten(self, text: str) -> None:
        path = path_of(text, *self._addresses)
        if path != text:
            self.edit.setText(path)
            announce(self.edit, "Only the path was kept")

    def _offer(self, typed: str) -> None:
        found = complete(typed) if "?" not in typed else ()
        self._fill([(one.text, one.endpoint.title) for one in found])

    def _fill(self, rows: Sequence[tuple[str, str]]) -> None:
        self._model.clear()
        for path, title in rows:
            item = QStandardItem(f"{path}   {title}")
            item.setData(path, Qt.ItemDataRole.UserRole)
            item.setData(f"{path}, {title}", Qt.ItemDataRole.AccessibleTextRole)
            self._model.appendRow(item)


def completer_of(words: Sequence[str], parent: QObject) -> QCompleter:
    """Return what completes the name or the ID of an ad account, wherever it is in it."""
    completer = QCompleter(list(words), parent)
    completer.setCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
    completer.setFilterMode(Qt.MatchFlag.MatchContains)
    completer.setMaxVisibleItems(_SHOWN)
    if (popup := completer.popup()) is not None:
        popup.setAccessibleName("Ad accounts")
    return completer
