"""What is looked up on demand, in the details: buttons that say what they cost, and what came."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QVBoxLayout

from adwarden.domain.lookups import (
    REASON_WORDS,
    TYPE_WORDS,
    Features,
    Funding,
    FundingInstrument,
    Kind,
    cost,
    money,
)
from adwarden.domain.model import AccountEntry, Connection
from adwarden.storage.settings import LOOKUP_PRICE
from adwarden.ui.badge_paint import BadgeRow
from adwarden.ui.badges import Badge
from adwarden.ui.details_parts import Fact, Facts, Meter, box, caption, heading
from adwarden.ui.details_place import Desk
from adwarden.ui.parts import Button, Text, make_button
from adwarden.ui.phrases import ago, api_time, counted

_FRAME = 30
"""Pixels of a button beside its words."""

_SHOWN = 12
"""Features listed; there can be hundreds."""


class PricedButton(Button):
    """A button that says what it does and what that costs, below each other where it is narrow.

    Its words change with what is left to do; by ``key`` it is known to be the same one.
    """

    def __init__(self, words: str, price: str, key: str) -> None:
        super().__init__(f"{words} {price}")
        self._words, self._price = words, price
        self.setObjectName(key)
        self.setAccessibleName(f"{words} {price}")
        self.setAutoDefault(False)
        # Its words must not make the pane wider than it is.
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Use one line where it fits."""
        super().resizeEvent(event)
        line = f"{self._words} {self._price}"
        fits = self.fontMetrics().horizontalAdvance(line) + _FRAME <= event.size().width()
        text = line if fits else f"{self._words}\n{self._price}"
        if text != self.text():
            self.setText(text)


def write_lookups(
    desk: Desk, column: QVBoxLayout, connection: Connection, entry: AccountEntry
) -> None:
    """Write all that can be looked up for one ad account."""
    account_id = entry.account.id
    known = desk.state.lookups
    column.addWidget(heading("Funding"))
    funding = known.funding.get(account_id)
    if funding is not None:
        _funding(desk, column, funding)
    _ask(desk, column, Kind.FUNDING, connection, account_id, "funding", again=funding is not None)
    column.addSpacing(4)
    column.addWidget(heading("Features"))
    features = known.features.get(account_id)
    if features is not None:
        _features(desk, column, features)
    again = features is not None
    _ask(desk, column, Kind.FEATURES, connection, account_id, "features", again=again)
    handles = known.handles_of(connection.id, account_id, (entry,))
    if handles is not None:
        write_handles(desk, column, connection, account_id, *handles)


def write_handles(
    desk: Desk,
    column: QVBoxLayout,
    connection: Connection,
    account_id: str,
    missing: Sequence[str],
    under_way: int,
) -> None:
    """Offer to look up whoever has no handle yet; ``under_way`` counts who is asked for."""
    known = desk.state.lookups
    key = (Kind.HANDLES.value, connection.id, account_id)
    error = known.errors.get(key)
    column.addSpacing(4)
    column.addWidget(heading("Handles of other users"))
    if key in known.running:
        _progress(column, *known.running[key], what="handles")
        return
    if error is not None:
        column.addWidget(box(desk.icons, "bad", error.title, error.message, error.remedy))
    if under_way:
        told = counted(under_way, "handle is", "handles are")
        column.addWidget(Text(f"{told} being looked up already …", role="dim", wraps=True))
    if not missing:
        return
    price = cost(len(missing), desk.settings.get(LOOKUP_PRICE))
    told = counted(len(missing), "handle", "handles")
    button = PricedButton(f"Look up {told}", f"({price})", "look-up-handles")
    button.clicked.connect(lambda: desk.asks.look_up(*key))
    column.addWidget(button)
    column.addWidget(
        caption(
            "X sends only the IDs of users, and charges for their names. They are kept here, so "
            "that nobody is paid for twice. The price is in the settings."
        )
    )


def _ask(
    desk: Desk,
    column: QVBoxLayout,
    kind: Kind,
    connection: Connection,
    account_id: str,
    what: str,
    *,
    again: bool,
) -> None:
    key = (kind.value, connection.id, account_id)
    known = desk.state.lookups
    if key in known.running:
        _progress(column, *known.running[key], what=what)
        return
    error = known.errors.get(key)
    if error is not None:
        column.addWidget(box(desk.icons, "bad", error.title, error.message, error.remedy))
    words = f"Look up {what} again" if again or error else f"Look up {what}"
    button = make_button(words)
    button.clicked.connect(lambda: desk.asks.look_up(*key))
    column.addWidget(button)


def _progress(column: QVBoxLayout, done: int, total: int, *, what: str) -> None:
    if total:
        column.addWidget(Meter(f"Looking up {what} … {done:,} of {total:,}", done, total))
    else:
        column.addWidget(Text(f"Looking up {what} …", role="dim"))


def _funding(desk: Desk, column: QVBoxLayout, funding: Funding) -> None:
    words, wording, style = {
        True: ("Can spend", "A funding instrument can pay for this ad account", "campaign_analyst"),
        False: ("Cannot spend", "No funding instrument can pay for this ad account", "bad"),
        None: ("Not known", "X does not say whether anything can pay", "unknown"),
    }[funding.can_spend]
    column.addWidget(BadgeRow(desk.painter, (Badge(words, wording, style),)))
    if not funding.instruments:
        column.addWidget(caption("There is no funding instrument."))
    facts = [_instrument(one) for one in funding.instruments]
    if facts:
        column.addWidget(Facts(facts, desk.icons, desk.clipboard))
    column.addWidget(caption(f"Looked up {ago(funding.fetched_at, desk.clock())}"))


def _instrument(one: FundingInstrument) -> Fact:
    """Put an instrument in words; what X may add later is shown as it came."""
    kind = TYPE_WORDS.get(one.type, one.type or "Type not told")
    if one.deleted:
        state = "Deleted"
    elif one.able_to_fund is None:
        state = "Not told"
    else:
        state = "Can pay" if one.able_to_fund else "Cannot pay"
    why = ", ".join(REASON_WORDS.get(reason, reason) for reason in one.reasons)
    amounts = [
        f"{label} {money(amount, one.currency)}"
        for label, amount in (
            ("limit", one.credit_limit),
            ("left", one.credit_remaining),
            ("funded", one.funded_amount),
        )
        if amount is not None
    ]
    until = f"until {api_time(one.end_time)}" if one.end_time else ""
    about = " · ".join(filter(None, (one.description, ", ".join(amounts), until)))
    return Fact(kind, f"{state}: {why}" if why else state, about)


def _features(desk: Desk, column: QVBoxLayout, features: Features) -> None:
    names = features.names
    if not names:
        column.addWidget(caption("X names no features for this ad account."))
    else:
        more = f" and {len(names) - _SHOWN:,} more" if len(names) > _SHOWN else ""
        told = caption(", ".join(names[:_SHOWN]) + more)
        told.setAccessibleName(f"{counted(len(names), 'feature', 'features')}: {', '.join(names)}")
        column.addWidget(told)
    column.addWidget(caption(f"Looked up {ago(features.fetched_at, desk.clock())}"))
