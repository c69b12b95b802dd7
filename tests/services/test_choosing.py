from __future__ import annotations

import pytest

from adwarden.domain.model import (
    Access,
    AccountEntry,
    AdAccount,
    AppAccess,
    Connection,
    ConnectionState,
    PromotableUser,
    Snapshot,
    XApp,
)
from adwarden.domain.permissions import CAPABILITIES, Verdict
from adwarden.services.choosing import who_can

ACCOUNT = "18ce54"


def one(
    name: str,
    *permissions: str,
    app: str = "a1",
    state: ConnectionState = ConnectionState.WORKING,
    level: str = "read-write",
) -> tuple[Connection, AccountEntry]:
    connection = Connection(
        f"c-{name}", app, f"id-{name}", name, "e", 1.0, state, access_level=level
    )
    entry = AccountEntry(
        AdAccount(ACCOUNT, "Northwind"),
        Access(connection.user_id, permissions),
        users=(PromotableUser("p", "9", "FULL"),),
    )
    return connection, entry


def snapshot(
    *rows: tuple[Connection, AccountEntry], more: dict[str, int] | None = None
) -> Snapshot:
    apps = (
        XApp("a1", "x", "Agency app", AppAccess.STANDARD, "e", 1.0),
        XApp("a2", "x", "Events app", AppAccess.CONVERSION_ONLY, "e", 1.0),
    )
    others = {
        connection.id: tuple(
            AccountEntry(AdAccount(f"other{n}", "Other"))
            for n in range((more or {}).get(connection.id, 0))
        )
        for connection, _ in rows
    }
    return Snapshot(
        apps,
        tuple(connection for connection, _ in rows),
        {connection.id: (entry, *others[connection.id]) for connection, entry in rows},
    )


def handles(known: Snapshot, capability: str) -> list[str]:
    return [way.through.connection.screen_name for way in who_can(known, ACCOUNT, capability).ways]


def test_the_least_permission_that_is_enough_comes_first() -> None:
    known = snapshot(
        one("admin", "ACCOUNT_ADMIN"),
        one("manager", "AD_MANAGER"),
        one("analyst", "CAMPAIGN_ANALYST"),
    )
    assert handles(known, "manage-campaigns") == ["manager", "admin"]
    assert handles(known, "statistics") == ["analyst", "manager", "admin"]
    assert handles(known, "users-and-settings") == ["admin"]
    found = who_can(known, ACCOUNT, "manage-campaigns")
    assert found.asked == 3
    assert "the least of those that fit" in found.ways[0].why
    assert "the least" not in found.ways[1].why
    assert found.ways[0].why.startswith("can manage campaigns: Ad manager (documented)")
    assert [(t.connection.screen_name, why) for t, why in found.refusals] == [
        ("analyst", "needs Admin or Ad manager")
    ]


def test_an_app_that_opens_less_is_less_power() -> None:
    known = snapshot(one("broad", "AD_MANAGER"), one("narrow", "AD_MANAGER", app="a2"))
    assert handles(known, "conversions") == ["narrow", "broad"]
    assert handles(known, "manage-campaigns") == ["broad"]


def test_a_token_that_may_only_read_is_less_power() -> None:
    known = snapshot(one("writes", "AD_MANAGER"), one("reads", "AD_MANAGER", level="read"))
    assert handles(known, "statistics") == ["reads", "writes"]
    assert handles(known, "manage-campaigns") == ["writes"]


def test_of_two_alike_the_one_that_reaches_fewer_accounts_comes_first() -> None:
    known = snapshot(one("many", "AD_MANAGER"), one("one", "AD_MANAGER"), more={"c-many": 5})
    assert handles(known, "manage-campaigns") == ["one", "many"]
    assert [way.reaches for way in who_can(known, ACCOUNT, "manage-campaigns").ways] == [1, 6]


def test_what_works_comes_before_what_does_not() -> None:
    known = snapshot(
        one("lost", "AD_MANAGER", state=ConnectionState.REVOKED),
        one("strange", "A_NEW_ROLE"),
        one("admin", "ACCOUNT_ADMIN"),
    )
    found = who_can(known, ACCOUNT, "manage-campaigns").ways
    assert [way.through.connection.screen_name for way in found] == ["admin", "strange", "lost"]
    assert [bool(way.lost) for way in found] == [False, False, True]
    assert found[1].verdict is Verdict.UNKNOWN
    assert found[1].why.startswith("may manage campaigns")
    assert "authorized again" in found[2].why


@pytest.mark.parametrize("capability", CAPABILITIES)
def test_every_capability_is_answered(capability: str) -> None:
    known = snapshot(one("admin", "ACCOUNT_ADMIN"), one("nobody"))
    found = who_can(known, ACCOUNT, capability)
    assert len(found.ways) + len(found.refusals) == found.asked == 2


def test_an_account_that_nobody_reaches() -> None:
    assert who_can(snapshot(one("admin", "ACCOUNT_ADMIN")), "nope", "billing").asked == 0
    assert who_can(snapshot(one("a", "AD_MANAGER")), ACCOUNT.upper(), "statistics").ways
