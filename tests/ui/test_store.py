from __future__ import annotations

from adwarden.domain.model import RateWindow, Snapshot
from adwarden.providers.base import KnownWindow
from adwarden.services.events import (
    ConnectionRemoved,
    EntriesRemoved,
    EntriesSaved,
    LimitsChanged,
)
from adwarden.ui.store import State
from tests.fakes.services import make_app, make_connection, make_entry

NOW = 1_800_000_000.0
ENTRIES = tuple(make_entry(f"18k{letter}", f"Account {letter}") for letter in "abc")


def make_state() -> State:
    state = State()
    connections = (make_connection("c1"), make_connection("c2", "contoso"))
    state.load(Snapshot((make_app(),), connections, {"c1": ENTRIES[:2], "c2": ENTRIES[1:2]}))
    return state


def test_an_ad_account_that_two_connections_reach_counts_once() -> None:
    state = make_state()
    assert state.total == 2
    state.apply(EntriesSaved("c2", ENTRIES))
    state.apply(EntriesSaved("c2", ENTRIES))
    assert (state.total, state.count("c1"), state.count("c2")) == (3, 2, 3)
    state.apply(EntriesRemoved("c2", ("18ka", "18kc", "18kz")))
    state.apply(EntriesRemoved("c2", ("18ka",)))
    assert (state.total, state.count("c2")) == (2, 1)
    state.apply(ConnectionRemoved("c1"))
    assert (state.total, state.count("c1")) == (1, 0)
    # A refresh may still tell of what has gone.
    state.apply(EntriesSaved("c1", ENTRIES))
    assert state.total == 1
    state.load(Snapshot())
    assert state.total == 0


def window(endpoint: str, scope: str, account_id: str, remaining: int, left: float) -> KnownWindow:
    return KnownWindow(scope, endpoint, account_id, RateWindow(50, remaining, NOW + left))


def test_the_tightest_open_limit_is_found() -> None:
    state = make_state()
    first = window("GET accounts", "a1/1", "", 4, 60)
    tight = window("GET accounts", "a1/2", "", 2, 60)
    over = window("GET accounts", "a1/3", "", 0, -1)
    users = window("GET promotable_users", "a1/1", "18ka", 1, 60)
    access = window("GET access", "a1/1", "18ka", 7, 60)
    state.apply(LimitsChanged((first, tight, over, users, access)))
    assert state.tightest_limit("GET accounts", NOW) == tight
    assert state.tightest_limit("GET nothing", NOW) is None
    assert state.account_limit("a1/1", "18ka", NOW) == users
    assert state.account_limit("a1/2", "18ka", NOW) is None
    later = window("GET promotable_users", "a1/1", "18ka", 50, 900)
    state.apply(LimitsChanged((later,)))
    assert state.account_limit("a1/1", "18ka", NOW) == access
