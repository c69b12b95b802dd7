"""The window says how far a refresh is, until when it waits, and asks first for what is seen."""

from __future__ import annotations

from datetime import datetime

from adwarden.domain.model import RateWindow
from adwarden.providers.base import KnownWindow
from adwarden.services.events import (
    LimitsChanged,
    RefreshEnded,
    RefreshProgress,
    RefreshWaiting,
)
from adwarden.ui.refresh_words import progress_words, refresh_tip
from adwarden.ui.store import State
from tests.fakes.services import NOW, make_world
from tests.ui.stagehand import Stagehand, until
from tests.ui.test_main_window import words

AT = datetime.fromtimestamp(NOW + 660).strftime("%H:%M")


def state_of_world() -> State:
    state = State()
    state.load(make_world())
    return state


def test_all_refreshes_wait_only_when_each_of_them_does() -> None:
    state = state_of_world()
    state.apply(RefreshProgress("c1", 3, 8))
    state.apply(RefreshProgress("c2", 2, 12))
    state.apply(RefreshWaiting("c1", NOW + 900, "later"))
    progress = state.progress()
    assert progress is not None
    assert progress_words(progress) == "5 of 20 ad accounts"
    state.apply(RefreshWaiting("c2", NOW + 660, "GET accounts is used up."))
    progress = state.progress()
    assert progress is not None
    assert progress_words(progress) == f"5 of 20 ad accounts, resumes at {AT}"
    assert refresh_tip(state, NOW).endswith(f"resumes at {AT}. GET accounts is used up.")
    state.apply(RefreshWaiting("c2", None))
    state.apply(RefreshEnded("c1", None))
    progress = state.progress()
    assert progress is not None
    assert progress.resumes_at is None


def test_what_is_done_of_a_list_that_waits_is_not_all() -> None:
    state = state_of_world()
    state.apply(RefreshProgress("c1", 1000, 0))
    state.apply(RefreshWaiting("c1", NOW + 660, "GET accounts is used up."))
    progress = state.progress()
    assert progress is not None
    told = f"1,000 ad accounts so far, waiting for the list, resumes at {AT}"
    assert progress_words(progress) == told


def test_a_wait_for_another_process_is_said_without_a_time() -> None:
    state = state_of_world()
    state.apply(RefreshProgress("c1", 0, 0))
    state.apply(RefreshWaiting("c1", None, "Another Adwarden (process 7) is refreshing it."))
    progress = state.progress()
    assert progress is not None
    assert progress.resumes_at is None
    assert progress_words(progress) == "Waiting for another Adwarden"
    assert "process 7" in refresh_tip(state, NOW)
    state.apply(RefreshProgress("c2", 0, 0))
    state.apply(RefreshWaiting("c2", NOW + 660, "GET accounts is used up."))
    progress = state.progress()
    assert progress is not None
    assert progress_words(progress) == f"Waiting, resumes at {AT}"
    state.apply(RefreshWaiting("c1", None))
    progress = state.progress()
    assert progress is not None
    assert (progress.resumes_at, progress.reason) == (None, "")


def test_refresh_says_why_it_cannot_run_now() -> None:
    state = state_of_world()
    assert refresh_tip(state, NOW) == ""
    windows = [
        KnownWindow(f"{one.app_id}/{one.user_id}", "GET accounts", "", RateWindow(5, 0, NOW + 660))
        for one in state.connections.values()
    ]
    state.apply(LimitsChanged(tuple(windows[1:])))
    assert refresh_tip(state, NOW) == ""
    state.apply(LimitsChanged((windows[0],)))
    assert "GET accounts allows 5 requests in 15 minutes" in refresh_tip(state, NOW)
    assert f"resumes at {AT}" in refresh_tip(state, NOW)
    assert refresh_tip(state, NOW + 661) == ""


async def test_the_window_shows_the_wait_and_asks_for_what_is_seen(hand: Stagehand) -> None:
    await hand.open(make_world())
    hand.services.emit(RefreshProgress("c1", 1, 8))
    hand.services.emit(RefreshWaiting("c1", NOW + 660, "GET accounts is used up."))
    assert f"1 of 8 ad accounts, resumes at {AT}" in words(hand.window)
    await until(
        lambda: any(asked[0] == "prioritize" for asked in hand.services.asked), "asking for rows"
    )
    asked = next(one for one in hand.services.asked if one[0] == "prioritize")
    assert asked[1] in ("c1", "c2", "c3")
    assert len(asked) > 2
    hand.services.emit(RefreshEnded("c1", None))
    assert "resumes at" not in words(hand.window)
