"""Picks the right token: which connection can do something on an ad account, least power first.

Answers from what is known, without network and without secrets.
"""

from __future__ import annotations

from collections.abc import Iterable

from adwarden.domain.data import dataclass
from adwarden.domain.model import ConnectionState, Snapshot
from adwarden.domain.permissions import (
    CAPABILITIES,
    Basis,
    Capability,
    Method,
    Verdict,
    granted,
    method,
)
from adwarden.domain.reach import Judge, Through
from adwarden.domain.token_state import stopped

_STATES = (ConnectionState.WORKING, ConnectionState.UNKNOWN, ConnectionState.ATTENTION)
"""The surest first; all others come after them."""


@dataclass(frozen=True, slots=True)
class Way:
    """One connection that can, or may, do what was asked; the first one of several is the best.

    ``can`` is how many of ``CAPABILITIES`` it has on this ad account, ``reaches`` how many ad
    accounts its token opens. ``lost`` says why its token does nothing now, empty where it works.
    ``why`` is the whole in one sentence.
    """

    through: Through
    verdict: Verdict
    basis: Basis
    reason: str
    method: Method
    can: int
    reaches: int
    lost: str
    why: str = ""


@dataclass(frozen=True, slots=True)
class Answer:
    """Who can do it; ``asked`` is how many connections reach the ad account at all.

    ``refusals`` say of those that cannot why not, by the ids of their connections.
    """

    account_id: str
    account_name: str
    capability: str
    asked: int
    ways: tuple[Way, ...]
    refusals: tuple[tuple[Through, str], ...] = ()


def throughs(snapshot: Snapshot, account_id: str) -> tuple[Through, ...]:
    """Return every connection of a whole snapshot that reaches an ad account."""
    apps = {app.id: app.access for app in snapshot.apps}
    return tuple(
        Through(connection, entry, apps[connection.app_id])
        for connection in snapshot.connections
        for entry in snapshot.entries.get(connection.id, ())
        if entry.account.id.casefold() == account_id.casefold()
    )


def who_can(snapshot: Snapshot, account_id: str, capability: str) -> Answer:
    """Return who can do it on this ad account; ``capability`` is a key of ``CAPABILITIES``."""
    reaches = {one: len(entries) for one, entries in snapshot.entries.items()}
    return rank(throughs(snapshot, account_id), capability, reaches)


def rank(ways: Iterable[Through], capability: str, reaches: dict[str, int]) -> Answer:
    """Return the connections that can do it: those that work now first, and surely before maybe.

    Of these the one that can do least beside it comes first: the fewest capabilities on this ad
    account, then the fewest permissions, then the fewest ad accounts (``reaches``, by connection).
    """
    judge, found, refused = Judge(), [], []
    every = tuple(ways)
    for one in every:
        answer = _answer(one, capability)
        if answer.verdict is Verdict.NO:
            refused.append((one, answer.reason))
            continue
        can = sum(verdict is Verdict.YES for verdict, _ in judge.granted(one).values())
        found.append(
            Way(
                one, answer.verdict, answer.basis, answer.reason,
                method(one.connection, one.entry), can, reaches.get(one.connection.id, 0),
                stopped(one.connection),
            )
        )  # fmt: skip
    found.sort(key=_rank)
    account = every[0].entry.account if every else None
    return Answer(
        account.id if account else "", account.name if account else "", capability, len(every),
        tuple(_explained(way, capability, found) for way in found), tuple(refused),
    )  # fmt: skip


def _answer(one: Through, capability: str) -> Capability:
    found = granted(one.connection, one.entry, one.app_access)
    return next(item for item in found if item.key == capability)


def _rank(way: Way) -> tuple[object, ...]:
    one = way.through
    state = one.connection.state
    held = one.entry.access.permissions if one.entry.access else ()
    return (
        # What is not known may work; what was lost works once it is authorized again.
        bool(way.lost),
        way.verdict is Verdict.UNKNOWN,
        _STATES.index(state) if state in _STATES else len(_STATES),
        way.can,
        len(held),
        way.reaches,
        tuple(Basis).index(way.basis),
        one.connection.handle.casefold(),
        one.connection.id,
    )


def _explained(way: Way, capability: str, all_ways: list[Way]) -> Way:
    from dataclasses import replace

    verb = "can" if way.verdict is Verdict.YES else "may"
    words = f"{verb} {CAPABILITIES[capability]}: {way.reason} ({way.basis.words})"
    words += f"; can do {way.can} of {len(CAPABILITIES)} things here"
    if way is all_ways[0] and len(all_ways) > 1 and not way.lost:
        words += ", the least of those that fit" if _is_least(way, all_ways) else ""
    if way.lost:
        words += f"; {way.lost}"
    return replace(way, why=words)


def _is_least(way: Way, all_ways: list[Way]) -> bool:
    return all(way.can <= other.can for other in all_ways)
