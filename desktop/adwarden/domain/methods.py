"""X's two methods of reaching an ad account, compared for one connection and one ad account.

It follows X's page "Accessing Ads accounts", Differences between these methods.
"""

from __future__ import annotations

from collections.abc import Iterable

from adwarden.domain.data import dataclass
from adwarden.domain.model import AccountEntry, Connection
from adwarden.domain.permission_rules import POSTS
from adwarden.domain.permissions import FULL, Capability, Method, Verdict, method


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
_CUT = {
    "manage-campaigns": "Manage campaigns",
    "statistics": "See analytics",
    "creatives": "Create cards and creatives",
}


def compare_methods(
    connection: Connection, entry: AccountEntry, answers: Iterable[Capability]
) -> Comparison:
    """Compare the methods; ``answers`` are the capabilities of this connection here.

    The column of the method in use has the answers of here, the other one X's table.
    """
    current = method(connection, entry)
    known = {one.key: one for one in answers}
    posts = Cell(Verdict.UNKNOWN, "With Posts only")
    rows = (
        MethodRow("Reach the ad account", _YES, _YES),
        _row("Create posts for the advertiser", known.get(POSTS), current, _YES, posts),
        *(_row(words, known.get(key), current, _YES, _YES) for key, words in _CUT.items()),
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
    return Comparison(current, here, other, rows)


def _row(
    words: str, found: Capability | None, current: Method, advertiser: Cell, developer: Cell
) -> MethodRow:
    """Make a line; the method in use cannot do more here than the permissions allow."""
    if found is None or current is Method.UNKNOWN:
        return MethodRow(words, advertiser, developer)
    here = {
        Verdict.YES: Cell(Verdict.YES, "Yes"),
        Verdict.NO: Cell(Verdict.NO, "Not granted here"),
        Verdict.UNKNOWN: Cell(Verdict.UNKNOWN, "Not known here"),
    }[found.verdict]
    if current is Method.ADVERTISER:
        return MethodRow(words, here, developer)
    return MethodRow(words, advertiser, here)


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
