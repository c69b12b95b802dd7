from __future__ import annotations

import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from adwarden.domain.model import Snapshot
from adwarden.ui.account_tree import AccountTree
from adwarden.ui.icons import Icons
from adwarden.ui.looking import Looking
from adwarden.ui.theme import Theme
from adwarden.ui.tree_nodes import Selection
from tests.fakes.services import NOW, make_connection, make_entry


@pytest.mark.parametrize("by_account", [False, True])
def test_what_can_be_seen_is_told_once_and_the_selected_first(
    qapp: QApplication, qtbot: QtBot, by_account: bool
) -> None:
    tree = AccountTree(Icons(Theme(qapp, "light")), clock=lambda: NOW)
    qtbot.addWidget(tree)
    tree.resize(700, 400)
    tree.show()
    many = tuple(make_entry(f"18k{n:03}", f"Account {n:03}") for n in range(200))
    tree.load(Snapshot((), (make_connection("c1", "north"),), {"c1": many}))
    tree.look(by_account=by_account)
    qtbot.waitUntil(lambda: tree.settled)
    told: list[tuple[str, tuple[str, ...]]] = []
    looking = Looking(tree, lambda *what: told.append(what))
    tree.select(Selection("account", "c1", "18k003"))
    looking.soon()
    looking.soon()
    qtbot.waitUntil(lambda: bool(told))
    ((connection_id, ids),) = told
    assert connection_id == "c1"
    assert ids[:2] == ("18k003", "18k000")
    assert len(ids) == len(set(ids)) < 30
    looking._tell()
    assert len(told) == 1
    tree.verticalScrollBar().setValue(tree.verticalScrollBar().maximum())
    qtbot.waitUntil(lambda: len(told) == 2)
    assert "18k199" in told[-1][1]
