from __future__ import annotations

import json
import os
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from adwarden.domain.model import (
    Access,
    AccountEntry,
    AdAccount,
    AppAccess,
    Connection,
    ConnectionState,
    Credential,
    PromotableUser,
    XApp,
)
from adwarden.domain.secret import Secret
from adwarden.practice.server import PracticeServer
from adwarden.practice.world import make_world
from adwarden.providers.http import HttpClient
from adwarden.providers.x.limits import Limits
from adwarden.providers.x.provider import XProvider
from adwarden.storage.directory import Directory
from adwarden.storage.paths import DataFolder
from adwarden.storage.vault import Vault, entry_service
from tests.fakes.person import authorize
from tests.storage.folders import read_only


def adwarden(*arguments: str, folder: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run the console command as a person does."""
    return subprocess.run(
        [sys.executable, "-P", "-m", "adwarden", "--data-dir", str(folder), *arguments],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
        env={**os.environ, **environment},
    )


def fill(folder: Path, *handles: str, label: str = "Agency app", app_id: str = "a1") -> None:
    """Put an app with connections into the index, the way the window does."""
    directory, _ = Directory.open(DataFolder(folder))
    directory.save_app(
        XApp(app_id, "x", label, AppAccess.STANDARD, entry_service(label, "aaaa1111"), 1.0)
    )
    for place, handle in enumerate(handles):
        one = f"{app_id}c{place}"
        directory.replace_connection(
            Connection(
                one,
                app_id,
                str(1000 + place),
                handle,
                entry_service(label, f"cccc000{place}"),
                2.0,
                ConnectionState.WORKING,
            )
        )
        directory.save_entries(
            one,
            [
                AccountEntry(
                    AdAccount("18k3", "Northwind \x1b[31mOutdoor", "ACCEPTED"),
                    Access(str(1000 + place), ("ACCOUNT_ADMIN",)),
                    users=(PromotableUser("p1", str(1000 + place), "FULL", handle=handle),),
                    fetched_at=3.0,
                )
            ],
        )
    directory.close()


def test_the_version_and_help_are_told(tmp_path: Path) -> None:
    assert adwarden("--version", folder=tmp_path).stdout.startswith("Adwarden 0.")
    helped = adwarden("--help", folder=tmp_path)
    assert helped.returncode == 0
    for word in ("list", "refresh", "practice", "--practice", "--diagnose", "Exit codes"):
        assert word in helped.stdout


def test_an_empty_folder_says_what_to_do(tmp_path: Path) -> None:
    done = adwarden("list", folder=tmp_path / "new")
    assert done.returncode == 0
    assert "add an X app" in done.stdout
    assert json.loads(adwarden("list", "--json", folder=tmp_path).stdout) == {
        "apps": [],
        "connections": [],
    }


def test_the_last_known_state_is_listed(tmp_path: Path) -> None:
    fill(tmp_path, "northwind", "contoso")
    done = adwarden("list", folder=tmp_path)
    assert done.returncode == 0
    assert "@northwind" in done.stdout
    assert "ACCOUNT_ADMIN" in done.stdout
    assert "\x1b" not in done.stdout
    document = json.loads(adwarden("list", "--json", folder=tmp_path).stdout)
    account = document["connections"][0]["ad_accounts"][0]
    assert account["name"] == "Northwind \x1b[31mOutdoor"
    assert account["permissions"] == ["ACCOUNT_ADMIN"]
    assert account["method"] == "advertiser"
    assert account["capabilities"]["manage-campaigns"] == "yes"


@pytest.mark.parametrize("logged", [False, True])
def test_what_is_known_is_read_where_nothing_can_be_written(tmp_path: Path, logged: bool) -> None:
    folder = tmp_path / "data"
    fill(folder, "northwind")
    held = sqlite3.connect(folder / "directory.sqlite3")
    if logged:
        # As after a crash: the last change is in the log beside the file alone.
        held.execute("UPDATE connection SET screen_name='contoso'")
        held.commit()
    before = sorted(one.name for one in folder.iterdir())
    with read_only(folder):
        listed = adwarden("list", folder=folder)
        history = adwarden("history", folder=folder)
        report = adwarden("report", "--format", "csv", folder=folder)
        refreshed = adwarden("refresh", folder=folder)
        nothing = adwarden("list", folder=folder / "other")
    assert sorted(one.name for one in folder.iterdir()) == before
    held.close()
    assert (listed.returncode, history.returncode, report.returncode) == (0, 0, 0)
    assert ("@contoso" if logged else "@northwind") in listed.stdout
    assert "Agency app" in report.stdout
    assert listed.stderr == (
        f"adwarden: Writing in {folder} is not allowed. This was saved there before.\n"
    )
    assert (refreshed.returncode, nothing.returncode) == (1, 1)
    assert "The data folder cannot be used" in refreshed.stderr
    assert "The data folder cannot be used" in nothing.stderr


def test_a_damaged_list_that_cannot_be_replaced_is_refused(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    fill(folder, "northwind")
    (folder / "directory.sqlite3").write_bytes(b"no database" * 500)
    with read_only(folder):
        listed = adwarden("list", folder=folder)
    assert (listed.returncode, listed.stdout) == (1, "")
    assert "The data folder cannot be used" in listed.stderr


def test_the_history_is_printed_also_of_what_is_gone(tmp_path: Path) -> None:
    assert "Nothing has changed" in adwarden("history", folder=tmp_path / "new").stdout
    fill(tmp_path, "northwind", "contoso")
    directory, _ = Directory.open(DataFolder(tmp_path))
    directory.remove_entries("a1c0", ["18k3"])
    directory.remove_connection("a1c0")
    directory.close()
    done = adwarden("history", "@northwind", folder=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "\x1b" not in done.stdout
    told = [line.split("  ", 1)[1] for line in done.stdout.splitlines()]
    assert told == [
        "@northwind was disconnected from Agency app",
        "@northwind no longer reaches Northwind �[31mOutdoor",
        "@northwind is connected and reaches 1 ad account",
    ]
    document = json.loads(adwarden("history", "--json", "--since", "1", folder=tmp_path).stdout)
    assert [change["kind"] for change in document["changes"]] == [
        "connection-removed", "account-lost", "connection-added", "connection-added",
    ]  # fmt: skip
    lost = document["changes"][1]
    assert (lost["handle"], lost["account_id"], lost["tone"]) == ("@northwind", "18k3", "lost")
    assert len(adwarden("history", "a1c0", folder=tmp_path).stdout.splitlines()) == 3
    assert adwarden("history", "@nobody", folder=tmp_path).returncode == 3
    assert adwarden("history", "--since", "0", folder=tmp_path).returncode == 2


def test_a_name_that_fits_nothing_or_several_is_refused(tmp_path: Path) -> None:
    fill(tmp_path, "northwind")
    fill(tmp_path, "northwind", label="Test app", app_id="a2")
    missing = adwarden("refresh", "@nobody", folder=tmp_path)
    assert missing.returncode == 3
    assert "@northwind/Agency app" in missing.stderr
    several = adwarden("refresh", "@northwind", folder=tmp_path)
    assert several.returncode == 3
    assert "@northwind/Test app" in several.stderr
    assert several.stdout == ""


@pytest.mark.parametrize(
    "address", ["http://api.x.com", "http://127.0.0.1@evil.example", "ftp://x"]
)
def test_an_address_that_is_not_safe_is_refused(tmp_path: Path, address: str) -> None:
    for command in ((), ("refresh",)):
        # Where somebody could see it, the window's start would wait for them with a box.
        around = {"QT_QPA_PLATFORM": "offscreen", "ADWARDEN_X_API_URL": address}
        done = adwarden(*command, folder=tmp_path, **around)
        assert done.returncode == 2
        assert "ADWARDEN_X_API_URL" in done.stderr
        assert "Traceback" not in done.stderr


def test_the_console_brings_no_qt_and_nothing_heavy(tmp_path: Path) -> None:
    fill(tmp_path, "northwind")
    script = (
        "import sys\nfrom adwarden.__main__ import main\n"
        f"main(['--data-dir', {str(tmp_path)!r}, 'list'])\n"
        "print(*sys.modules, file=sys.stderr)"
    )
    done = subprocess.run(
        [sys.executable, "-P", "-c", script], capture_output=True, text=True, check=True
    )
    loaded = set(done.stderr.split())
    heavy = {"PySide6", "keyring", "requests", "oauthlib", "qasync", "requests_oauthlib"}
    assert not loaded & heavy


@pytest.fixture
def server() -> Iterator[PracticeServer]:
    server = PracticeServer(make_world(seed=11))
    server.start()
    yield server
    server.stop()


@pytest.mark.keychain
def test_refresh_fetches_and_prints_what_changed(tmp_path: Path, server: PracticeServer) -> None:
    app = server.world.apps[0]
    keys = Credential("x-app", {"key": Secret(app.key), "secret": Secret(app.secret)})
    provider = XProvider(
        HttpClient(), Limits(lambda _: None), api_url=server.url, ads_url=server.url
    )
    request = provider.begin(keys)
    grant = provider.finish(keys, request, authorize(request.url, "contoso"))
    provider.close()
    vault = Vault()
    service = entry_service("Agency app", "bbbb1111")
    connection = Connection(
        "c9", "a9", grant.user_id, "contoso", entry_service("Agency app", "cccc9999"), 1.0
    )
    vault.put(service, "Agency app", keys)
    vault.put(connection.entry, "@contoso", grant.credential)
    vault.close()
    directory, _ = Directory.open(DataFolder(tmp_path))
    directory.save_app(XApp("a9", "x", "Agency app", AppAccess.STANDARD, service, 1.0))
    directory.replace_connection(connection)
    directory.close()
    addresses = {"ADWARDEN_X_API_URL": server.url, "ADWARDEN_X_ADS_URL": server.url}

    first = adwarden("refresh", "@contoso", folder=tmp_path, **addresses)
    assert first.returncode == 0, first.stderr
    assert first.stdout.startswith("@contoso is connected and reaches ")
    assert len(first.stdout.splitlines()) == 1
    second = adwarden("refresh", "--json", folder=tmp_path, **addresses)
    assert json.loads(second.stdout) == {"changes": [], "errors": []}

    person = server.world.person_named("contoso")
    assert person is not None
    server.faults.revoke(app, person)
    revoked = adwarden("refresh", folder=tmp_path, **addresses)
    assert revoked.returncode == 6
    assert "Reconnect" in revoked.stderr
    assert revoked.stdout == "@contoso revoked access to Agency app\n"
    history = adwarden("history", "--json", "--since", "1", "@contoso", folder=tmp_path)
    kinds = [change["kind"] for change in json.loads(history.stdout)["changes"]]
    assert kinds == ["connection-state", "connection-added"]
    secret = grant.credential.secrets["token"].unwrap()
    assert secret not in first.stdout + first.stderr + revoked.stderr
    server.stop()
    offline = adwarden("refresh", folder=tmp_path, **addresses)
    assert offline.returncode == 5


@pytest.mark.keychain
def test_without_a_keychain_refresh_ends_with_its_own_code(tmp_path: Path) -> None:
    fill(tmp_path, "northwind")
    done = adwarden(
        "refresh", folder=tmp_path, DBUS_SESSION_BUS_ADDRESS="unix:path=/nonexistent/bus"
    )
    assert done.returncode == 4
    assert done.stdout == ""


def test_the_practice_server_alone_prints_how_to_reach_it(tmp_path: Path) -> None:
    process = subprocess.Popen(
        [sys.executable, "-P", "-m", "adwarden", "practice", "--accounts", "50"],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONUNBUFFERED": "1"},
    )
    assert process.stdout is not None
    lines = []
    for line in process.stdout:
        lines.append(line)
        if "ADWARDEN_X_ADS_URL" in line:
            break
    process.terminate()
    process.stdout.close()
    assert process.wait(10) == 0
    assert any("http://127.0.0.1:" in line for line in lines)


@pytest.mark.parametrize("number", ["0", "50001", "many"])
def test_a_number_out_of_bounds_is_usage(tmp_path: Path, number: str) -> None:
    assert adwarden("practice", "--accounts", number, folder=tmp_path).returncode == 2


def test_a_result_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    fill(tmp_path, "northwind")
    for arguments in (("list",), ("list", "--json")):
        with Path("/dev/full").open("w") as full:
            done = subprocess.run(
                [sys.executable, "-P", "-m", "adwarden", "--data-dir", str(tmp_path), *arguments],
                stdout=full,
                stderr=subprocess.PIPE,
                text=True,
                check=False,
            )
        assert done.returncode == 1
        assert "could not be written" in done.stderr
        assert "Traceback" not in done.stderr


def test_a_terminal_that_cannot_show_a_name_gets_the_rest(tmp_path: Path) -> None:
    fill(tmp_path, "northwind", label="エージェンシー")
    narrow = {"PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0", "LC_ALL": "C"}
    done = adwarden("list", folder=tmp_path, **narrow)
    assert done.returncode == 0
    assert "@northwind" in done.stdout
    assert json.loads(adwarden("list", "--json", folder=tmp_path, **narrow).stdout)["apps"]


def test_a_reader_that_has_had_enough_is_no_error(tmp_path: Path) -> None:
    fill(tmp_path, *(f"user{number}" for number in range(300)))
    command = [sys.executable, "-P", "-m", "adwarden", "--data-dir", str(tmp_path), "list"]
    listing = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert listing.stdout is not None
    assert listing.stderr is not None
    listing.stdout.readline()
    listing.stdout.close()
    assert listing.stderr.read() == ""
    listing.stderr.close()
    assert listing.wait(20) == 0
