"""What X's permissions mean: the words for each, the method of access, and what one can do.

The table of capabilities follows X's documents; what they do not say stays unknown here.
Values that are not listed are shown as they came and make an answer less certain, never wrong.
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import Enum

from adwarden.domain.data import dataclass
from adwarden.domain.model import AccountEntry, AppAccess, Connection
from adwarden.domain.permission_rules import (
    CAPABILITIES,
    FOREIGN_SETTINGS,
    LEVELS,
    POSTS,
    RULES,
    STAFF,
    WRITING,
    Rule,
)
from adwarden.domain.permission_words import (
    ACCOUNT_ADMIN,
    AD_MANAGER,
    ANALYST,
    CAMPAIGN_ANALYST,
    CREATIVE_MANAGER,
    PARTNER_AUDIENCE_MANAGER,
    PERMISSIONS,
    TWEET_COMPOSER,
    Permission,
    permission,
)
from adwarden.domain.token_state import stopped

__all__ = [
    "ACCOUNT_ADMIN",
    "AD_MANAGER",
    "ANALYST",
    "CAMPAIGN_ANALYST",
    "CAPABILITIES",
    "CREATIVE_MANAGER",
    "FULL",
    "PARTNER_AUDIENCE_MANAGER",
    "PERMISSIONS",
    "READ_ONLY",
    "RETWEETS_ONLY",
    "TWEET_COMPOSER",
    "Basis",
    "Capability",
    "Cause",
    "Method",
    "Permission",
    "Verdict",
    "barred",
    "capabilities",
    "granted",
    "method",
    "permission",
]

FULL = "FULL"
RETWEETS_ONLY = "RETWEETS_ONLY"

READ_ONLY = "read"
"""The ``x-access-level`` of a token whose app has the permission Read at X."""


class Method(Enum):
    """Whose token it is, seen from one ad account."""

    ADVERTISER = "advertiser"
    DEVELOPER = "developer"
    UNKNOWN = "unknown"

    @property
    def words(self) -> str:
        """The method as people call it."""
        return {
            Method.ADVERTISER: "advertiser token",
            Method.DEVELOPER: "developer token",
            Method.UNKNOWN: "method not known yet",
        }[self]


def method(connection: Connection, entry: AccountEntry) -> Method:
    """Tell whether the connection's user is the ad account's own FULL promotable user."""
    if entry.users is None:
        return Method.UNKNOWN
    own = any(
        user.type == FULL and not user.deleted and user.user_id == connection.user_id
        for user in entry.users
    )
    return Method.ADVERTISER if own else Method.DEVELOPER


class Verdict(Enum):
    """Whether something can be done."""

    YES = "yes"
    NO = "no"
    UNKNOWN = "unknown"


class Basis(Enum):
    """What an answer rests on: X's words, a conclusion from them, their silence, or nothing yet."""

    DOCUMENTED = "documented"
    DERIVED = "derived"
    UNDOCUMENTED = "undocumented"
    UNREAD = "unread"

    @property
    def words(self) -> str:
        """The basis as people call it."""
        other = {Basis.UNDOCUMENTED: "not documented", Basis.UNREAD: "not fetched"}
        return other.get(self, self.value)

    @property
    def meaning(self) -> str:
        """What that says about the answer."""
        return {
            Basis.DOCUMENTED: "X’s documents say so",
            Basis.DERIVED: "it follows from X’s documents, which do not say it themselves",
            Basis.UNDOCUMENTED: "X’s documents are silent, so that only trying tells",
            Basis.UNREAD: "it depends on what has not come from X",
        }[self]


class Cause(Enum):
    """What decides an answer: what was granted, or what stands in the way of it."""

    GRANTED = "granted"
    APP = "app"
    LEVEL = "level"
    STATE = "state"


@dataclass(frozen=True, slots=True)
class Capability:
    """One thing that one can or cannot do; ``words`` complete "Can I …"."""

    key: str
    words: str
    verdict: Verdict
    reason: str
    basis: Basis
    cause: Cause = Cause.GRANTED


def capabilities(
    connection: Connection, entry: AccountEntry, app_access: AppAccess
) -> tuple[Capability, ...]:
    """Return what this connection can do on this ad account, each answer with its reason.

    A token that X does not take can do nothing, whatever was granted to its user.
    """
    found = granted(connection, entry, app_access)
    why = stopped(connection)
    return tuple(_stopped(one, why) for one in found) if why else found


def granted(
    connection: Connection, entry: AccountEntry, app_access: AppAccess
) -> tuple[Capability, ...]:
    """Return what this connection can do once its token works, whether it does now or not."""
    whose = method(connection, entry)
    return tuple(
        barred(_judge(rule, whose, connection, entry), app_access, connection.access_level)
        for rule in RULES
    )


def barred(found: Capability, app_access: AppAccess, level: str) -> Capability:
    """Return an answer within the X app's access and the token's ``x-access-level``."""
    return _read(_cut(found, app_access), reads_only=level == READ_ONLY)


def _judge(rule: Rule, whose: Method, connection: Connection, entry: AccountEntry) -> Capability:
    if rule.key == FOREIGN_SETTINGS:
        return _answer(rule, Verdict.NO, "needs that user's own token", Basis.DOCUMENTED)
    if rule.key == POSTS and whose is Method.ADVERTISER:
        reason = f"{connection.handle} is the ad account's own Full user"
        return _answer(rule, Verdict.YES, reason, Basis.DOCUMENTED)
    if entry.access is None:
        reason = (
            f"the permissions could not be read: {entry.access_error}"
            if entry.access_error
            else "the permissions have not been fetched yet"
        )
        return _answer(rule, Verdict.UNKNOWN, reason, Basis.UNREAD)
    held = entry.access.permissions
    if not held:
        return _answer(rule, Verdict.NO, "X reports no permission here", Basis.DERIVED)
    if rule.key == POSTS:
        return _posts(rule, whose, held, entry.users_error)
    return _by_table(rule, held)


def _by_table(rule: Rule, held: Iterable[str]) -> Capability:
    have = frozenset(held)
    if by := _first(held, rule.documented):
        reason = permission(by).name + (f"; {rule.remark}" if rule.remark else "")
        return _answer(rule, Verdict.YES, reason, Basis.DOCUMENTED)
    if by := _first(held, rule.derived):
        reason = f"follows from {permission(by).name}"
        return _answer(rule, Verdict.YES, reason, Basis.DERIVED)
    strange = sorted(have - PERMISSIONS.keys())
    if strange or have & rule.silent:
        names = _listed(held, rule.silent) or ", ".join(strange)
        return _answer(rule, Verdict.UNKNOWN, f"not documented for {names}", Basis.UNDOCUMENTED)
    return _answer(rule, Verdict.NO, rule.needs or "not offered to this role", Basis.DOCUMENTED)


def _posts(rule: Rule, whose: Method, held: Iterable[str], users_error: str) -> Capability:
    have = frozenset(held)
    if TWEET_COMPOSER in have:
        if by := _first(held, STAFF):
            reason = f"{permission(by).name} with {permission(TWEET_COMPOSER).label}"
            return _answer(rule, Verdict.YES, reason, Basis.DOCUMENTED)
        if not have - PERMISSIONS.keys():
            reason = "Posts counts only together with Admin, Ad manager or Creative manager"
            return _answer(rule, Verdict.NO, reason, Basis.DOCUMENTED)
    if strange := sorted(have - PERMISSIONS.keys()):
        reason = f"not documented for {', '.join(strange)}"
        return _answer(rule, Verdict.UNKNOWN, reason, Basis.UNDOCUMENTED)
    if whose is Method.UNKNOWN:
        state = "could not be read" if users_error else "are not fetched yet"
        reason = f"depends on the Full user, and the promotable users {state}"
        return _answer(rule, Verdict.UNKNOWN, reason, Basis.UNREAD)
    reason = "needs Posts (TWEET_COMPOSER), or the Full user's own token"
    return _answer(rule, Verdict.NO, reason, Basis.DOCUMENTED)


def _cut(found: Capability, app_access: AppAccess) -> Capability:
    if app_access is AppAccess.UNKNOWN and found.verdict is Verdict.YES:
        reason = f"{found.reason}; as far as the X app’s access opens it, which is not known"
        return _changed(found, Verdict.YES, reason, Basis.DERIVED, found.cause)
    level = LEVELS.get(app_access)
    if level is None:
        return found
    name, opened, closed = level
    if found.key in closed:
        # Also where it is a no already: no other permission and no other token would help.
        reason = f"the X app's access is {name}"
        return _changed(found, Verdict.NO, reason, Basis.DOCUMENTED, Cause.APP)
    if found.key not in opened and found.verdict is Verdict.YES:
        reason = f"{found.reason}; not documented for an X app with {name}"
        return _changed(found, Verdict.UNKNOWN, reason, Basis.UNDOCUMENTED, Cause.APP)
    return found


def _read(found: Capability, *, reads_only: bool) -> Capability:
    """Take away what changes anything from a token that may only read."""
    if not reads_only or found.key not in WRITING or found.verdict is Verdict.NO:
        return found
    reason = "this token may only read (x-access-level)"
    return _changed(found, Verdict.NO, reason, Basis.DERIVED, Cause.LEVEL)


def _stopped(found: Capability, why: str) -> Capability:
    """Take everything away from a token that does not work; what was a no stays that."""
    if found.verdict is Verdict.NO:
        return found
    return _changed(found, Verdict.NO, why, Basis.DERIVED, Cause.STATE)


def _changed(
    found: Capability, verdict: Verdict, reason: str, basis: Basis, cause: Cause
) -> Capability:
    return Capability(found.key, found.words, verdict, reason, basis, cause)


def _answer(rule: Rule, verdict: Verdict, reason: str, basis: Basis) -> Capability:
    return Capability(rule.key, rule.words, verdict, reason, basis)


def _first(held: Iterable[str], wanted: frozenset[str]) -> str:
    return next((value for value in held if value in wanted), "")


def _listed(held: Iterable[str], wanted: frozenset[str]) -> str:
    return ", ".join(dict.fromkeys(permission(v).name for v in held if v in wanted))
