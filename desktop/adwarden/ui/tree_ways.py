"""Two ways to look, and the search: keeps tool bar, tree and the strip above it in step."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget

from adwarden.domain.permission_rules import CAPABILITIES
from adwarden.storage.settings import BEST_FOR, VIEW, Settings
from adwarden.ui.account_tree import AccountTree
from adwarden.ui.actions import Actions, Id
from adwarden.ui.icons import Icons
from adwarden.ui.parts import announce
from adwarden.ui.phrases import ad_accounts
from adwarden.ui.toolbar import ToolBar

if TYPE_CHECKING:
    from adwarden.ui.status_bar import StatusBar
    from adwarden.ui.view_bar import ViewBar

BY_CONNECTION, BY_ACCOUNT = "connection", "account"


class TreeWays:
    """How one window's tree is looked at; remembered in the settings."""

    def __init__(
        self,
        bar: ToolBar,
        tree: AccountTree,
        actions: Actions,
        settings: Settings,
        icons: Icons,
        status: StatusBar,
        put_above: Callable[[ViewBar], None],
    ) -> None:
        """``status`` shows passing remarks, ``put_above`` puts the strip above the tree."""
        self._bar, self._tree, self._actions = bar, tree, actions
        self._settings, self._icons = settings, icons
        self._status, self._put_above = status, put_above
        self._strip: ViewBar | None = None
        self._found = self._hint = ""
        bar.search.values = tree.known_values
        bar.search.searched.connect(tree.set_filter)
        bar.search.left_downwards.connect(tree.setFocus)
        tree.searched.connect(self._searched)
        tree.hinted.connect(self._hinted)
        tree.set_best_for(self._capability)
        self.look(settings.get(VIEW))

    @property
    def _capability(self) -> str:
        key = self._settings.get(BEST_FOR)
        return key if key in CAPABILITIES else ""

    def look(self, how: str) -> None:
        """Show the tree by connection or by ad account, and remember it."""
        by_account = how == BY_ACCOUNT
        if by_account != self._tree.by_account:
            self._tree.look(by_account=by_account)
            self._settings.set(VIEW, how)
        self._bar.show_view(by_account=by_account)
        if by_account or self._strip is not None:
            self._bar_above.show_by_account(by_account, self._capability)

    def search(self) -> None:
        """Go to the search."""
        self._bar.search.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self._bar.search.selectAll()

    @property
    def _bar_above(self) -> ViewBar:
        if self._strip is None:
            # Most windows never show it: it is made with what it has to say first.
            from adwarden.ui.view_bar import ViewBar

            self._strip = ViewBar(self._icons)
            self._put_above(self._strip)
            # Whatever comes before the tree now: the choice takes the tree's place, the tree the
            # next one. The buttons of the notices come and go, and could not be named here.
            QWidget.setTabOrder(self._tree, self._strip.chooser)
            QWidget.setTabOrder(self._strip.chooser, self._tree)
            self._strip.best_for.connect(self._best_for)
            self._strip.show_by_account(self._tree.by_account, self._capability)
        return self._strip

    def _best_for(self, capability: str) -> None:
        self._settings.set(BEST_FOR, capability)
        self._tree.set_best_for(capability)
        words = CAPABILITIES.get(capability, "as much as possible")
        self._status.say(f"The best connection to {words} is named" if capability else "")

    def _searched(self, count: int) -> None:
        if count == -1:
            self._bar.search.over()
        before, self._found = self._found, f"{ad_accounts(count)} found" if count >= 0 else ""
        if self._found:
            self._status.say(self._found)
        else:
            self._status.unsay(before)
        self._tell()

    def _hinted(self, hint: str) -> None:
        if hint and hint != self._hint:
            announce(self._bar_above, hint)
        self._hint = hint
        self._tell()

    def _tell(self) -> None:
        if self._found or self._hint or self._strip is not None:
            self._bar_above.say(self._found, self._hint)


def way_actions(look: Callable[[], TreeWays]) -> dict[Id, Callable[[], None]]:
    """Return what the actions of the two ways and of the search do."""
    return {
        Id.BY_CONNECTION: lambda: look().look(BY_CONNECTION),
        Id.BY_ACCOUNT: lambda: look().look(BY_ACCOUNT),
        Id.SEARCH: lambda: look().search(),
    }
