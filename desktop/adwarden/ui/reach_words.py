"""What the cells of the tree by ad account say: which connection is the best, and why."""

from __future__ import annotations

from collections.abc import Callable

from adwarden.domain.model import PromotableUser
from adwarden.domain.permissions import CAPABILITIES, Verdict
from adwarden.domain.reach import Best, Judge, Through, best
from adwarden.domain.token_state import stopped
from adwarden.ui.badges import Badge, state_badge
from adwarden.ui.phrases import counted
from adwarden.ui.search import visible
from adwarden.ui.tree_nodes import ConnectionNode, Forest, Place, Sieve, user_name, user_parts
from adwarden.ui.tree_words import Words


class Chooser:
    """Remembers the best connection of the ad accounts that are looked at."""

    def __init__(self, forest: Forest) -> None:
        self._forest = forest
        self._judge = Judge()
        self._known: dict[str, Best | None] = {}
        self._capability = ""

    @property
    def capability(self) -> str:
        """What the best connection is for; empty for as much as possible."""
        return self._capability

    @capability.setter
    def capability(self, key: str) -> None:
        self._capability = key if key in CAPABILITIES else ""
        self.forget()

    def forget(self) -> None:
        """Work everything out anew, because something known has changed."""
        self._known.clear()

    def best(self, account_id: str) -> Best | None:
        """Return the best connection, of all that reach the ad account."""
        if account_id not in self._known:
            forest = self._forest
            ways = (
                Through(node.connection, found.entry, forest.app_access(node.connection))
                for node in forest.connections.values()
                if (found := node.accounts.get(account_id)) is not None
            )
            self._known[account_id] = best(ways, self._capability, self._judge)
        return self._known[account_id]


class ReachWords(Words):
    """Words for ad accounts with their connections; everything else is as in the other tree."""

    def __init__(
        self, forest: Forest, clock: Callable[[], float], chooser: Chooser, sieve: Sieve
    ) -> None:
        """``sieve`` tells which promotable users a search has found; they have no rows here."""
        super().__init__(forest, clock)
        self.chooser = chooser
        self._sieve = sieve

    def name(self, place: Place) -> str:
        """Return the first text of a row."""
        if place.reach == "connection":
            return visible(place.node.connection.handle)
        return super().name(place)

    def caption(self, place: Place) -> str:
        """Return the dim text after the name: the id, or a connection's name, method and app."""
        if place.reach == "connection" and place.account is not None:
            app = visible(self._forest.app_label(place.node.connection))
            label = place.node.connection.label
            parts = [*([visible(label)] if label else []), place.account.method.words]
            return " · ".join([*parts, app] if app and len(self._forest.apps) > 1 else parts)
        return super().caption(place)

    def found(self, place: Place) -> str:
        """Return the promotable user that a search has found, as it has no row here."""
        if place.account is None or not self._sieve.query:
            return ""
        for node in [place.node] if place.reach == "connection" else self._reaching(place):
            account = node.accounts.get(place.account.entry.account.id)
            users = self._sieve.matched(node, account) if account is not None else ()
            if users:
                more = f" and {len(users) - 1:,} more" if len(users) > 1 else ""
                # The name first: where there is little room, the end is cut off.
                return f"{self._named(node, users[0])}{more} may be promoted"
        return ""

    def copied(self, place: Place) -> str:
        """Return the id that Copy puts on the clipboard."""
        if place.reach == "connection":
            return place.node.connection.user_id
        return super().copied(place)

    def error(self, place: Place) -> str:
        """Return what went wrong; an ad account's row leaves it to the connection's."""
        return "" if place.reach == "account" else super().error(place)

    def beside(self, place: Place) -> tuple[Badge, ...]:
        """Return the badges next to the name: which is the best, and what state it is in."""
        if place.account is None:
            return super().beside(place)
        if place.reach == "account":
            return (self._through(place), *super().beside(place))
        state = state_badge(place.node.connection.state)
        found = self._best(place)
        if found is None or found.count < 2 or found.connection_id != place.node.connection.id:
            return (state,)
        if found.verdict is Verdict.NO:  # the best of those that all cannot
            return (state,)
        return (Badge("Best", f"Best of {found.count}: {found.why}", "filled", "check"), state)

    def spoken(self, place: Place, column: int) -> str:
        """Return a cell in words; the first one tells the whole row."""
        if column or place.account is None:
            return super().spoken(place, column)
        account = place.account.entry.account
        if place.reach == "account":
            parts = [self.name(place), "ad account", visible(account.id)]
            parts += [self.found(place), self._reached(place)]
            parts += [badge.wording for badge in self.beside(place) + self.badges(place)]
        else:
            handle = visible(place.node.connection.handle)
            parts = [handle, "connection", f"to {super().name(_account(place))}"]
            parts += [visible(account.id), self.found(place), self.caption(place)]
            parts += [badge.wording for badge in self.beside(place) + self.badges(place)]
            parts += [self.error(place)]
        return ", ".join(part for part in [*parts, self.spoken(place, 2)] if part)

    def tooltip(self, place: Place, column: int) -> str:
        """Return the full text behind a cell that has room for a short one only."""
        if column or place.account is None:
            return super().tooltip(place, column)
        if place.reach == "account":
            lines = [f"{self.name(place)} · {visible(place.account.entry.account.id)}"]
            lines += [self._reached(place)]
        else:
            lines = [self.name(place), self.caption(place)]
        lines += [self.found(place), *(badge.wording for badge in self.beside(place))]
        return "\n".join(line for line in [*lines, self.error(place)] if line)

    def _reaching(self, place: Place) -> list[ConnectionNode]:
        """Return the connections to ask about an ad account, its best one first."""
        others = self._forest.connections.values()
        return [place.node, *(node for node in others if node is not place.node)]

    def _named(self, node: ConnectionNode, user: PromotableUser) -> str:
        """Return a promotable user's name, after the id if that is what was found."""
        parts = [visible(part) for part in user_parts(node.connection, user)]
        found = next((one for one in parts if self._sieve.query.spans(one, "handle")), parts[0])
        name = visible(user_name(node.connection, user))
        return name if found == name else f"{found} ({name})"

    def _best(self, place: Place) -> Best | None:
        return self.chooser.best(place.account.entry.account.id) if place.account else None

    def _reached(self, place: Place) -> str:
        found = self._best(place)
        count = counted(found.count, "connection", "connections") if found else ""
        return f"reached by {count}" if count else ""

    def _through(self, place: Place) -> Badge:
        """Return the badge that names the best connection, or says that there is none."""
        found, handle = self._best(place), visible(place.node.connection.handle)
        if found is None:
            return Badge(handle, handle, "outlined", "link")
        wanted = CAPABILITIES.get(self.chooser.capability, "")
        if wanted and found.verdict is Verdict.NO:
            of = counted(found.count, "connection", "connections")
            wording = f"None of {of} can {wanted}; {handle}: {found.why}"
            return Badge("None can", wording, "bad", "x")
        lost = bool(stopped(place.node.connection))
        sure = not wanted or found.verdict is Verdict.YES
        best_for = f"Best to {wanted}" if wanted else "Best"
        more = f" +{found.count - 1}" if found.count > 1 else ""
        wording = f"{best_for}: {handle}, {found.why}"
        style = ("outlined", "check") if sure else ("unknown", "circle-help")
        if lost:  # the best there is, and of no use before somebody does something about it
            style = ("warn", "triangle-alert")
        return Badge(f"{handle}{more}", wording, *style)


def _account(place: Place) -> Place:
    return Place(place.node, place.account)
