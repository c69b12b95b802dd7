"""Has fetched first what can be seen: the rows on the screen and the selected one.

It reads the tree and passes on ids; what is fetched when is the services' business.
"""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, QPoint, QTimer

from adwarden.ui.account_tree import AccountTree

SETTLE_MS = 200
"""A person who scrolls has not come to what is to be looked at yet."""


class Looking(QObject):
    """Watches what of the tree can be seen; ``soon`` looks again in a moment."""

    def __init__(
        self, tree: AccountTree, prioritize: Callable[[str, tuple[str, ...]], None]
    ) -> None:
        super().__init__(tree)
        self._tree, self._prioritize = tree, prioritize
        self._told: dict[str, tuple[str, ...]] = {}
        self._settle = QTimer(self)
        self._settle.setSingleShot(True)
        self._settle.setInterval(SETTLE_MS)
        self._settle.timeout.connect(self._tell)
        tree.verticalScrollBar().valueChanged.connect(self.soon)

    def soon(self) -> None:
        """Look again soon; bursts of changes cost one look."""
        if not self._settle.isActive():
            self._settle.start()

    def _tell(self) -> None:
        seen = self._seen()
        if seen != self._told:
            self._told = seen
            for connection_id, account_ids in seen.items():
                self._prioritize(connection_id, account_ids)

    def _seen(self) -> dict[str, tuple[str, ...]]:
        """Return the ad accounts on the screen by connection, the selected one first."""
        found: dict[str, dict[str, None]] = {}
        chosen = self._tree.selection
        if chosen is not None and chosen.account_id:
            found[chosen.connection_id] = {chosen.account_id: None}
        index, height = self._tree.indexAt(QPoint(0, 0)), self._tree.viewport().height()
        while index.isValid() and self._tree.visualRect(index).top() < height:
            place = self._tree.place_at(index)
            if place is not None and place.account is not None:
                ids = found.setdefault(place.node.connection.id, {})
                ids[place.account.entry.account.id] = None
            index = self._tree.indexBelow(index)
        return {connection_id: tuple(ids) for connection_id, ids in found.items()}
