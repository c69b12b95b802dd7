from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from adwarden.domain.changes import compare
from adwarden.domain.model import (
    Access,
    AccountEntry,
    AdAccount,
    Connection,
    ConnectionState,
    PromotableUser,
    Snapshot,
)

ONE = Connection("c1", "a1", "42", "northwind", "entry", 1.0, ConnectionState.WORKING)
ENTRY = AccountEntry(
    AdAccount("x1", "Outdoor", "ACCEPTED"),
    Access("42", ("AD_MANAGER",)),
    users=(PromotableUser("p1", "42", "FULL", handle="northwind"),),
)


def _snapshot(*entries: AccountEntry, connection: Connection = ONE) -> Snapshot:
    return Snapshot((), (connection,), {connection.id: entries})


def _kinds(before: Snapshot, after: Snapshot) -> list[tuple[str, str]]:
    return [(change.kind, change.value) for change in compare(before, after)]


def test_nothing_changed() -> None:
    assert compare(_snapshot(ENTRY), _snapshot(ENTRY)) == ()


def test_accounts_gained_and_lost() -> None:
    assert _kinds(_snapshot(), _snapshot(ENTRY)) == [("account-gained", "Outdoor")]
    assert _kinds(_snapshot(ENTRY), _snapshot()) == [("account-lost", "Outdoor")]


def test_permissions_gained_and_lost() -> None:
    after = replace(ENTRY, access=Access("42", ("ACCOUNT_ADMIN", "SOMETHING_NEW")))
    assert _kinds(_snapshot(ENTRY), _snapshot(after)) == [
        ("permission-gained", "ACCOUNT_ADMIN"),
        ("permission-gained", "SOMETHING_NEW"),
        ("permission-lost", "AD_MANAGER"),
    ]


def test_what_was_never_fetched_is_neither_gained_nor_lost() -> None:
    unknown = replace(ENTRY, access=None, users=None)
    assert _kinds(_snapshot(unknown), _snapshot(ENTRY)) == []
    assert _kinds(_snapshot(ENTRY), _snapshot(unknown)) == []


def test_users_approval_and_state() -> None:
    after = replace(ENTRY, account=replace(ENTRY.account, approval_status="REJECTED"), users=())
    revoked = replace(ONE, state=ConnectionState.REVOKED)
    assert _kinds(_snapshot(ENTRY), _snapshot(after, connection=revoked)) == [
        ("connection-state", "revoked"),
        ("approval", "REJECTED"),
        ("user-lost", "42"),
    ]


_ENTRIES = st.lists(
    st.builds(
        AccountEntry,
        st.builds(AdAccount, st.sampled_from("abc"), st.text(max_size=3), st.text(max_size=3)),
        st.none() | st.builds(Access, st.just("1"), st.lists(st.sampled_from("XYZ")).map(tuple)),
    ),
    unique_by=lambda entry: entry.account.id,
    max_size=3,
)


@given(_ENTRIES, _ENTRIES)
def test_a_change_back_is_the_change_turned_round(
    before: list[AccountEntry], after: list[AccountEntry]
) -> None:
    forth = _kinds(_snapshot(*before), _snapshot(*after))
    back = _kinds(_snapshot(*after), _snapshot(*before))
    for kind in ("account", "permission"):
        gained = sorted(value for name, value in forth if name == f"{kind}-gained")
        lost = sorted(value for name, value in back if name == f"{kind}-lost")
        assert gained == lost
