"""A data folder as it is after some use: one X app, one connection, its ad accounts."""

from __future__ import annotations

from pathlib import Path

from adwarden.domain.model import (
    Access,
    AccountEntry,
    AdAccount,
    AppAccess,
    Connection,
    ConnectionState,
    PromotableUser,
    XApp,
)
from adwarden.storage.directory import Directory
from adwarden.storage.paths import DataFolder

AUTHORIZED = 1_760_000_000.0
ROLES = (("ACCOUNT_ADMIN",), ("AD_MANAGER", "TWEET_COMPOSER"), ("ANALYST",), ("A_NEW_ROLE",))


def seed(data_dir: Path, accounts: int) -> None:
    """Write the index of a connection with that many ad accounts into ``data_dir``."""
    directory, problem = Directory.open(DataFolder.locate({}, str(data_dir)))
    assert problem is None
    directory.finish_pending("*")  # what the first start of all does
    directory.save_app(XApp("app1", "x", "Agency app", AppAccess.STANDARD, "entry-app", AUTHORIZED))
    directory.replace_connection(
        Connection(
            "connection1",
            "app1",
            "1001",
            "northwind_ads",
            "entry-connection",
            AUTHORIZED,
            ConnectionState.WORKING,
            checked_at=AUTHORIZED + 60,
            access_level="read-write",
        )
    )
    directory.save_entries("connection1", [entry(number) for number in range(accounts)])
    directory.mark_seen()  # as it is when the window has been looked at before
    directory.close()


def entry(number: int) -> AccountEntry:
    account = AdAccount(
        id=f"18ce54{number:05}",
        name=f"Northwind Outdoor {number:02}",
        approval_status="ACCEPTED",
        timezone="Europe/Berlin",
        created_at="2024-03-01T09:00:00Z",
    )
    users = tuple(
        PromotableUser(f"p{number}-{place}", f"20{number:03}{place}", kind, handle=f"brand{number}")
        for place, kind in enumerate(("FULL", "RETWEETS_ONLY"))
    )
    access = Access("1001", ROLES[number % len(ROLES)])
    return AccountEntry(account, access, users=users, fetched_at=AUTHORIZED + 60)
