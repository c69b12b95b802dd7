"""Ad accounts seen from their own side: which connections reach one, and which is the best.

Pure functions over connections and entries; an answer is worked out when somebody looks at it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from adwarden.domain.data import dataclass
from adwarden.domain.model import AccountEntry, AppAccess, Connection, ConnectionState
from adwarden.domain.permissions import (
    CAPABILITIES,
    READ_ONLY,
    Basis,
    Capability,
    Verdict,
    capabilities,
    granted,
    method,
)
from adwarden.domain.token_state import LOST, stopped

__all__ = ["LOST", "Answers", "Best", "Judge", "Through", "best"]

_STATES = (
    ConnectionState.WORKING,
    ConnectionState.UNKNOWN,
    ConnectionState.ATTENTION,
    ConnectionState.REVOKING,
    ConnectionState.NEEDS_AUTHORIZATION,
    ConnectionState.REVOKED,
)
_BASES = tuple(Basis)
"""The surest first."""


@dataclass(frozen=True, slots=True)
class Through:
    """One connection that reaches an ad account; ``app_access`` is its X app's."""

    connection: Connection
    entry: AccountEntry
    app_access: AppAccess


@dataclass(frozen=True, slots=True)
class Best:
    """The best of ``count`` connections for an ad account, and why in words.

    ``verdict`` is whether it can do what was asked for, once its token works; where nothing was,
    whether it can do anything at all.
    """

    connection_id: str
    verdict: Verdict
    why: str
    count: int


Answers = Mapping[str, tuple[Verdict, Basis]]


class Judge:
    """Answers what can be done without the words, once for all that are allowed the same."""

    def __init__(self) -> None:
        self._known: dict[object, Answers] = {}

    def answers(self, one: Through) -> Answers:
        """Return verdict and basis by capability, as ``capabilities`` has them."""
        return self._answers(one, cut=bool(stopped(one.connection)))

    def granted(self, one: Through) -> Answers:
        """Return the same for when the token works, whether it does now or not."""
        return self._answers(one, cut=False)

    def _answers(self, one: Through, *, cut: bool) -> Answers:
        entry, access = one.entry, one.entry.access
        key = (
            None if access is None else access.permissions,
            method(one.connection, entry),
            one.app_access,
            one.connection.access_level == READ_ONLY,
            cut,
        )
        known = self._known.get(key)
        if known is None:
            told = capabilities if cut else granted
            found = told(one.connection, entry, one.app_access)
            known = self._known[key] = {item.key: (item.verdict, item.basis) for item in found}
        return known


def best(ways: Iterable[Through], capability: str, judge: Judge) -> Best | None:
    """Return the best connection for a capability; for an empty one, that with the most of them.

    A token that works goes before one that does not, then what is documented before what only
    follows or is not known, then the newest. ``None`` where nothing reaches the ad account.
    """
    found = list(ways)
    if not found:
        return None
    chosen = min(found, key=lambda one: _rank(one, capability, judge))
    answers = judge.granted(chosen)
    if capability:
        verdict = answers[capability][0]
    else:
        verdict = max((v for v, _ in answers.values()), key=_certainty, default=Verdict.UNKNOWN)
    why = _why(chosen, capability, judge)
    return Best(chosen.connection.id, verdict, why, len(found))


def _rank(one: Through, capability: str, judge: Judge) -> tuple[object, ...]:
    connection, entry = one.connection, one.entry
    answers, lost = judge.granted(one), bool(stopped(connection))
    if capability:
        verdict, basis = answers[capability]
        # What is not known may work; what was lost works once it is authorized again.
        grade = 4 if verdict is Verdict.NO else (2 if lost else 0) + (verdict is Verdict.UNKNOWN)
        merit: tuple[object, ...] = (grade, _STATES.index(connection.state), _BASES.index(basis))
    else:
        can = sum(verdict is Verdict.YES for verdict, _ in answers.values())
        sure = sum(
            verdict is Verdict.YES and basis is Basis.DOCUMENTED
            for verdict, basis in answers.values()
        )
        held = len(entry.access.permissions) if entry.access else 0
        merit = (lost, -can, -held, _STATES.index(connection.state), -sure)
    return (*merit, -(entry.fetched_at or 0.0), connection.handle.casefold(), connection.id)


def _certainty(verdict: Verdict) -> int:
    return (Verdict.NO, Verdict.UNKNOWN, Verdict.YES).index(verdict)


def _why(one: Through, capability: str, judge: Judge) -> str:
    lost = f"; {why}" if (why := stopped(one.connection)) else ""
    if capability:
        found = _answer(one, capability)
        words = {
            Verdict.YES: f"can {found.words}",
            Verdict.NO: f"no connection can {found.words}",
            Verdict.UNKNOWN: f"may {found.words}",
        }[found.verdict]
        return f"{words}: {found.reason} ({found.basis.words}){lost}"
    answers = judge.granted(one)
    can = sum(verdict is Verdict.YES for verdict, _ in answers.values())
    return f"can do {can} of {len(CAPABILITIES)} things{lost}"


def _answer(one: Through, capability: str) -> Capability:
    found = granted(one.connection, one.entry, one.app_access)
    return next(item for item in found if item.key == capability)
