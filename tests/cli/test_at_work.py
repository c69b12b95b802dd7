"""Console commands whose list was lost: it is built again first, or they say why it is not."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from adwarden.domain.model import AppAccess, Connection, Credential, XApp
from adwarden.domain.secret import Secret
from adwarden.services.entry_facts import of_app, of_connection
from adwarden.storage.paths import DataFolder
from adwarden.storage.vault import Vault, entry_service
from tests.test_cli import adwarden, fill

NOWHERE = {"DBUS_SESSION_BUS_ADDRESS": "unix:path=/nonexistent/bus"}
UNBUILT = "If there were X apps before, `adwarden refresh` lists them again"


def test_a_list_that_is_new_says_that_one_may_have_been_lost(tmp_path: Path) -> None:
    fill(tmp_path, "northwind")
    assert adwarden("list", folder=tmp_path).stderr == ""
    (tmp_path / "directory.sqlite3").unlink()
    for command in (["list"], ["list"], ["list", "--json"], ["history"]):
        told = adwarden(*command, folder=tmp_path)
        assert told.returncode == 0
        assert UNBUILT in told.stderr, command
    shown = adwarden("show", "@northwind", folder=tmp_path)
    assert (shown.returncode, UNBUILT in shown.stderr) == (3, True)
    assert json.loads(adwarden("list", "--json", folder=tmp_path).stdout)["apps"] == []


@pytest.mark.keychain
@pytest.mark.parametrize("command", [["refresh"], ["refresh", "@contoso"]])
def test_a_keychain_that_cannot_be_read_is_the_failure(tmp_path: Path, command: list[str]) -> None:
    for _ in range(2):
        done = adwarden(*command, folder=tmp_path, **NOWHERE)
        assert (done.returncode, done.stdout) == (4, "")
        assert "keychain" in done.stderr


@pytest.mark.keychain
def test_other_commands_do_not_need_the_list(tmp_path: Path) -> None:
    source = tmp_path / "keys.env"
    source.write_text("X_API_KEY=" + "k" * 25 + "\nX_API_SECRET=" + "s" * 50 + "\n")
    done = adwarden("import", str(source), "--dry-run", folder=tmp_path / "data", **NOWHERE)
    assert done.returncode == 0, done.stderr


@pytest.mark.keychain
def test_a_list_that_was_lost_is_built_again_first(tmp_path: Path) -> None:
    label, home = "Agency app", DataFolder(tmp_path).mark
    app = XApp("a7", "x", label, AppAccess.STANDARD, entry_service(label, "eeee1111"), 1.0)
    one = Connection("c7", "a7", "1007", "contoso", entry_service(label, "eeee9999"), 1.0)
    keys = Credential("", {"key": Secret("k" * 25), "secret": Secret("s" * 50)})
    token = Credential("x-oauth1-token", {"token": Secret("t" * 50), "secret": Secret("s" * 45)})
    vault = Vault()
    vault.put(app.entry, label, of_app(app, keys, home, 1.0))
    vault.put(one.entry, "@contoso", of_connection(one, token, home, 1.0))
    vault.close()
    nowhere = {
        "ADWARDEN_X_API_URL": "http://127.0.0.1:9",
        "ADWARDEN_X_ADS_URL": "http://127.0.0.1:9",
    }
    first = adwarden("refresh", "@contoso", folder=tmp_path, **nowhere)
    assert first.returncode == 5, first.stderr
    assert "built anew from the system keychain: X apps 1, connections 1." in first.stderr
    listed = adwarden("list", folder=tmp_path)
    assert "@contoso" in listed.stdout
    assert listed.stderr == ""
    again = adwarden("refresh", folder=tmp_path, **nowhere)
    assert "built anew" not in again.stderr
