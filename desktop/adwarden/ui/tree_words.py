"""What the tree's cells say: in short for the eye, in whole sentences for a screen reader.

Everything that comes from the API passes through ``visible`` here.
"""

from __future__ import annotations

from collections.abc import Callable

from adwarden.domain.model import AccountEntry
from adwarden.domain.permissions import Method
from adwarden.domain.token_state import LOST
from adwarden.ui.badges import (
    NAME_ONLY,
    Badge,
    access_badges,
    state_badge,
    status_badges,
    user_badges,
    user_type_badge,
)
from adwarden.ui.phrases import (
    ad_accounts,
    age,
    ago,
    counted,
    exact,
    failed,
    is_past,
    is_stale,
)
from adwarden.ui.search import visible
from adwarden.ui.tree_nodes import ConnectionNode, Forest, Place, user_name

COLUMNS = ("Ad accounts", "Permissions", "Refreshed")
STALE_AFTER = 24 * 3600.0
"""Seconds after which a row is shown as stale, unless told otherwise."""


class Words:
    """Turns places of the tree into words; ``clock`` gives Unix seconds."""

    def __init__(self, forest: Forest, clock: Callable[[], float]) -> None:
        self._forest = forest
        self._clock = clock
        self.stale_after = STALE_AFTER

    def name(self, place: Place) -> str:
        """Return the first text of a row."""
        connection = place.node.connection
        if place.user is not None:
            return visible(user_name(connection, place.user))
        if place.account is not None:
            account = place.account.entry.account
            return visible(account.name.strip() or account.id)
        return visible(connection.handle)

    def caption(self, place: Place) -> str:
        """Return the dim text after the name: the id, or a connection's name and what it is."""
        if place.user is not None:
            number = place.user.user_id or place.user.id
            return "" if number == self.name(place) else visible(number)
        if place.account is not None:
            account = place.account.entry.account
            return visible(account.id) if account.name.strip() else ""
        label, about = visible(place.node.connection.label), self._about_connection(place.node)
        return " · ".join(filter(None, (label, about)))

    def found(self, place: Place) -> str:
        """Return what a search has found that has no row of its own, empty for nothing."""
        return ""

    def copied(self, place: Place) -> str:
        """Return the id that Copy puts on the clipboard."""
        if place.user is not None:
            return place.user.user_id or place.user.id
        if place.account is not None:
            return place.account.entry.account.id
        return place.node.connection.user_id

    def error(self, place: Place) -> str:
        """Return what went wrong with a row, empty when nothing did."""
        if place.user is not None:
            return ""
        if place.account is not None:
            return visible(_entry_error(place.account.entry))
        connection = place.node.connection
        if self._forest.hidden(connection.id):
            return ""
        told = (failed(connection, self._clock()), visible(connection.error))
        return ": ".join(filter(None, told))

    def past(self, place: Place) -> bool:
        """Tell whether what went wrong with a row has gone well since."""
        return place.is_connection and is_past(place.node.connection)

    def beside(self, place: Place) -> tuple[Badge, ...]:
        """Return the badges next to the name."""
        if place.account is not None and place.user is None:
            return status_badges(place.account.entry)
        return ()

    def badges(self, place: Place) -> tuple[Badge, ...]:
        """Return the badges of the Permissions column."""
        if place.user is not None:
            return user_badges(place.user)
        if place.account is not None:
            return access_badges(place.account.entry)
        connection = place.node.connection
        hidden = NAME_ONLY.get(self._forest.hidden(connection.id))
        return (hidden or state_badge(connection.state),)

    def fetched_at(self, place: Place) -> float | None:
        """Return when the row was fetched, in Unix seconds."""
        if place.account is not None:
            return place.account.entry.known_at
        hidden = self._forest.hidden(place.node.connection.id)
        return None if hidden else place.node.connection.checked_at

    def age(self, place: Place) -> str:
        """Return the text of the Refreshed column."""
        moment = self.fetched_at(place)
        if moment is None:
            return ""
        now = self._clock()
        # In short: the column has no room for both.
        return f"stale · {age(moment, now)}" if self.too_old(place) else ago(moment, now)

    def stale(self, place: Place) -> bool:
        """Tell whether the row is too old to be trusted."""
        return place.node.connection.state in LOST or self.too_old(place)

    def too_old(self, place: Place) -> bool:
        """Tell whether the row was fetched too long ago."""
        return is_stale(self.fetched_at(place), self._clock(), self.stale_after)

    def text(self, place: Place, column: int) -> str:
        """Return what a cell shows."""
        if column == 0:
            return self.name(place)
        if column == 1:
            return ", ".join(badge.text or badge.wording for badge in self.badges(place))
        return self.age(place)

    def spoken(self, place: Place, column: int) -> str:
        """Return a cell in words; the first one tells the whole row."""
        if column == 1:
            return ", ".join(badge.wording for badge in self.badges(place)) or self.error(place)
        if column == 2:
            moment = self.fetched_at(place)
            if moment is None:
                return "not refreshed yet"
            told = f"refreshed {ago(moment, self._clock())}"
            return f"{told}, stale" if self.too_old(place) else told
        parts = [self.name(place), *self._spoken_kind(place)]
        parts += [badge.wording for badge in self.beside(place) + self.badges(place)]
        parts += [self._spoken_users(place), self.error(place), self.spoken(place, 2)]
        return ", ".join(part for part in parts if part)

    def tooltip(self, place: Place, column: int) -> str:
        """Return the full text behind a cell that has room for a short one only."""
        if column == 1:
            return "\n".join(badge.wording for badge in self.badges(place) if badge.text)
        if column == 2:
            moment = self.fetched_at(place)
            old = "\nStale: it may have changed since" if self.too_old(place) else ""
            return "" if moment is None else f"Refreshed {exact(moment)}{old}"
        lines = [self.name(place), ", ".join(self._spoken_kind(place))]
        lines += [badge.wording for badge in self.beside(place)]
        return "\n".join(line for line in [*lines, self.error(place)] if line)

    def _spoken_kind(self, place: Place) -> list[str]:
        connection = place.node.connection
        if place.user is not None:
            return ["promotable user", f"id {visible(place.user.user_id or place.user.id)}"]
        if place.account is not None:
            through = f"through {visible(connection.handle)}"
            return ["ad account", visible(place.account.entry.account.id), through]
        app = visible(self._forest.app_label(connection))
        label = f"connection of the X app {app}" if app else "connection"
        own = f"called {visible(connection.label)}" if connection.label else ""
        return [own, label, f"user id {visible(connection.user_id)}", self._counts(place.node)]

    def _spoken_users(self, place: Place) -> str:
        if place.account is None or place.user is not None:
            return ""
        users = place.account.entry.users
        if users is None:
            return ""
        told = counted(len(users), "promotable user", "promotable users")
        names = (
            f"{visible(user_name(place.node.connection, user))} {user_type_badge(user.type).text}"
            for user in users[:5]
        )
        return f"{told}: {', '.join(names)}" if users else told

    def _about_connection(self, node: ConnectionNode) -> str:
        if node.connection.state in LOST and node.size:
            return f"{ad_accounts(node.size)}, last known"
        hidden = self._forest.hidden(node.connection.id)
        about = "its KeePass file is not open" if hidden else self._counts(node)
        if len(self._forest.apps) > 1:
            app = visible(self._forest.app_label(node.connection))
            about = " · ".join(part for part in (app, about) if part)
        return about

    @staticmethod
    def _counts(node: ConnectionNode) -> str:
        own, given = node.methods[Method.ADVERTISER], node.methods[Method.DEVELOPER]
        total = ad_accounts(node.size)
        if not node.size:
            return "no ad accounts" if node.connection.checked_at else ""
        if own and given:
            return f"advertiser and developer token · {total}"
        if own or given:
            kind = Method.ADVERTISER if own else Method.DEVELOPER
            return f"{kind.words} · {total}"
        return total


def _entry_error(entry: AccountEntry) -> str:
    texts = []
    if entry.access_error:
        texts.append(f"access could not be read: {entry.access_error}")
    if entry.users_error:
        texts.append(f"promotable users could not be read: {entry.users_error}")
    return "; ".join(texts)
