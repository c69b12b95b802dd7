"""What can be chosen about a hand-over: names of variables, ad account, the request to sign."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import QCheckBox, QComboBox, QHBoxLayout, QVBoxLayout, QWidget

from adwarden.domain.errors import InputError
from adwarden.services.handover.curl import METHODS
from adwarden.services.handover.env import FAMILIES
from adwarden.services.handover.formats import Format, Options
from adwarden.ui.fields import Labelled, TextField
from adwarden.ui.hand_over_source import Subject
from adwarden.ui.search import shortened, visible

_LONGEST = 60
_WORD = 14
"""Characters of a choice that are always seen."""

_DEFAULTS = {
    "twurlrc": "Make it the default profile",
    "xurl": "Make it the default app",
}
_DEFAULT_HINT = (
    "It is in any case where there is none yet. The Ads SDKs read the default alone.",
    "It is in any case where there is none yet.",
)


class _Long(QComboBox):
    """A choice among tens of thousands; Qt would look at each of them to tell its size."""

    def __init__(self, like: QComboBox) -> None:
        super().__init__()
        self._like = like

    def sizeHint(self) -> QSize:
        return self._like.sizeHint()

    def minimumSizeHint(self) -> QSize:
        return self._like.minimumSizeHint()


class HandOverOptions(QWidget):
    """Shows what concerns the format; ``changed`` is emitted after each choice."""

    changed = Signal()

    def __init__(self, subject: Subject) -> None:
        super().__init__()
        self._address, self._typed = subject.address, ""
        self._family = QComboBox()
        for one in FAMILIES.values():
            self._family.addItem(one.title, one.id)
        self._account = _Long(self._family)
        self._account.setMaxVisibleItems(14)
        self._subject, self._ids = subject, ["", *(key for key, _ in subject.accounts)]
        self._method = QComboBox()
        self._method.addItems(list(METHODS))
        for box in (self._family, self._account, self._method):
            box.setSizeAdjustPolicy(
                QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon
            )
            box.setMinimumContentsLength(_WORD)
        self._method.setMinimumContentsLength(7)
        self._families = Labelled("Names of the variables", self._family)
        self._accounts = Labelled("Ad account", self._account)
        self._methods = Labelled("Method", self._method)
        self._url = TextField("Address", limit=4000)
        self._name = TextField("Name of the app in xurl")
        self._name.edit.setText(visible(subject.app))
        self._default = QCheckBox()
        row = QHBoxLayout()
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(12)
        for part, share in (
            (self._families, 1), (self._methods, 0), (self._url, 1), (self._name, 1),
            (self._accounts, 1),
        ):  # fmt: skip
            row.addWidget(part, share, Qt.AlignmentFlag.AlignTop)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addLayout(row)
        column.addWidget(self._default)
        self._wire()

    def fill(self) -> None:
        """Offer the ad accounts: only once it is seen, as there may be tens of thousands."""
        if not self._account.count():
            names = (visible(name or key) for key, name in self._subject.accounts)
            chosen = self._ids.index(self._chosen)  # the first one is current once there are some
            blocked = self._account.blockSignals(True)
            self._account.addItems(["None", *(shortened(name)[:_LONGEST] for name in names)])
            self._account.setCurrentIndex(chosen)
            self._account.blockSignals(blocked)

    @property
    def _chosen(self) -> str:
        """The ad account that is chosen, or the one to begin with."""
        if self._account.count():
            return self._ids[self._account.currentIndex()]
        return self._subject.account_id if self._subject.account_id in self._ids else ""

    @property
    def account_id(self) -> str:
        """The ad account that is named, empty for none."""
        return "" if self._accounts.isHidden() else self._chosen

    def options(self, now: float, nonce: str) -> Options:
        """Return what was chosen; ``now`` is in Unix seconds."""
        return Options(
            family=str(self._family.currentData()),
            default=self._default.isChecked(),
            app_name=self._name.text(),
            method=self._method.currentText(),
            url=self._url.text(),
            now=now,
            nonce=nonce,
        )

    def show_format(self, one: Format) -> None:
        """Show what concerns a format, and nothing else."""
        self._families.setVisible(one.families)
        self._accounts.setVisible(one.account and len(self._ids) > 1)
        for part in (self._methods, self._url):
            part.setVisible(one.request)
        self._name.setVisible(one.id == "xurl")
        self._default.setVisible(one.merge is not None)
        words = _DEFAULTS.get(one.id, "Make it the default")
        self._default.setText(words)
        self._default.setAccessibleName(words)
        hint = _DEFAULT_HINT[one.id != "twurlrc"]
        self._default.setToolTip(hint)
        self._default.setAccessibleDescription(hint)
        shown = one.families or one.request or one.merge is not None
        self.setVisible(shown or not self._accounts.isHidden())
        self._families.say("")
        self._explain()

    def refuse(self, error: InputError) -> bool:
        """Say beside its field what is wrong; False where there is no such field."""
        fields = {"family": self._families, "url": self._url, "method": self._methods}
        field = fields.get(error.field)
        if field is None or field.isHidden():
            return False
        field.say(str(error), "error")
        return True

    def clear_words(self) -> None:
        """Take back what was said of the fields."""
        self._url.say("")
        self._methods.say("")
        self._explain()

    def _wire(self) -> None:
        self._family.currentIndexChanged.connect(lambda _: self.changed.emit())
        self._account.currentIndexChanged.connect(self._account_changed)
        self._method.currentIndexChanged.connect(lambda _: self.changed.emit())
        self._default.toggled.connect(lambda _: self.changed.emit())
        for field in (self._url, self._name):
            field.edit.textEdited.connect(lambda _: self.changed.emit())
        self._url.edit.textEdited.connect(self._keep)
        self._suggest()

    def _keep(self, text: str) -> None:
        self._typed = text

    def _account_changed(self) -> None:
        self._suggest()
        self.changed.emit()

    def _suggest(self) -> None:
        """Offer the request that works for everybody, unless one was typed."""
        if not self._typed:
            account = self._chosen
            self._url.edit.setText(f"{self._address}/accounts{f'/{account}' if account else ''}")

    def _explain(self) -> None:
        self._families.say(FAMILIES[str(self._family.currentData())].about)
