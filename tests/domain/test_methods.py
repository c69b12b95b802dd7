from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from adwarden.domain.methods import Comparison, compare_methods
from adwarden.domain.model import (
    Access,
    AccountEntry,
    AdAccount,
    AppAccess,
    Connection,
    PromotableUser,
)
from adwarden.domain.permissions import PERMISSIONS, Method, Verdict, capabilities

ME = Connection("c1", "a1", "77", "northwind_ads", "entry", 0.0)
OWN = PromotableUser("p1", "77", "FULL")
OWNER = PromotableUser("p2", "88", "FULL", handle="contoso")


def compared(*held: str, users: tuple[PromotableUser, ...] | None = (OWNER,)) -> Comparison:
    entry = AccountEntry(AdAccount("18k", "Northwind"), Access("77", held), users=users)
    return compare_methods(ME, entry, capabilities(ME, entry, AppAccess.STANDARD))


def verdicts(found: Comparison, whose: Method) -> list[Verdict | None]:
    return [row.cell(whose).verdict for row in found.rows]


def test_all_seven_lines_of_the_documents_are_there() -> None:
    assert [row.words for row in compared("ACCOUNT_ADMIN").rows] == [
        "Reach the ad account",
        "Create posts for the advertiser",
        "Manage campaigns",
        "See analytics",
        "Create cards and creatives",
        "Open it in X’s ads manager yourself",
        "Rate limits count",
    ]


def test_the_other_method_is_shown_as_documented() -> None:
    yes, no, maybe = Verdict.YES, Verdict.NO, Verdict.UNKNOWN
    documented = [yes, yes, yes, yes, yes, no, None]
    assert verdicts(compared("ANALYST"), Method.ADVERTISER) == documented
    mine = compared("ACCOUNT_ADMIN", users=(OWN,))
    assert verdicts(mine, Method.DEVELOPER) == [yes, maybe, yes, yes, yes, yes, None]
    assert verdicts(mine, Method.ADVERTISER) == documented


def test_the_method_in_use_can_do_no_more_than_was_granted() -> None:
    yes, no = Verdict.YES, Verdict.NO
    found = compared("CAMPAIGN_ANALYST")
    assert found.current is Method.DEVELOPER
    assert verdicts(found, Method.DEVELOPER) == [yes, no, no, yes, no, yes, None]
    composer = compared("AD_MANAGER", "TWEET_COMPOSER")
    assert verdicts(composer, Method.DEVELOPER)[1] is yes


def test_the_words_are_of_this_account() -> None:
    found = compared("AD_MANAGER")
    assert "@northwind_ads" in found.here
    assert "(@contoso)" in found.other
    nameless = compared("AD_MANAGER", users=(replace(OWNER, handle=""),))
    assert "(user 88)" in nameless.other
    assert "own Full user" in compared("AD_MANAGER", users=(OWN,)).here


def test_a_method_that_is_not_known_is_not_guessed() -> None:
    found = compared("AD_MANAGER", users=None)
    assert found.current is Method.UNKNOWN
    assert "once the promotable users are known" in found.here


USERS = st.none() | st.lists(st.sampled_from([OWN, OWNER]), max_size=3).map(tuple)


@given(st.lists(st.sampled_from(sorted(PERMISSIONS)) | st.text(max_size=9), max_size=5), USERS)
def test_any_account_can_be_compared(
    held: list[str], users: tuple[PromotableUser, ...] | None
) -> None:
    found = compared(*held, users=users)
    assert found.here
    assert found.other
    assert all(row.cell(whose).words for row in found.rows for whose in Method)
