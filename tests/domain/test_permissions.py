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
    PromotableUser,
)
from adwarden.domain.permission_rules import RULES
from adwarden.domain.permissions import (
    CAPABILITIES,
    PERMISSIONS,
    Basis,
    Capability,
    Method,
    Verdict,
    capabilities,
    method,
    permission,
)

ME = Connection("c1", "a1", "77", "northwind_ads", "entry", 0.0)
OWN = PromotableUser("p1", "77", "FULL")
FOREIGN = PromotableUser("p2", "88", "FULL")
SHARED = PromotableUser("p3", "77", "RETWEETS_ONLY")
GONE = PromotableUser("p4", "77", "FULL", deleted=True)


def entry(
    *permissions: str,
    users: tuple[PromotableUser, ...] | None = (FOREIGN,),
    fetched: bool = True,
    error: str = "",
) -> AccountEntry:
    access = Access("77", permissions) if fetched else None
    return AccountEntry(AdAccount("18k", "Northwind"), access, error, users)


def ask(key: str, found: AccountEntry, app_access: AppAccess = AppAccess.STANDARD) -> Capability:
    return {one.key: one for one in capabilities(ME, found, app_access)}[key]


# The table of the vendor's documents: D documented, d follows from them, - no, ? not said.
ROLES = (
    "ACCOUNT_ADMIN",
    "AD_MANAGER",
    "CREATIVE_MANAGER",
    "CAMPAIGN_ANALYST",
    "ANALYST",
    "PARTNER_AUDIENCE_MANAGER",
)
TABLE = {
    "view-campaigns": "DD?D--",
    "manage-campaigns": "DD----",
    "statistics": "DD?D--",
    "creatives": "ddD---",
    "organic-analytics": "d???D-",
    "partner-audiences": "???--D",
    "conversions": "DD----",
    "users-and-settings": "D-----",
    "billing": "??????",
    "user-settings": "------",
}
MARKS = {
    "D": (Verdict.YES, Basis.DOCUMENTED),
    "d": (Verdict.YES, Basis.DERIVED),
    "-": (Verdict.NO, Basis.DOCUMENTED),
    "?": (Verdict.UNKNOWN, Basis.UNDOCUMENTED),
}


@pytest.mark.parametrize(
    ("key", "role", "mark"),
    [(key, role, row[at]) for key, row in TABLE.items() for at, role in enumerate(ROLES)],
)
def test_each_answer_is_the_documents_answer(key: str, role: str, mark: str) -> None:
    found = ask(key, entry(role))
    assert (found.verdict, found.basis) == MARKS[mark]
    assert found.reason


def test_the_table_covers_everything_but_posts() -> None:
    assert set(CAPABILITIES) - set(TABLE) == {"promoted-only-posts"}
    assert [one.key for one in capabilities(ME, entry(), AppAccess.STANDARD)] == list(CAPABILITIES)


@pytest.mark.parametrize(
    ("held", "users", "verdict"),
    [
        (("ACCOUNT_ADMIN", "TWEET_COMPOSER"), (FOREIGN,), Verdict.YES),
        (("AD_MANAGER", "TWEET_COMPOSER"), (FOREIGN,), Verdict.YES),
        (("CREATIVE_MANAGER", "TWEET_COMPOSER"), None, Verdict.YES),
        (("CAMPAIGN_ANALYST", "TWEET_COMPOSER"), (FOREIGN,), Verdict.NO),
        (("TWEET_COMPOSER",), (FOREIGN,), Verdict.NO),
        (("TWEET_COMPOSER", "LOYALTY_MANAGER"), (FOREIGN,), Verdict.UNKNOWN),
        (("ACCOUNT_ADMIN",), (FOREIGN,), Verdict.NO),
        (("ACCOUNT_ADMIN",), (SHARED,), Verdict.NO),
        (("ACCOUNT_ADMIN",), None, Verdict.UNKNOWN),
        (("ACCOUNT_ADMIN",), (OWN,), Verdict.YES),
        (("ANALYST",), (FOREIGN, OWN), Verdict.YES),
        (("LOYALTY_MANAGER",), (FOREIGN,), Verdict.UNKNOWN),
    ],
)
def test_posts_need_the_composer_or_the_full_users_own_token(
    held: tuple[str, ...], users: tuple[PromotableUser, ...] | None, verdict: Verdict
) -> None:
    assert ask("promoted-only-posts", entry(*held, users=users)).verdict is verdict


def test_the_full_users_own_token_is_named_as_the_reason() -> None:
    found = ask("promoted-only-posts", entry("ANALYST", users=(OWN,)))
    assert found.reason == "@northwind_ads is the ad account's own Full user"


@pytest.mark.parametrize(
    ("users", "expected"),
    [
        (None, Method.UNKNOWN),
        ((), Method.DEVELOPER),
        ((FOREIGN,), Method.DEVELOPER),
        ((SHARED,), Method.DEVELOPER),
        ((GONE,), Method.DEVELOPER),
        ((FOREIGN, OWN), Method.ADVERTISER),
    ],
)
def test_method(users: tuple[PromotableUser, ...] | None, expected: Method) -> None:
    assert method(ME, entry(users=users)) is expected


@pytest.mark.parametrize(
    ("app_access", "yes", "no"),
    [
        (AppAccess.STANDARD, {"manage-campaigns", "conversions", "statistics"}, set[str]()),
        (AppAccess.UNKNOWN, {"manage-campaigns", "conversions", "statistics"}, set[str]()),
        (AppAccess.CONVERSION_ONLY, {"conversions"}, {"manage-campaigns", "statistics"}),
        (AppAccess.LEGACY_CONVERSION, {"conversions"}, {"manage-campaigns", "statistics"}),
        (AppAccess.LEGACY_ANALYTICS, {"statistics"}, {"manage-campaigns", "conversions"}),
        (AppAccess.LEGACY_CAMPAIGNS, {"manage-campaigns", "creatives"}, {"conversions"}),
        (AppAccess.LEGACY_AUDIENCES, set[str](), {"manage-campaigns", "conversions"}),
    ],
)
def test_the_apps_access_level_cuts_what_is_left(
    app_access: AppAccess, yes: set[str], no: set[str]
) -> None:
    found = {one.key: one for one in capabilities(ME, entry("ACCOUNT_ADMIN"), app_access)}
    assert {key for key in yes if found[key].verdict is not Verdict.YES} == set()
    assert {key for key in no if found[key].verdict is not Verdict.NO} == set()
    assert all("access is" in found[key].reason for key in no)


def test_an_unknown_level_leaves_a_yes_that_is_no_longer_documented() -> None:
    found = ask("manage-campaigns", entry("AD_MANAGER"), AppAccess.UNKNOWN)
    assert (found.verdict, found.basis) == (Verdict.YES, Basis.DERIVED)
    assert "is not known" in found.reason
    assert ask("billing", entry("AD_MANAGER"), AppAccess.UNKNOWN).verdict is Verdict.UNKNOWN


def test_a_token_that_may_only_read_changes_nothing() -> None:
    reader = replace(ME, access_level="read")
    everything = entry(*PERMISSIONS, users=(OWN,))
    found = {one.key: one for one in capabilities(reader, everything, AppAccess.STANDARD)}
    writing = {rule.key for rule in RULES if rule.writes}
    assert {found[key].verdict for key in writing} == {Verdict.NO}
    assert "may only read" in found["manage-campaigns"].reason
    assert found["statistics"].verdict is Verdict.YES


@pytest.mark.parametrize("level", AppAccess)
@pytest.mark.parametrize("role", [*ROLES, "TWEET_COMPOSER"])
def test_every_permission_and_level_has_an_answer_to_everything(
    role: str, level: AppAccess
) -> None:
    for users in (None, (OWN,), (FOREIGN,)):
        found = capabilities(ME, entry(role, users=users), level)
        assert [one.key for one in found] == list(CAPABILITIES)
        for one in found:
            assert one.reason
            assert one.basis.words
            assert one.basis.meaning
            # Where documents are silent nobody says yes or no on their behalf.
            if one.basis in (Basis.UNDOCUMENTED, Basis.UNREAD):
                assert one.verdict is Verdict.UNKNOWN


def test_users_are_managed_in_the_ads_manager() -> None:
    assert "no call" in ask("users-and-settings", entry("ACCOUNT_ADMIN")).reason


def test_users_that_could_not_be_read_are_said_so() -> None:
    found = replace(entry("ACCOUNT_ADMIN", users=None), users_error="over capacity")
    assert "could not be read" in ask("promoted-only-posts", found).reason


def test_a_level_never_turns_a_no_into_anything_else() -> None:
    for level in AppAccess:
        assert ask("manage-campaigns", entry("ANALYST"), level).verdict is Verdict.NO


def test_a_level_that_is_silent_makes_a_yes_unknown() -> None:
    found = ask("statistics", entry("ACCOUNT_ADMIN"), AppAccess.LEGACY_CAMPAIGNS)
    assert found.verdict is Verdict.UNKNOWN
    assert found.basis is Basis.UNDOCUMENTED


def test_what_is_not_fetched_is_unknown_and_an_error_is_told() -> None:
    waiting = ask("manage-campaigns", entry(fetched=False))
    failed = ask("manage-campaigns", entry(fetched=False, error="over capacity"))
    assert waiting.verdict is failed.verdict is Verdict.UNKNOWN
    assert waiting.basis is failed.basis is Basis.UNREAD
    assert "not been fetched" in waiting.reason
    assert "over capacity" in failed.reason


def test_no_permission_at_all_is_a_no() -> None:
    found = {one.key: one.verdict for one in capabilities(ME, entry(), AppAccess.STANDARD)}
    assert set(found.values()) == {Verdict.NO}


def test_an_unlisted_permission_is_shown_as_it_came() -> None:
    assert permission("LOYALTY_MANAGER").label == "LOYALTY_MANAGER"
    found = ask("manage-campaigns", entry("LOYALTY_MANAGER"))
    assert found.verdict is Verdict.UNKNOWN
    assert "LOYALTY_MANAGER" in found.reason


def test_every_documented_permission_has_words() -> None:
    assert set(PERMISSIONS) == {*ROLES, "TWEET_COMPOSER"}
    assert len({item.label for item in PERMISSIONS.values()}) == len(PERMISSIONS)
    assert PERMISSIONS["ANALYST"].wording.startswith("Organic analyst: ")


ANY_PERMISSIONS = st.lists(st.sampled_from(sorted(PERMISSIONS)) | st.text(max_size=12), max_size=8)
ANY_USERS = st.none() | st.lists(st.sampled_from([OWN, FOREIGN, SHARED, GONE])).map(tuple)


@given(ANY_PERMISSIONS, ANY_USERS, st.sampled_from(AppAccess))
def test_any_list_of_permissions_gets_an_answer_with_a_reason(
    held: list[str], users: tuple[PromotableUser, ...] | None, level: AppAccess
) -> None:
    found = capabilities(ME, entry(*held, users=users), level)
    assert [one.key for one in found] == list(CAPABILITIES)
    assert all(one.reason and one.words for one in found)


@given(ANY_PERMISSIONS, st.sampled_from(sorted(PERMISSIONS)))
def test_one_more_documented_permission_never_takes_a_yes_away(held: list[str], more: str) -> None:
    before = capabilities(ME, entry(*held), AppAccess.STANDARD)
    after = capabilities(ME, entry(*held, more), AppAccess.STANDARD)
    for old, new in zip(before, after, strict=True):
        if old.verdict is Verdict.YES:
            assert new.verdict is Verdict.YES


@given(ANY_PERMISSIONS)
def test_the_order_of_permissions_does_not_matter(held: list[str]) -> None:
    first = capabilities(ME, entry(*held), AppAccess.STANDARD)
    second = capabilities(ME, entry(*reversed(held)), AppAccess.STANDARD)
    assert [(a.verdict, a.basis) for a in first] == [(b.verdict, b.basis) for b in second]
