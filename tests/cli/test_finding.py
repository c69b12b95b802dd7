from __future__ import annotations

import json
from pathlib import Path

from adwarden.domain.model import Access, AccountEntry, AdAccount, Connection, ConnectionState
from adwarden.storage.directory import Directory
from adwarden.storage.paths import DataFolder
from tests.test_cli import adwarden, fill


def known(folder: Path, *, state: ConnectionState = ConnectionState.WORKING) -> None:
    fill(folder, "admin", "manager", "analyst")
    directory, _ = Directory.open(DataFolder(folder))
    for place, role in enumerate(("ACCOUNT_ADMIN", "AD_MANAGER", "CAMPAIGN_ANALYST")):
        one = directory.connection(f"a1c{place}")
        assert one is not None
        account = AdAccount("18k3", "Northwind \x1b[31mOutdoor")
        directory.save_entries(one.id, [AccountEntry(account, Access(one.user_id, (role,)))])
        if state is not ConnectionState.WORKING:
            directory.note_connection(
                Connection(one.id, one.app_id, one.user_id, one.screen_name, one.entry, 1.0, state)
            )
    directory.close()


def test_the_least_power_is_printed_first(tmp_path: Path) -> None:
    known(tmp_path)
    command = ("find", "--account", "18k3", "--can", "manage-campaigns")
    done = adwarden(*command, folder=tmp_path)
    assert done.returncode == 0, done.stderr
    assert [line.split("  ")[0] for line in done.stdout.splitlines()] == [
        "@manager/Agency app", "@admin/Agency app",
    ]  # fmt: skip
    assert "the least of those that fit" in done.stdout.splitlines()[0]
    told = json.loads(adwarden(*command, "--json", folder=tmp_path).stdout)
    assert told["account_name"] == "Northwind \x1b[31mOutdoor"
    assert [one["connection_id"] for one in told["connections"]] == ["a1c1", "a1c0"]
    best = told["connections"][0]
    assert (best["verdict"], best["basis"], best["works"]) == ("yes", "documented", True)
    assert best["permissions"] == ["AD_MANAGER"]
    assert best["can"] < told["connections"][1]["can"] <= best["of"]
    assert told["refused"][0]["screen_name"] == "analyst"


def test_nobody_is_code_three_and_says_why(tmp_path: Path) -> None:
    known(tmp_path)
    done = adwarden("find", "--account", "18k3", "--can", "user-settings", folder=tmp_path)
    assert (done.returncode, done.stdout) == (3, "")
    assert "needs that user's own token" in done.stderr
    unknown = adwarden("find", "--account", "18\x1bk4", "--can", "billing", folder=tmp_path)
    assert unknown.returncode == 3
    assert "\x1b" not in unknown.stderr
    assert adwarden("find", "--account", "18k3", "--can", "fly", folder=tmp_path).returncode == 2
    helped = adwarden("find", "--help", folder=tmp_path)
    assert "manage-campaigns" in helped.stdout


def test_only_lost_ones_need_authorization(tmp_path: Path) -> None:
    known(tmp_path, state=ConnectionState.REVOKED)
    done = adwarden("find", "--account", "18k3", "--can", "statistics", folder=tmp_path)
    assert done.returncode == 6
    assert done.stdout.count("\n") == 3


def test_one_connection_is_shown(tmp_path: Path) -> None:
    known(tmp_path)
    fill(tmp_path, "manager", label="Test app", app_id="a2")
    done = adwarden("show", "@manager/agency app", folder=tmp_path)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("@manager through Agency app\n")
    assert "the system keychain" in done.stdout
    assert "can    manage campaigns: Ad manager" in done.stdout
    assert "\x1b" not in done.stdout
    told = json.loads(adwarden("show", "a1c1", "--json", folder=tmp_path).stdout)
    listed = json.loads(adwarden("list", "--json", folder=tmp_path).stdout)
    assert told["app"] == listed["apps"][0]
    assert told["connection"] in listed["connections"]
    assert "entry" not in json.dumps(told)
    several = adwarden("show", "@manager", folder=tmp_path)
    assert several.returncode == 3
    assert "@manager/Test app" in several.stderr
    assert adwarden("show", folder=tmp_path).returncode == 2
