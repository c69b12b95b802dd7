from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adwarden.domain.changes import GAINED, LOST, OTHER, Change, Source, compare, state_change
from adwarden.domain.model import (
    Access,
    AccountEntry,
    AdAccount,
    Connection,
    ConnectionState,
    PromotableUser,
)

SOURCE = Source("c1", "@northwind", "Agency app")
ONE = Connection("c1", "a1", "42", "northwind", "entry", 1.0, ConnectionState.WORKING)
ENTRY = AccountEntry(
    AdAccount("x1", "Outdoor", "ACCEPTED"),
    Access("42", ("AD_MANAGER",)),
    users=(PromotableUser("p1", "42", "FULL", handle="northwind"),),
)
Entries = dict[str, AccountEntry]


def _by_id(*entries: AccountEntry) -> Entries:
    return {entry.account.id: entry for entry in entries}


def _changes(before: Iterable[AccountEntry], after: Iterable[AccountEntry]) -> list[Change]:
    return list(compare(SOURCE, _by_id(*before), _by_id(*after)))


def _kinds(before: Iterable[AccountEntry], after: Iterable[AccountEntry]) -> list[tuple[str, str]]:
    return [(change.kind, change.subject) for change in _changes(before, after)]


def test_nothing_changed() -> None:
    assert _changes([ENTRY], [ENTRY]) == []
    assert state_change(SOURCE, ONE, replace(ONE, checked_at=9.0)) is None


def test_accounts_gained_and_lost() -> None:
    (gained,) = _changes([], [ENTRY])
    assert (gained.kind, gained.subject, gained.tone) == ("account-gained", "Outdoor", GAINED)
    assert gained.words == "@northwind reaches Outdoor now"
    (lost,) = _changes([ENTRY], [])
    assert (lost.kind, lost.account_id, lost.tone) == ("account-lost", "x1", LOST)
    assert lost.words == "@northwind no longer reaches Outdoor"


def test_permissions_gained_and_lost() -> None:
    after = replace(ENTRY, access=Access("42", ("ACCOUNT_ADMIN", "SOMETHING_NEW")))
    assert _kinds([ENTRY], [after]) == [
        ("permission-gained", "ACCOUNT_ADMIN"),
        ("permission-gained", "SOMETHING_NEW"),
        ("permission-lost", "AD_MANAGER"),
    ]
    assert _changes([ENTRY], [after])[-1].words == "@northwind lost AD_MANAGER on Outdoor"


def test_what_was_never_fetched_is_neither_gained_nor_lost() -> None:
    unknown = replace(ENTRY, access=None, users=None)
    assert _kinds([unknown], [ENTRY]) == []
    assert _kinds([ENTRY], [unknown]) == []


def test_a_failed_part_is_no_loss() -> None:
    failed = replace(ENTRY, access_error="Nobody answered.", users=None, users_error="Neither.")
    assert _kinds([ENTRY], [failed]) == []


def test_users_and_approval() -> None:
    after = replace(ENTRY, account=replace(ENTRY.account, approval_status="REJECTED"), users=())
    approval, user = _changes([ENTRY], [after])
    assert (approval.kind, approval.subject, approval.tone) == ("approval", "REJECTED", OTHER)
    assert approval.words == "Outdoor is rejected now, it was accepted"
    assert (user.kind, user.subject) == ("user-lost", "42")
    assert user.words == "Outdoor may no longer promote user @northwind"


@pytest.mark.parametrize(
    ("user", "subject", "called"),
    [
        (PromotableUser("p9", "", "RETWEETS_ONLY"), "p9", "p9 (retweets only)"),
        (PromotableUser("p9", "", ""), "p9", "p9"),
        (PromotableUser("p9", "", "FULL", handle="north"), "p9", "@north"),
        (PromotableUser("", "", "FULL"), "", "full"),
        (PromotableUser("", "", ""), "", "without an id"),
        (PromotableUser("p9", "77", "FULL"), "77", "77"),
    ],
)
def test_a_promotable_user_is_called_by_what_there_is(
    user: PromotableUser, subject: str, called: str
) -> None:
    after = replace(ENTRY, users=(*(ENTRY.users or ()), user))
    (gained,) = _changes([ENTRY], [after])
    assert (gained.kind, gained.subject) == ("user-gained", subject)
    assert gained.words == f"Outdoor may promote user {called} now"
    (lost,) = _changes([after], [ENTRY])
    assert lost.words == f"Outdoor may no longer promote user {called}"


def test_promotable_users_without_user_ids_are_told_apart() -> None:
    two = (PromotableUser("p1", "", "FULL"), PromotableUser("p2", "", "FULL"))
    gained = _kinds([replace(ENTRY, users=())], [replace(ENTRY, users=two)])
    assert gained == [("user-gained", "p1"), ("user-gained", "p2")]


def test_an_approval_that_was_not_told_is_no_change() -> None:
    untold = replace(ENTRY, account=replace(ENTRY.account, approval_status=""))
    assert _kinds([untold], [ENTRY]) == []
    assert _kinds([ENTRY], [untold]) == []


def test_a_nameless_account_goes_by_its_id() -> None:
    (lost,) = _changes([replace(ENTRY, account=AdAccount("x1", ""))], [])
    assert lost.words == "@northwind no longer reaches x1"


@pytest.mark.parametrize(
    ("state", "words", "tone"),
    [
        ("revoked", "@northwind revoked access to Agency app", LOST),
        ("needs-authorization", "@northwind has to authorize again: The entry is gone", LOST),
        ("attention", "@northwind needs attention: The entry is gone", LOST),
    ],
)
def test_a_connection_that_ceases_to_work(state: str, words: str, tone: str) -> None:
    after = replace(ONE, state=ConnectionState(state), error="The entry is gone. Reconnect.")
    change = state_change(SOURCE, ONE, after)
    assert change is not None
    assert (change.words, change.tone) == (words, tone)
    back = state_change(SOURCE, after, ONE)
    assert back is not None
    assert (back.words, back.tone) == ("@northwind works again", GAINED)


def test_the_first_look_at_a_connection_is_no_change() -> None:
    unknown = replace(ONE, state=ConnectionState.UNKNOWN)
    assert state_change(SOURCE, unknown, ONE) is None
    assert state_change(SOURCE, ONE, unknown) is None
    assert state_change(SOURCE, unknown, replace(ONE, state=ConnectionState.REVOKED)) is not None


def test_another_token_is_one_change() -> None:
    revoked = replace(ONE, state=ConnectionState.REVOKED)
    change = state_change(SOURCE, revoked, replace(ONE, entry="another"))
    assert change is not None
    assert change.words == "@northwind was authorized again"


def test_the_words_of_a_connection() -> None:
    made = Change("connection-added", "c1", handle="@northwind", app="Agency app")
    assert made.words == "@northwind is connected"
    assert replace(made, subject="1").words == "@northwind is connected and reaches 1 ad account"
    assert replace(made, subject="2000").words.endswith("reaches 2,000 ad accounts")
    gone = replace(made, kind="connection-removed")
    assert gone.words == "@northwind was disconnected from Agency app"


def test_a_kind_of_a_newer_version_is_shown_as_it_came() -> None:
    change = Change("budget-gone", "c1", "x1", "THING", "@northwind", name="Outdoor")
    assert change.words == "budget gone THING @northwind Outdoor"
    assert change.tone == OTHER


# Facts and changes


_USERS = st.lists(
    st.builds(PromotableUser, st.sampled_from("pqr"), st.sampled_from("123"), st.just("FULL")),
    max_size=3,
).map(tuple)
_ENTRIES = st.lists(
    st.builds(
        AccountEntry,
        st.builds(AdAccount, st.sampled_from("abc"), st.text(max_size=3), st.sampled_from("NO")),
        st.builds(Access, st.just("1"), st.lists(st.sampled_from("XYZ")).map(tuple)),
        st.just(""),
        _USERS,
    ),
    unique_by=lambda entry: entry.account.id,
    max_size=3,
)


def _facts(entries: Iterable[AccountEntry]) -> dict[str, dict[str, set[str]]]:
    return {
        entry.account.id: {
            "approval": {entry.account.approval_status},
            "permission": set(entry.access.permissions) if entry.access else set(),
            "user": {user.user_id for user in entry.users or ()},
        }
        for entry in entries
    }


@given(_ENTRIES, _ENTRIES)
def test_the_old_facts_and_the_changes_are_the_new_facts(
    before: list[AccountEntry], after: list[AccountEntry]
) -> None:
    facts, new = _facts(before), _facts(after)
    for change in _changes(before, after):
        id_, subject = change.account_id, change.subject
        if change.kind == "account-gained":
            facts[id_] = new[id_]  # one change, whatever comes with it
        elif change.kind == "account-lost":
            del facts[id_]
        elif change.kind == "approval":
            facts[id_]["approval"] = {subject}
        else:
            what, way = change.kind.split("-")
            held = facts[id_][what]
            assert (subject in held) == (way == "lost")
            held.symmetric_difference_update({subject})
    assert facts == new


@given(_ENTRIES)
def test_equal_states_have_no_changes(entries: list[AccountEntry]) -> None:
    assert _changes(entries, entries) == []


@given(_ENTRIES, _ENTRIES)
def test_a_change_back_is_the_change_turned_round(
    before: list[AccountEntry], after: list[AccountEntry]
) -> None:
    forth, back = _kinds(before, after), _kinds(after, before)
    for kind in ("account", "permission", "user"):
        gained = sorted(value for name, value in forth if name == f"{kind}-gained")
        lost = sorted(value for name, value in back if name == f"{kind}-lost")
        assert gained == lost
