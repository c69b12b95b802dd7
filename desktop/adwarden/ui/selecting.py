"""Keeps rail, tree and details on the same selection, with the menus and actions that fit it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QAbstractButton, QMenu, QWidget

from adwarden.ui.account_tree import AccountTree
from adwarden.ui.actions import Actions, Context, Id
from adwarden.ui.clipboard import Clipboard
from adwarden.ui.details import Details
from adwarden.ui.details_pages import Place
from adwarden.ui.rail import Chosen, Rail
from adwarden.ui.store import State
from adwarden.ui.tree_nodes import Selection

if TYPE_CHECKING:
    from adwarden.ui.looking import Looking

ROW_MENU = (
    Id.REFRESH_ONE, Id.CHECK, Id.RECONNECT, Id.ADD_TOKEN, Id.EDIT_CONNECTION, Id.MOVE, None,
    Id.HAND_OVER, Id.FIND, Id.TRY, None, Id.DISCONNECT, Id.LEAVE, None, Id.HISTORY_ONE, Id.REPORT,
    Id.COPY_ID,
)  # fmt: skip
APP_MENU = (
    Id.CONNECT, Id.ADD_TOKEN, Id.EDIT_APP, Id.MOVE, None, Id.CHECK, Id.CHECK_ALL, None,
    Id.LEAVE, Id.REMOVE_APP, None, Id.REPORT,
)  # fmt: skip


class Selecting:
    """Listens to the panes of one window; the details know the place that is selected."""

    def __init__(
        self,
        window: QWidget,
        state: State,
        rail: Rail,
        tree: AccountTree,
        details: Details,
        actions: Actions,
        clipboard: Clipboard,
        *,
        can_practice: bool,
        prioritize: Callable[[str, tuple[str, ...]], None],
    ) -> None:
        self._window, self._state = window, state
        self._rail, self._tree, self._details = rail, tree, details
        self._actions, self._clipboard = actions, clipboard
        self._can_practice, self._prioritize = can_practice, prioritize
        self._looking: Looking | None = None
        tree.selected.connect(self._tree_selected)
        tree.context_requested.connect(self._tree_menu)
        rail.chosen.connect(self._rail_chosen)
        rail.activated_row.connect(lambda _: tree.setFocus())
        rail.context_asked.connect(self._rail_menu)

    def update_actions(self) -> None:
        """Enable what makes sense for the selection and the state of now."""
        place, state = self._details.place, self._state
        if state.progress() is not None:
            self._look()
        connection = state.connections.get(place.connection_id)
        self._actions.update(
            Context(
                apps=len(state.apps),
                connections=len(state.connections),
                refreshing=state.progress() is not None,
                selected=connection.state if connection else None,
                app_selected=place.app_id in state.apps,
                copyable=connection is not None,
                can_practice=self._can_practice,
                file_open=state.file_open,
            )
        )

    def _look(self) -> None:
        """Have fetched first what can be seen; made by the first refresh, as no start needs it."""
        if self._looking is None:
            from adwarden.ui.looking import Looking

            self._looking = Looking(self._tree, self._prioritize)
        self._looking.soon()

    def _show_place(self, place: Place) -> None:
        self._details.show_place(place)
        self.update_actions()

    def _tree_selected(self, selection: Selection | None) -> None:
        if selection is None:
            self._show_place(Place())
            return
        self._rail.choose(Chosen(connection_id=selection.connection_id))
        self._show_place(
            Place("", selection.connection_id, selection.account_id, selection.promotable_id)
        )

    def _rail_chosen(self, chosen: Chosen) -> None:
        if chosen.connection_id:
            self._tree.focus_connection(chosen.connection_id)
        elif chosen.app_id:
            self._tree.release()
        self._show_place(Place(chosen.app_id, chosen.connection_id))

    def focus_connection(self, connection_id: str) -> None:
        """Go to a connection in all three panes."""
        self._rail.write()
        self._rail.choose(Chosen(connection_id=connection_id))
        self._rail_chosen(Chosen(connection_id=connection_id))

    def arrive(self, connection_id: str) -> None:
        """Go to a connection that is new, with the keyboard unless somebody is typing here."""
        self.focus_connection(connection_id)
        part = self._window.focusWidget()
        away = not self._window.isActiveWindow()  # the dialog has the keyboard still
        if away or part is None or isinstance(part, QAbstractButton):
            self._tree.setFocus()

    def go_to(self, connection_id: str, account_id: str) -> bool:
        """Go to an ad account, or the connection where it is gone; return whether that is there."""
        if connection_id not in self._state.connections:
            return False
        self.focus_connection(connection_id)
        if self._state.entry(connection_id, account_id) is not None:
            wanted = Selection("account", connection_id, account_id)
            if not self._tree.select(wanted):
                self._tree.set_filter("")
                self._tree.select(wanted)
        self._window.activateWindow()
        return True

    def _tree_menu(self, selection: Selection | None, point: QPoint) -> None:
        if selection is not None:
            self._tree.regain()  # the menu key, where the details are at an app
            self._pop_up(ROW_MENU, point)

    def _rail_menu(self, chosen: Chosen, point: QPoint) -> None:
        self._pop_up(ROW_MENU if chosen.connection_id else APP_MENU, point)

    def _pop_up(self, ids: tuple[Id | None, ...], point: QPoint) -> None:
        menu = QMenu(self._window)
        menu.setAccessibleName("Actions of the selected row")
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._actions.fill(menu, ids)
        menu.popup(point)

    def copy_id(self) -> None:
        """Copy the id of what is selected."""
        place = self._details.place
        entry = self._state.entry(place.connection_id, place.account_id)
        users = (entry.users if entry else None) or ()
        user = next((item for item in users if item.id == place.user_id), None)
        connection = self._state.connections.get(place.connection_id)
        if user is not None:
            self._clipboard.copy_id(user.user_id)
        elif entry is not None:
            self._clipboard.copy_id(entry.account.id)
        elif connection is not None:
            self._clipboard.copy_id(connection.user_id)
