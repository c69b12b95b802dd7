"""X's two methods of reaching an ad account, compared for one connection and one ad account.

It follows X's page "Accessing Ads accounts", Differences between these methods.
"""

from __future__ import annotations

from adwarden.domain.data import dataclass
from adwarden.domain.model import AccountEntry, AppAccess, Connection
from adwarden.domain.permission_rules import LEVELS, POSTS
from adwarden.domain.permissions import (
    FULL,
    READ_ONLY,
    Basis,
    Capability,
    Cause,
    Method,
    Verdict,
    barred,
    capabilities,
    method,
)
from adwarden.domain.token_state import stopped


@dataclass(frozen=True, slots=True)
class Cell:
    """One answer of the table; ``verdict`` is ``None`` where words say all there is to say."""

    verdict: Verdict | None
    words: str


@dataclass(frozen=True, slots=True)
class MethodRow:
    """One line of the table: what is compared, and the answer of either method."""

    words: str
    advertiser: Cell
    developer: Cell

    def cell(self, whose: Method) -> Cell:
        """Return the answer of one method."""
        return self.advertiser if whose is Method.ADVERTISER else self.developer


@dataclass(frozen=True, slots=True)
class Comparison:
    """What the method in use means here, what the other would change, and the table of both."""

    current: Method
    here: str
    other: str
    rows: tuple[MethodRow, ...]


_YES = Cell(Verdict.YES, "Yes")
_ROWS = (
    (POSTS, "Create posts for the advertiser"),
    ("manage-campaigns", "Manage campaigns"),
    ("statistics", "See analytics"),
    ("creatives", "Create cards and creatives"),
)
_NO = {
    Cause.GRANTED: "Not granted here",
    Cause.APP: "Not with this app’s access",
    Cause.LEVEL: "The token only reads",
    Cause.STATE: "The token does not work",
}


def compare_methods(
    connection: Connection, entry: AccountEntry, app_access: AppAccess
) -> Comparison:
    """Compare the methods.

    The column of the method in use has what ``capabilities`` answers here. The other one has X's
    table, within the same bounds: another token is of the same X app, and of its permission at X.
    """
    current = method(connection, entry)
    known = {one.key: one for one in capabilities(connection, entry, app_access)}

    def row(key: str, words: str) -> MethodRow:
        found, level = known[key], connection.access_level
        advertiser, developer = (
            _cell(found) if whose is current else _other(whose, found, app_access, level)
            for whose in (Method.ADVERTISER, Method.DEVELOPER)
        )
        return MethodRow(words, advertiser, developer)

    rows = (
        _reach(current, connection),
        *(row(key, words) for key, words in _ROWS),
        MethodRow(
            "Open it in X’s ads manager yourself", Cell(Verdict.NO, "No"), _YES
        ),
        MethodRow(
            "Rate limits count",
            Cell(None, "Per advertiser"),
            Cell(None, "Per advertiser’s ad account"),
        ),
    )  # fmt: skip
    here, other = _words(current, connection, entry)
    return Comparison(current, here, f"{other}{_bounds(connection, app_access)}", rows)


def _other(whose: Method, of: Capability, app_access: AppAccess, level: str) -> Cell:
    """Return what X's table says of a method, cut as every answer is."""
    adds = of.key == POSTS and whose is Method.DEVELOPER
    verdict = Verdict.UNKNOWN if adds else Verdict.YES
    table = Capability(of.key, of.words, verdict, "", Basis.DOCUMENTED)
    found = barred(table, app_access, level)
    if adds and found.verdict is Verdict.UNKNOWN:
        return Cell(Verdict.UNKNOWN, "With Posts only")
    return _cell(found)


def _cell(found: Capability) -> Cell:
    if found.verdict is Verdict.NO:
        return Cell(Verdict.NO, _NO[found.cause])
    if found.verdict is Verdict.YES:
        return _YES
    if found.cause is Cause.APP:
        return Cell(Verdict.UNKNOWN, "Not documented for this app’s access")
    return Cell(Verdict.UNKNOWN, "Not known here")


def _reach(current: Method, connection: Connection) -> MethodRow:
    """Tell who reaches the ad account: not with a token that does not work."""
    cells = {Method.ADVERTISER: _YES, Method.DEVELOPER: _YES}
    if current in cells and stopped(connection):
        cells[current] = Cell(Verdict.NO, _NO[Cause.STATE])
    return MethodRow(
        "Reach the ad account", cells[Method.ADVERTISER], cells[Method.DEVELOPER]
    )  # fmt: skip


def _bounds(connection: Connection, app_access: AppAccess) -> str:
    """Say what neither method gets past, so that nobody hopes for the other one."""
    told = ""
    if app_access in LEVELS:
        told = f" Neither method opens what the X app’s access ({LEVELS[app_access][0]}) does not."
    if connection.access_level == READ_ONLY:
        told += (
            " A token of the other method would only read, too, while the X app’s permission in "
            "the developer console is Read."
        )
    return told


def _words(current: Method, connection: Connection, entry: AccountEntry) -> tuple[str, str]:
    handle = connection.handle
    if current is Method.ADVERTISER:
        return (
            f"{handle} is this ad account’s own Full user, so calls are made as the advertiser.",
            "With a developer token the advertiser would add a user of yours to the ad account "
            "instead. That user could open it in X’s ads manager too, but could create posts only "
            "with the permission TWEET_COMPOSER.",
        )
    if current is Method.DEVELOPER:
        owner = _full_user(entry)
        return (
            f"The advertiser gave {handle} access to this ad account, so calls are made as "
            f"{handle}, with the permissions listed above.",
            f"With the advertiser’s own token{owner} posts would need no TWEET_COMPOSER, and rate "
            "limits would count for that advertiser apart. You could not open the ad account in "
            "X’s ads manager with it. X recommends this method for most apps.",
        )
    why = entry.users_error and "they could not be read"
    return (
        f"Which method this is shows once the promotable users are known{why and ': ' + why}.",
        "It is the advertiser’s token if this user is the ad account’s Full user, and a developer "
        "token otherwise.",
    )


def _full_user(entry: AccountEntry) -> str:
    full = next((u for u in entry.users or () if u.type == FULL and not u.deleted), None)
    if full is None:
        return ""
    return f" (@{full.handle})" if full.handle else f" (user {full.user_id})"
