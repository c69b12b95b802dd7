"""The buttons of an X app's page: what comes first, what is left out, how they are laid out."""

from __future__ import annotations

import pytest
from PySide6.QtWidgets import QPushButton

from adwarden.domain.model import Snapshot
from adwarden.ui import details_parts
from tests.fakes.services import make_app, make_connection
from tests.ui.stagehand import Stagehand, named
from tests.ui.test_editing import choose

LEAVE = "Leave this X app"
SPACING = 8


@pytest.mark.parametrize("connected", [True, False])
async def test_they_are_in_two_columns_and_connecting_comes_first(
    hand: Stagehand, connected: bool
) -> None:
    connections = (make_connection(),) if connected else ()
    hand.window.resize(800, 560)
    await hand.open(Snapshot((make_app(), make_app("a2", "Test app")), connections))
    choose(hand, 0)
    await hand.settle()
    details = named(hand.window, "Details")
    shown = [one for one in details.findChildren(QPushButton) if one.isVisible()]
    names = [one.accessibleName() for one in shown]
    names = names[names.index("Connect an account to this app") :]
    assert names[0] == "Connect an account to this app"
    assert names[-1] == "Remove this X app"
    assert (LEAVE in names) == connected
    asked = [one for one in shown if one.accessibleName() in names]
    rows = {one.mapTo(details, one.rect().topLeft()).y() for one in asked}
    assert len(asked) == (8 if connected else 7)
    # The odd one has a row of its own; in a wide font two do not fit beside each other.
    pairs = [one.sizeHint().width() for one in asked[len(asked) % 2 :]]
    fit = max(pairs[::2]) + max(pairs[1::2]) + SPACING <= details_parts._NARROWEST
    assert len(rows) == (4 if fit else len(asked))
