"""Which connection can do something on an ad account, as rows with reasons; no widgets."""

from __future__ import annotations

from collections.abc import Iterator

from adwarden.domain.permissions import CAPABILITIES, Verdict
from adwarden.domain.reach import Through
from adwarden.services.choosing import Answer, Way, rank
from adwarden.ui.phrases import ad_accounts, counted
from adwarden.ui.search import visible
from adwarden.ui.store import State
from adwarden.ui.two_lines import Row

CAN = "Can do it, least permission first"
MAY = "May be able to: X did not tell enough"
LOST = "Could, once authorized again"
CANNOT = "Cannot"


def accounts_of(state: State) -> dict[str, str]:
    """Return the names of all ad accounts that may be shown, by their ids."""
    found: dict[str, str] = {}
    for connection_id in state.connections:
        if not state.hidden(connection_id):
            for entry in state.entries(connection_id):
                found.setdefault(entry.account.id, entry.account.name)
    return found


def answer(state: State, account_id: str, capability: str) -> Answer:
    """Return who can do it, from what the window knows."""
    return rank(
        tuple(_ways(state, account_id)),
        capability,
        {one: state.count(one) for one in state.connections},
    )


def _ways(state: State, account_id: str) -> Iterator[Through]:
    for connection in state.connections.values():
        entry, app = state.entry(connection.id, account_id), state.apps.get(connection.app_id)
        if entry is not None and app is not None and not state.hidden(connection.id):
            yield Through(connection, entry, app.access)


def groups(found: Answer, state: State) -> list[tuple[str, list[Row]]]:
    """Return the rows under their headings; groups without any are left out."""
    made: dict[str, list[Row]] = {CAN: [], MAY: [], LOST: [], CANNOT: []}
    for way in found.ways:
        sure = way.verdict is Verdict.YES
        made[LOST if way.lost else CAN if sure else MAY].append(_row(way, state))
    for one, why in found.refusals:
        words = visible(_upper(why))
        row = Row(one.connection.id, _title(one, state), words, "x", "dim", words, "cannot")
        made[CANNOT].append(row)
    return [(title, rows) for title, rows in made.items() if rows]


def explained(found: Answer, connection_id: str) -> str:
    """Say of one connection, in a sentence, why it can or cannot."""
    what = CAPABILITIES[found.capability]
    for way in found.ways:
        if way.through.connection.id == connection_id:
            return f"{way.through.connection.handle} {way.why}."
    for one, why in found.refusals:
        if one.connection.id == connection_id:
            return f"{one.connection.handle} cannot {what}: {why}."
    return ""


def nobody(found: Answer) -> str:
    """Say that there is no such connection, and what helps; empty where there is one."""
    what = CAPABILITIES[found.capability]
    if not found.asked:
        return "No connection reaches this ad account. Refresh, or connect a user who does."
    if not found.ways:
        return (
            f"No connection can {what} here. Have somebody who may grant it do so in X’s ads "
            "manager, then refresh."
        )
    if found.ways[0].lost:
        return f"No connection that can {what} works now: reconnect one of them."
    return ""


def _row(way: Way, state: State) -> Row:
    icon, colour, said = "circle-check", "ok", "can"
    if way.lost:
        icon, colour, said = "ban", "bad", "could"
    elif way.verdict is not Verdict.YES:
        icon, colour, said = "circle-help", "warn", "may"
    words = " · ".join(
        (
            _upper(way.lost or f"{way.reason} ({way.basis.words})"),
            f"{way.can} of {len(CAPABILITIES)} things here",
            f"reaches {ad_accounts(way.reaches)}",
        )
    )
    one = way.through
    return Row(
        one.connection.id, _title(one, state), visible(words), icon, colour, visible(way.why), said
    )


def _title(one: Through, state: State) -> str:
    app = state.apps.get(one.connection.app_id)
    return visible(f"{one.connection.handle} · {app.label if app else 'its X app'}")


def _upper(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}"


def count_words(found: Answer) -> str:
    """Say how many can, and how many may, of all that reach the ad account."""
    ready = [way for way in found.ways if not way.lost]
    sure = sum(way.verdict is Verdict.YES for way in ready)
    asked = counted(found.asked, "connection that reaches it", "connections that reach it")
    may = f", {len(ready) - sure:,} more may" if len(ready) > sure else ""
    return f"{sure:,} of {asked} can do this now{may}."
