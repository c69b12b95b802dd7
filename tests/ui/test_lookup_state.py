from __future__ import annotations

from adwarden.domain.errors import ErrorCode, NetworkError
from adwarden.domain.lookups import Kind, KnownHandle
from adwarden.domain.model import AccountEntry, PromotableUser
from adwarden.services.events import LookedUp, LookupEnded, LookupProgress
from adwarden.ui.lookup_state import HANDLES, LookupState
from tests.fakes.services import NOW, make_entry


def test_the_kind_that_the_first_picture_asks_for_is_that_of_the_events() -> None:
    assert Kind.HANDLES.value == HANDLES


def test_nothing_is_to_be_said_of_handles_where_nobody_is_missing() -> None:
    state = LookupState()
    assert state.handles_of("c1", "", ()) is None
    state.apply(LookedUp((KnownHandle("42", "brand", fetched_at=NOW),)))
    assert state.handles_of("c1", "", (_entry("42"),)) is None


def test_who_is_missing_is_told_apart_from_who_is_being_asked_for() -> None:
    state = LookupState()
    both = (_entry("42"), _entry("43"))
    assert state.handles_of("c1", "", both) == (("42", "43"), 0)
    state.apply(LookupProgress(HANDLES, "c2", "", 0, 1, ("43",)))
    assert state.handles_of("c1", "", both) == (("42",), 1)
    state.apply(LookupEnded(HANDLES, "c2", "", None))
    assert state.handles_of("c1", "", both) == (("42", "43"), 0)


def test_a_look_up_that_runs_is_told_of_though_nobody_is_missing_and_a_failed_one_is_not() -> None:
    state = LookupState()
    state.apply(LookupProgress(HANDLES, "c1", "", 0, 1, ("42",)))
    assert state.handles_of("c1", "", ()) == ((), 0)
    assert state.handles_of("c2", "", ()) is None
    failed = NetworkError(
        ErrorCode.NO_NETWORK, "No connection", "X could not be reached.", "Retry."
    )
    state.apply(LookupEnded(HANDLES, "c1", "", failed))
    assert state.handles_of("c1", "", ()) is None
    assert state.handles_of("c1", "", (_entry("42"),)) == (("42",), 0)


def _entry(user_id: str) -> AccountEntry:
    return make_entry(f"18k{user_id}", "Name", users=(PromotableUser("p", user_id, "FULL"),))
