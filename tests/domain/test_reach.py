from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adwarden.domain.model import (
    Access,
    AccountEntry,
    AdAccount,
    AppAccess,
    Connection,
    ConnectionState,
    PromotableUser,
)
from adwarden.domain.permissions import CAPABILITIES, Verdict, capabilities
from adwarden.domain.reach import Judge, Through, best

WORKING, REVOKED = ConnectionState.WORKING, ConnectionState.REVOKED


def way(
    name: str,
    *permissions: str,
    state: ConnectionState = WORKING,
    fetched_at: float = 10.0,
    access: AppAccess = AppAccess.STANDARD,
) -> Through:
    connection = Connection(name, "a1", name, name, "e", 0.0, state)
    held = Access(name, permissions) if permissions else None
    entry = AccountEntry(AdAccount("18k", "North"), held, users=(), fetched_at=fetched_at)
    return Through(connection, entry, access)


def chosen(capability: str, *ways: Through) -> str:
    found = best(ways, capability, Judge())
    assert found is not None
    assert found.count == len(ways)
    assert best(reversed(ways), capability, Judge()) == found
    return found.connection_id


def test_nothing_reaches_it() -> None:
    assert best((), "", Judge()) is None


def test_without_a_capability_the_one_that_can_most_is_the_best() -> None:
    admin = way("admin", "ACCOUNT_ADMIN")
    assert chosen("", way("two", "ANALYST", "CAMPAIGN_ANALYST"), admin) == "admin"
    assert chosen("", way("more", "ACCOUNT_ADMIN", "TWEET_COMPOSER"), admin) == "more"
    assert chosen("", replace(admin, app_access=AppAccess.CONVERSION_ONLY), way("b", "AD_MANAGER"))


def test_who_can_goes_before_who_cannot_and_why_is_said() -> None:
    ways = way("admin", "ACCOUNT_ADMIN"), way("analyst", "ANALYST")
    found = best(ways, "manage-campaigns", Judge())
    assert found is not None
    assert (found.connection_id, found.verdict) == ("admin", Verdict.YES)
    assert found.why == "can manage campaigns: Account administrator (documented)"
    nobody = best(ways[1:], "manage-campaigns", Judge())
    assert nobody is not None
    assert nobody.verdict is Verdict.NO
    assert "no connection can manage campaigns: needs Admin" in nobody.why


def test_ties_go_to_what_works_then_to_what_is_documented_then_to_the_newest() -> None:
    same = "ACCOUNT_ADMIN"
    attention = way("a", same, state=ConnectionState.ATTENTION)
    assert chosen("manage-campaigns", attention, way("b", same)) == "b"
    derived, documented = way("a", same), way("b", "CREATIVE_MANAGER")
    assert chosen("creatives", derived, documented) == "b"
    assert chosen("manage-campaigns", way("a", same), way("b", same, fetched_at=20.0)) == "b"
    assert chosen("manage-campaigns", way("b", same), way("a", same)) == "a"


def test_a_lost_token_comes_after_one_that_may_work() -> None:
    lost = way("lost", "ACCOUNT_ADMIN", state=REVOKED)
    assert chosen("statistics", lost, way("silent", "CREATIVE_MANAGER")) == "silent"
    assert chosen("statistics", lost, way("none", "ANALYST")) == "lost"
    found = best((lost,), "statistics", Judge())
    assert found is not None
    assert found.why.endswith("it has to be authorized again first")


@pytest.mark.parametrize("capability", ["", *CAPABILITIES])
def test_every_capability_has_a_best(capability: str) -> None:
    assert chosen(capability, way("a", "ACCOUNT_ADMIN"), way("b"), way("c", "SOMETHING_NEW"))


@given(
    st.none() | st.lists(st.sampled_from(["ACCOUNT_ADMIN", "ANALYST", "TWEET_COMPOSER", "NEW"])),
    st.none() | st.lists(st.sampled_from(["FULL", "RETWEETS_ONLY"]), max_size=2),
    st.sampled_from(AppAccess),
    st.sampled_from(["", "read", "read-write"]),
    st.booleans(),
    st.sampled_from(ConnectionState),
)
def test_the_judge_says_what_the_capabilities_say(
    held: list[str] | None,
    types: list[str] | None,
    access: AppAccess,
    level: str,
    failed: bool,
    state: ConnectionState,
) -> None:
    users = None if types is None else tuple(PromotableUser(k, "7", k) for k in types)
    entry = AccountEntry(
        AdAccount("18k", "North"),
        None if held is None else Access("7", tuple(held)),
        users=users,
        users_error="failed" if failed else "",
    )
    connection = Connection("c", "a", "7", "n", "e", 0.0, state, access_level=level)
    one = Through(connection, entry, access)
    judge = Judge()
    judge.granted(one)
    judge.answers(replace(one, entry=replace(entry, users_error="")))
    expected = {i.key: (i.verdict, i.basis) for i in capabilities(one.connection, entry, access)}
    assert judge.answers(one) == expected
