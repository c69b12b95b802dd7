"""The table of what can be done as actions of a window: tool bar, menus, shortcuts."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QMenu, QMenuBar, QWidget

from adwarden.ui.action_table import TABLE, Context, Id, Spec, spec_of
from adwarden.ui.icons import Icons
from adwarden.ui.parts import menu_text, plain_tip

__all__ = ["TABLE", "Actions", "Context", "Id", "Spec", "spec_of", "tip_of"]


class Actions:
    """The table as ``QAction`` objects of one window."""

    def __init__(self, window: QWidget, run: dict[Id, Callable[[], None]], icons: Icons) -> None:
        self._icons = icons
        self._actions: dict[Id, QAction] = {}
        for spec in TABLE:
            action = QAction(menu_text(spec.text), window)
            action.setObjectName(f"action-{spec.id.value}")
            action.setShortcuts([QKeySequence(keys) for keys in spec.keys.split(";") if keys])
            action.setToolTip(plain_tip(tip_of(spec)))
            action.triggered.connect(run[spec.id])
            self._actions[spec.id] = action
        self._actions[Id.QUIT].setMenuRole(QAction.MenuRole.QuitRole)
        self._actions[Id.SETTINGS].setMenuRole(QAction.MenuRole.PreferencesRole)
        window.addActions(list(self._actions.values()))
        self.update(Context())

    def __getitem__(self, action_id: Id) -> QAction:
        return self._actions[action_id]

    def update(self, context: Context) -> None:
        """Enable what makes sense now."""
        for spec in TABLE:
            self._actions[spec.id].setEnabled(spec.enabled(context))

    def fill_bar(self, bar: QMenuBar) -> None:
        """Make the menu bar that every program of macOS has."""
        from adwarden.ui.action_menus import BAR

        for words, ids in BAR:
            self.fill(bar.addMenu(words), ids)

    def fill(self, menu: QMenu, ids: Iterable[Id | None]) -> None:
        """Put actions into a menu; ``None`` is a separator."""
        for action_id in ids:
            if action_id is None:
                menu.addSeparator()
            else:
                action, spec = self._actions[action_id], spec_of(action_id)
                if spec.icon:  # only now: menus are opened long after the first picture
                    action.setIcon(self._icons.icon(spec.icon))
                menu.addAction(action)


def tip_of(spec: Spec) -> str:
    """Return the tooltip with its shortcut, as this system writes it."""
    keys = spec.keys.split(";")[0]
    if not keys:
        return spec.tip
    native = QKeySequence(keys).toString(QKeySequence.SequenceFormat.NativeText)
    return f"{spec.tip} ({native})"
