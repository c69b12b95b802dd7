"""Which rows a search lets through: each term of the query is one test, made once.

What holds for a connection is asked once for it, not again for each of its ad accounts.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from adwarden.domain.folded import fold, has_word
from adwarden.domain.model import PromotableUser
from adwarden.domain.permissions import Verdict
from adwarden.domain.query import CLOSED, Term, matching, means_one_of
from adwarden.domain.reach import LOST, Judge, Through
from adwarden.ui.search import Query, haystack
from adwarden.ui.tree_nodes import AccountNode, ConnectionNode, Forest, Sieve, user_parts

Stale = Callable[[float | None], bool]


class Test:
    """One term: whether it is found in a connection, an ad account, a promotable user."""

    def __init__(self, term: Term) -> None:
        self.negated = term.negated
        self.needles = tuple(filter(None, map(fold, term.values)))

    def connection(self, node: ConnectionNode) -> bool:
        """Tell whether it is found in the connection itself."""
        return False

    def account(self, node: ConnectionNode, found: AccountNode) -> bool:
        """Tell whether it is found in the ad account itself."""
        return False

    def users(self, found: AccountNode) -> bool:
        """Tell whether it is found in any of the promotable users."""
        return False

    def user(self, node: ConnectionNode, user: PromotableUser) -> bool:
        """Tell whether it is found in this promotable user."""
        return False


class _Words(Test):
    def __init__(self, term: Term, forest: Forest) -> None:
        super().__init__(term)
        self._forest = forest
        self._hays: dict[tuple[str, str], str] = {}

    def connection(self, node: ConnectionNode) -> bool:
        forest, one = self._forest, node.connection
        of_app = forest.app_label(one), forest.app_note(one)
        if of_app not in self._hays:  # asked for with each row, and most share one app
            self._hays[of_app] = haystack(of_app)
        hay = f"{node.hay}{forest.own_hay(node)}{self._hays[of_app]}"
        return any(has_word(hay, needle) for needle in self.needles)

    def account(self, node: ConnectionNode, found: AccountNode) -> bool:
        hay = found.hay
        return any(has_word(hay, needle) for needle in self.needles)

    def users(self, found: AccountNode) -> bool:
        hay = found.users_hay
        return bool(hay) and any(has_word(hay, needle) for needle in self.needles)

    def user(self, node: ConnectionNode, user: PromotableUser) -> bool:
        hay = haystack(user_parts(node.connection, user))
        return any(has_word(hay, needle) for needle in self.needles)


class _Lines(Test):
    """Looks at the beginning of a line: a handle with its sign, or an id."""

    sign = ""

    def __init__(self, term: Term) -> None:
        super().__init__(term)
        self.needles = tuple(f"\n{self.sign}{one.removeprefix('@')}" for one in self.needles)

    def connection(self, node: ConnectionNode) -> bool:
        return any(needle in node.hay for needle in self.needles)

    def users(self, found: AccountNode) -> bool:
        return any(needle in found.users_hay for needle in self.needles)

    def user(self, node: ConnectionNode, user: PromotableUser) -> bool:
        hay = haystack(user_parts(node.connection, user))
        return any(needle in hay for needle in self.needles)


class _Handle(_Lines):
    sign = "@"


class _Id(_Lines):
    def account(self, node: ConnectionNode, found: AccountNode) -> bool:
        # The id is the last line; a name may begin like one.
        line = found.hay[found.hay.rindex("\n") :]
        return any(line.startswith(needle) for needle in self.needles)


class _Name(Test):
    def connection(self, node: ConnectionNode) -> bool:
        label = node.own_hay.partition("\n")[2].partition("\n")[0]
        return bool(label) and any(has_word(label, needle) for needle in self.needles)

    def account(self, node: ConnectionNode, found: AccountNode) -> bool:
        name = found.hay[: found.hay.rindex("\n")]
        return any(has_word(name, needle) for needle in self.needles)


class _App(Test):
    def __init__(self, term: Term, forest: Forest) -> None:
        super().__init__(term)
        self._forest = forest

    def connection(self, node: ConnectionNode) -> bool:
        label = haystack((self._forest.app_label(node.connection),))
        return any(has_word(label, needle) for needle in self.needles)


class _State(Test):
    def __init__(self, term: Term) -> None:
        super().__init__(term)
        self._wanted = _meant(term)

    def connection(self, node: ConnectionNode) -> bool:
        return node.connection.state.value in self._wanted


class _Method(Test):
    def __init__(self, term: Term) -> None:
        super().__init__(term)
        self._wanted = _meant(term)

    def account(self, node: ConnectionNode, found: AccountNode) -> bool:
        return found.method.value in self._wanted


class _Role(Test):
    def __init__(self, term: Term) -> None:
        super().__init__(term)
        self._values = term.values
        self._known: dict[tuple[str, ...], bool] = {}

    def account(self, node: ConnectionNode, found: AccountNode) -> bool:
        access = found.entry.access
        if access is None:
            return False
        known = self._known.get(access.permissions)
        if known is None:
            held = access.permissions
            known = any(means_one_of(value, held) for value in self._values)
            self._known[held] = known
        return known


class _Can(Test):
    def __init__(self, term: Term, forest: Forest, judge: Judge) -> None:
        super().__init__(term)
        self._wanted, self._forest, self._judge = _meant(term), forest, judge

    def account(self, node: ConnectionNode, found: AccountNode) -> bool:
        access = self._forest.app_access(node.connection)
        answers = self._judge.answers(Through(node.connection, found.entry, access))
        return any(answers[key][0] is Verdict.YES for key in self._wanted if key in answers)


class _Condition(Test):
    def __init__(self, term: Term, stale: Stale) -> None:
        super().__init__(term)
        self._wanted, self._stale = _meant(term), stale

    def connection(self, node: ConnectionNode) -> bool:
        one = node.connection
        return ("stale" in self._wanted and one.state in LOST) or (
            "failed" in self._wanted and bool(one.error)
        )

    def account(self, node: ConnectionNode, found: AccountNode) -> bool:
        entry = found.entry
        return any(
            {
                "stale": self._stale(entry.fetched_at),
                "failed": bool(entry.access_error or entry.users_error),
                "deleted": entry.account.deleted,
                "review": entry.account.approval_status not in ("", "ACCEPTED"),
                "missing": entry.access is None or entry.users is None,
            }[one]
            for one in self._wanted
        )


class SearchSieve(Sieve):
    """Lets through what a query finds, keeping the tree's shape.

    ``stale`` tells of a time (Unix seconds) whether what was fetched then is too old.
    """

    def __init__(self, query: Query, forest: Forest, stale: Stale) -> None:
        super().__init__(query)
        judge = Judge()
        self._tests = [_test(term, forest, judge, stale) for term in query.terms]
        # A term of nothing but accents has nothing left to look for.
        self._tests = [test for test in self._tests if test.needles]

    def accounts(self, node: ConnectionNode, ids: Iterable[str]) -> Iterator[AccountNode]:
        """Yield those of the named ad accounts that are to be shown."""
        rest: list[Test] = []
        for test in self._tests:
            if not test.connection(node):
                rest.append(test)
            elif test.negated:
                return
        for account_id in ids:
            found = node.accounts.get(account_id)
            if found is not None and all(
                (test.account(node, found) or test.users(found)) is not test.negated
                for test in rest
            ):
                yield found

    def whole(self, node: ConnectionNode) -> bool:
        """Tell whether the connection itself matches, and so stays even without accounts."""
        return all(
            test.connection(node) is not test.negated and not (test.negated and _below(test))
            for test in self._tests
        )

    def users(self, node: ConnectionNode, found: AccountNode) -> tuple[PromotableUser, ...]:
        """Return the promotable users to show: all of them when the ad account matches."""
        users = found.entry.users or ()
        if not users:
            return users
        rest = self._open(node, found)
        if not rest:
            return users
        return tuple(user for user in users if all(test.user(node, user) for test in rest))

    def matched(self, node: ConnectionNode, found: AccountNode) -> tuple[PromotableUser, ...]:
        """Return the promotable users in whom the match is, none where it is elsewhere."""
        rest = self._open(node, found) if found.users_hay else ()
        users = found.entry.users or () if rest else ()
        return tuple(user for user in users if all(test.user(node, user) for test in rest))

    def opens(self, node: ConnectionNode, found: AccountNode) -> bool:
        """Tell whether the match is among the promotable users, so that they must be seen."""
        return bool(self._open(node, found))

    def through(self, node: ConnectionNode, found: AccountNode) -> bool:
        """Tell whether the match is in how an ad account is reached, not in itself."""
        return any(
            not test.negated and not isinstance(test, _Words | _Name | _Id) for test in self._tests
        ) or any(
            not test.account(node, found)
            for test in self._tests
            if not test.negated and isinstance(test, _Words | _Id)
        )

    def _open(self, node: ConnectionNode, found: AccountNode) -> list[Test]:
        return [
            test
            for test in self._tests
            if not (test.negated or test.connection(node) or test.account(node, found))
        ]


def _below(test: Test) -> bool:
    """Tell whether a test can only be answered by an ad account."""
    return isinstance(test, _Name | _Method | _Role | _Can | _Condition)


def _meant(term: Term) -> frozenset[str]:
    values = CLOSED[term.field].items()
    return frozenset(key for value in term.values for key in matching(value, values))


def _test(term: Term, forest: Forest, judge: Judge, stale: Stale) -> Test:
    match term.field:
        case "role":
            return _Role(term)
        case "can":
            return _Can(term, forest, judge)
        case "state":
            return _State(term)
        case "handle":
            return _Handle(term)
        case "name":
            return _Name(term)
        case "id":
            return _Id(term)
        case "app":
            return _App(term, forest)
        case "method":
            return _Method(term)
        case "is":
            return _Condition(term, stale)
        case _:
            return _Words(term, forest)
