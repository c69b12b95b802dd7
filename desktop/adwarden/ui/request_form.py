"""What is to be sent: connection, ad account, method and path, with hints while one types."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import QTimer, QUrl
from PySide6.QtGui import QDesktopServices, QStandardItemModel
from PySide6.QtWidgets import QCheckBox, QComboBox, QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from adwarden.domain.errors import InputError
from adwarden.domain.requests import ACCOUNT, METHODS, Endpoint, Typed, find, parse
from adwarden.services.trying import Wish, plan_of
from adwarden.ui.fields import Labelled, TextField
from adwarden.ui.icons import Icons
from adwarden.ui.parts import Text, breakable, make_button, plain_tip
from adwarden.ui.request_parameters import RequestParameters
from adwarden.ui.request_path import PathField, completer_of
from adwarden.ui.search import shortened, visible

_PAUSE = 250
"""Milliseconds without a key before what was typed is looked at."""

UNLOCK = "Allow one request that changes something"
_MEANS = (
    "POST, PUT and DELETE change something at X at once, with no way back. Once one was sent, or "
    "has failed, only GET is allowed again."
)


class RequestForm(QWidget):
    """Method and path; ``side`` has the rest, which follows the path, and stands elsewhere.

    ``connections`` are words by ids, ``accounts`` ids and names of ad accounts by connection,
    ``addresses`` as ``PathField`` wants them.
    """

    def __init__(
        self,
        connections: Mapping[str, str],
        accounts: Mapping[str, Mapping[str, str]],
        addresses: tuple[str, str],
        icons: Icons,
    ) -> None:
        super().__init__()
        self._accounts = accounts
        self._endpoint: Endpoint | None = None
        self._connection = QComboBox()
        for key, words in connections.items():
            self._connection.addItem(shortened(visible(words)), key)
        self._connection.setMinimumContentsLength(12)
        policy = QComboBox.SizeAdjustPolicy
        self._connection.setSizeAdjustPolicy(policy.AdjustToMinimumContentsLengthWithIcon)
        self._connection.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self._method = QComboBox()
        self._method.addItems(METHODS)
        self.path = PathField(icons, addresses)
        self._account_field = TextField("Ad account", limit=1000)
        self._hint = Text("", role="dim", wraps=True, name="What it is")
        self._page = make_button("Documentation")
        self._page.setProperty("flat", True)
        self._unlock = QCheckBox(UNLOCK)
        self._unlock.setAccessibleName(UNLOCK)
        self._unlock.setAccessibleDescription(_MEANS)
        self._means = Text(_MEANS, role="warn", wraps=True)
        self._pause = QTimer(self)
        self._pause.setSingleShot(True)
        self._pause.setInterval(_PAUSE)
        self._build()
        self.side = RequestParameters(icons, self._whose(), self._account_field.edit)
        self._wire()
        self._show_unlocked(False)
        self._choose_connection()

    # Building

    def _build(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        what = QHBoxLayout()
        what.setSpacing(12)
        what.addWidget(Labelled("Method", self._method))
        what.addWidget(self.path, 1)
        told = QHBoxLayout()
        told.setSpacing(12)
        told.addWidget(self._hint, 1)
        told.addWidget(self._page)
        told.addWidget(self._unlock)
        column.addLayout(what)
        column.addLayout(told)
        column.addWidget(self._means)

    def _whose(self) -> QWidget:
        whose = QWidget()
        column = QVBoxLayout(whose)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(10)
        column.addWidget(Labelled("Connection", self._connection))
        column.addWidget(self._account_field)
        return whose

    def _wire(self) -> None:
        self._connection.currentIndexChanged.connect(self._choose_connection)
        self._method.currentIndexChanged.connect(self._touched)
        self._account_field.edit.textChanged.connect(self._touched)
        self.path.edit.textChanged.connect(self._touched)
        self.side.changed.connect(self._touched)
        self._unlock.toggled.connect(self._show_unlocked)
        self._page.clicked.connect(self._open_page)
        self._pause.timeout.connect(self.look)

    # What is asked for

    @property
    def wish(self) -> Wish:
        """What stands in the form."""
        return Wish(
            self.connection_id,
            self.path.text(),
            self.account_id,
            self.side.pairs,
            self._method.currentText(),
            self.side.ids,
        )

    @property
    def connection_id(self) -> str:
        """The connection that signs."""
        return str(self._connection.currentData() or "")

    @property
    def account_id(self) -> str:
        """The ad account that was chosen, or the ID that was typed."""
        return self._labels().get(self._account_field.text(), self._account_field.text())

    @property
    def unlocked(self) -> bool:
        """Whether the next request may change something."""
        return self._unlock.isChecked()

    @property
    def settled(self) -> bool:
        """Whether what was typed has been looked at."""
        return not self._pause.isActive()

    def put(self, connection_id: str, account_id: str, path: str) -> None:
        """Begin with these; what is empty is as it is."""
        place = self._connection.findData(connection_id)
        if place >= 0:
            self._connection.setCurrentIndex(place)
        if account_id:
            names = {value: label for label, value in self._labels().items()}
            self._account_field.edit.setText(names.get(account_id, account_id))
            self._account_field.edit.setCursorPosition(0)
        self.path.edit.setText(path)
        self.look()

    def lock_again(self) -> None:
        """Take the tick away: it was for one request."""
        self._unlock.setChecked(False)

    def refuse(self, error: InputError) -> bool:
        """Say beside its field what is wrong; False where there is no such field."""
        self._pause.stop()
        words = str(error)
        if error.field == "account":
            self._account_field.say(words, "error")
            self._account_field.edit.setFocus()
        elif error.field == "path" or error.field == "method":
            self._hint.say(breakable(visible(words)), "error")
            (self.path.edit if error.field == "path" else self._method).setFocus()
        elif not self.side.refuse(error, self._in_path()):
            if not error.field.startswith("parameter"):
                return False
            self._hint.say(breakable(visible(words)), "error")
        return True

    # What is said while one types

    def look(self) -> None:
        """Look at what stands there: what it is, what it takes, and what is wrong with it."""
        self._pause.stop()
        self._account_field.say("")
        self.side.clear_words()
        typed = self._typed()
        self._endpoint = find(typed) if typed is not None else None
        places = _places(typed)
        if typed is not None:
            reads = self._method.currentIndex() == 0
            ids = [one for one in places if one != ACCOUNT[1:]]
            self.side.show_endpoint(self._endpoint, ids, reads=reads)
        self._page.setVisible(self._endpoint is not None)
        needs = ACCOUNT[1:] in places
        self._account_field.edit.setEnabled(needs)
        self._account_field.edit.setPlaceholderText(
            "Name or ID" if needs else f"Not needed: no {ACCOUNT} in the path"
        )
        try:
            plan = plan_of(self.wish)
        except InputError as error:
            title = f"{_title(self._endpoint)} " if self._endpoint else ""
            what = "" if error.field == "path" and not self.path.text() else f"{error.title}. "
            told = f"{title}{what}{error.remedy}"
            typing = error.field in ("account", "path")
            self._hint.say(breakable(visible(told)), "dim" if typing else "error")
            return
        title = ""
        if plan.endpoint is not None:
            title = _title(plan.endpoint)
            self._page.setToolTip(plain_tip(plan.endpoint.page))
        told = " ".join(filter(None, (title, *plan.remarks)))
        self._hint.say(breakable(visible(told)), "warn" if plan.remarks else "dim")

    def _typed(self) -> Typed | None:
        try:
            return parse(self.path.text())
        except InputError:
            return None

    def _in_path(self) -> int:
        typed = self._typed()
        return len(typed.parameters) if typed is not None else 0

    def _touched(self) -> None:
        self._pause.start()

    def _labels(self) -> dict[str, str]:
        names = self._accounts.get(self.connection_id, {})
        return {account_label(key, name): key for key, name in names.items()}

    def _choose_connection(self) -> None:
        labels = self._labels()
        kept = self._account_field.text()
        known = {account_label(key, name) for all_ in self._accounts.values()
                 for key, name in all_.items()}  # fmt: skip
        if kept in known and kept not in labels:
            # It was chosen for another connection, which this one may not reach.
            self._account_field.edit.clear()
        self._account_field.edit.setCompleter(completer_of(sorted(labels, key=str.casefold), self))
        if len(labels) == 1 and not self._account_field.text():
            self._account_field.edit.setText(next(iter(labels)))
        self._touched()

    def _show_unlocked(self, unlocked: bool) -> None:
        self._means.setVisible(unlocked)
        model = self._method.model()
        assert isinstance(model, QStandardItemModel)
        for place in range(1, len(METHODS)):
            if (item := model.item(place)) is not None:
                item.setEnabled(unlocked)
        if not unlocked:
            self._method.setCurrentIndex(0)

    def _open_page(self) -> None:
        if self._endpoint is not None:
            QDesktopServices.openUrl(QUrl(self._endpoint.page))


def account_label(account_id: str, name: str) -> str:
    """Return how an ad account is written where it is chosen."""
    return f"{shortened(visible(name))} · {account_id}" if name else account_id


def _title(endpoint: Endpoint) -> str:
    names = dict.fromkeys((endpoint.category, endpoint.title))
    return f"{': '.join(names)}."


def _places(typed: Typed | None) -> list[str]:
    return [part[1:] for part in typed.parts if part.startswith(":")] if typed else []
