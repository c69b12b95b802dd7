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
    ConnectionState,
    PromotableUser,
)
from adwarden.domain.permissions import PERMISSIONS, Method, Verdict, capabilities

ME = Connection("c1", "a1", "77", "northwind_ads", "entry", 0.0)
OWN = PromotableUser("p1", "77", "FULL")
OWNER = PromotableUser("p2", "88", "FULL", handle="contoso")


def compared(
    *held: str,
    users: tuple[PromotableUser, ...] | None = (OWNER,),
    me: Connection = ME,
    app_access: AppAccess = AppAccess.STANDARD,
) -> Comparison:
    return compare_methods(me, reached(*held, users=users), app_access)


def reached(*held: str, users: tuple[PromotableUser, ...] | None = (OWNER,)) -> AccountEntry:
    return AccountEntry(AdAccount("18k", "Northwind"), Access("77", held), users=users)


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


def words(found: Comparison, whose: Method) -> list[str]:
    return [row.cell(whose).words for row in found.rows[1:5]]


def test_the_access_of_the_app_bounds_either_method() -> None:
    found = compared("ACCOUNT_ADMIN", app_access=AppAccess.CONVERSION_ONLY)
    closed = ["Not with this app’s access"] * 4
    assert words(found, Method.DEVELOPER) == closed
    assert words(found, Method.ADVERTISER) == closed
    assert "Neither method opens what the X app’s access (Conversion Only) does not" in found.other
    open_ = compared("ACCOUNT_ADMIN")
    assert "Neither" not in open_.other


def test_what_a_level_is_not_documented_to_open_is_not_promised_of_the_other_method() -> None:
    found = compared("ACCOUNT_ADMIN", app_access=AppAccess.LEGACY_AUDIENCES)
    verdicts_of = [row.cell(Method.ADVERTISER).verdict for row in found.rows[1:5]]
    assert verdicts_of == [Verdict.NO, Verdict.NO, Verdict.UNKNOWN, Verdict.NO]
    assert words(found, Method.ADVERTISER)[2] == "Not documented for this app’s access"


def test_a_token_that_only_reads_is_called_that_with_either_method() -> None:
    reader = replace(ME, access_level="read")
    found = compared("ACCOUNT_ADMIN", users=(OWN,), me=reader)
    reads = "The token only reads"
    assert words(found, Method.ADVERTISER) == [reads, reads, "Yes", reads]
    assert words(found, Method.DEVELOPER) == [reads, reads, "Yes", reads]
    assert "while the X app’s permission in the developer console is Read" in found.other


def test_a_revoked_token_reaches_nothing_and_another_one_would() -> None:
    revoked = replace(ME, state=ConnectionState.REVOKED)
    found = compared("ACCOUNT_ADMIN", me=revoked)
    assert found.rows[0].developer.verdict is Verdict.NO
    assert found.rows[2].developer.words == "The token does not work"
    assert found.rows[2].advertiser.verdict is Verdict.YES


USERS = st.none() | st.lists(st.sampled_from([OWN, OWNER]), max_size=3).map(tuple)


@given(st.lists(st.sampled_from(sorted(PERMISSIONS)) | st.text(max_size=9), max_size=5), USERS)
def test_any_account_can_be_compared(
    held: list[str], users: tuple[PromotableUser, ...] | None
) -> None:
    found = compared(*held, users=users)
    assert found.here
    assert found.other
    assert all(row.cell(whose).words for row in found.rows for whose in Method)


@given(
    st.lists(st.sampled_from(sorted(PERMISSIONS)), max_size=4, unique=True),
    st.sampled_from(((OWNER,), (OWN,))),
    st.sampled_from(AppAccess),
    st.sampled_from(["", "read", "read-write"]),
    st.sampled_from(ConnectionState),
)
def test_both_views_say_the_same_and_the_other_method_never_more_than_the_app_may(
    held: list[str],
    users: tuple[PromotableUser, ...],
    app_access: AppAccess,
    level: str,
    state: ConnectionState,
) -> None:
    me = replace(ME, access_level=level, state=state)
    found = compared(*held, users=users, me=me, app_access=app_access)
    can = {one.key: one for one in capabilities(me, reached(*held, users=users), app_access)}
    keys = ("promoted-only-posts", "manage-campaigns", "statistics", "creatives")
    other = Method.DEVELOPER if found.current is Method.ADVERTISER else Method.ADVERTISER
    everything = replace(me, state=ConnectionState.WORKING)
    best = capabilities(everything, reached(*PERMISSIONS, users=(OWN,)), app_access)
    most = {one.key: one.verdict for one in best}
    for key, row in zip(keys, found.rows[1:5], strict=True):
        assert row.cell(found.current).verdict is can[key].verdict
        assert row.cell(other).verdict in (most[key], Verdict.UNKNOWN)
        assert most[key] is not Verdict.NO or row.cell(other).verdict is Verdict.NO
