"""The bar on top and the line at the bottom in a narrow window, with all at once in them."""

from __future__ import annotations

import pytest
from PySide6.QtWidgets import QAbstractButton, QWidget

from adwarden.domain.model import FILE
from adwarden.domain.secret import Secret
from adwarden.services.events import RefreshProgress
from adwarden.storage import settings as known
from adwarden.storage.keychain_status import KeychainState, KeychainStatus
from adwarden.ui.parts import plain_tip
from tests.fakes.services import make_limit, make_world
from tests.ui.stagehand import Stagehand, named, until

FULL = ("Connect account", "Add X app", "Refresh", "Cancel refresh", "Search", "History", "More")


async def everything_at_once(hand: Stagehand, width: int, height: int) -> None:
    await hand.open(make_world())
    hand.window.resize(width, height)
    hand.services.emit(RefreshProgress("c1", 1, 5000))
    hand.services.emit(make_limit(4, 5))
    hand.settings.set(known.VAULT_PLACE, FILE)
    status = KeychainStatus(KeychainState.READY, "KeePass file team-of-the-agency-2026.kdbx")
    hand.window.state.places[FILE] = status
    hand.window._status.tell()
    hand.window._bar.show_news(1000)
    await hand.settle_window()


def inside(window: QWidget, part: QWidget) -> bool:
    left = part.mapTo(window, part.rect().topLeft()).x()
    right = part.mapTo(window, part.rect().bottomRight()).x()
    return left >= 0 and right < window.width() and part.width() >= part.minimumSizeHint().width()


@pytest.mark.parametrize("width", [800, 1000, 1280])
async def test_nothing_in_the_bars_is_cut_off(hand: Stagehand, width: int) -> None:
    await everything_at_once(hand, width, 560)
    for name in FULL:
        part = named(hand.window, name)
        assert inside(hand.window, part), name
    shown = {
        name: part.text()
        for name in FULL
        if isinstance(part := named(hand.window, name), QAbstractButton)
    }
    assert shown["Connect account"] == "Connect account"
    assert shown["Add X app"] == ("" if width == 800 else "Add X app")
    hand.window._bar.show_refreshing(False)
    hand.window._bar.show_news(0)
    assert named(hand.window, "Refresh").text() == "Refresh"  # type: ignore[attr-defined]


@pytest.mark.parametrize("width", [800, 1000, 1280])
async def test_the_line_at_the_bottom_gives_way_in_order(hand: Stagehand, width: int) -> None:
    await everything_at_once(hand, width, 560)
    line = hand.window._status
    assert inside(hand.window, line._keychain)
    assert line._keychain.text().startswith("KeePass")
    assert line._keychain.text().endswith("unlocked")
    assert "team-of-the-agency-2026.kdbx, unlocked" in line._keychain.accessibleName()
    assert line._counts.text().startswith("58 ad accounts")
    hand.window._clipboard.copy_secret(Secret("s" * 20), "Access token secret")
    strip = named(hand.window, "Clipboard")

    def said() -> list[str]:
        return [one.text() for one in strip.findChildren(QWidget) if hasattr(one, "text")]

    await until(lambda: "Access token secret copied" in said(), "room for the strip")
    clear = named(hand.window, "Clear the clipboard now")
    assert inside(hand.window, clear)
    assert inside(hand.window, line._keychain)


async def test_what_is_cut_at_the_bottom_can_be_read_whole(hand: Stagehand) -> None:
    await hand.open(make_world())
    hand.window.resize(800, 560)
    long = f"The keys of the {'long name of an ' * 8}X app were kept. Asking X about the keys …"
    line = hand.window._status
    line.say(long)
    await hand.settle_window()
    assert line._counts.text() != long
    assert line._counts.text().endswith("…")
    assert line._counts.toolTip() == plain_tip(long)
    assert line._counts.accessibleName() == long
    line._forget_said()
    assert line._counts.toolTip() == ""
