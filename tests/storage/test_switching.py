"""The row of an app or a connection changes its entry in one step with the notes about both."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from adwarden.domain.model import AppAccess, Connection, ConnectionState, XApp
from adwarden.storage.directory import Directory, PendingStep, RefreshJob
from adwarden.storage.paths import DataFolder

APP = XApp("a1", "x", "App", AppAccess.STANDARD, "old app", 5.0, approved_at=7.0)
CONNECTION = Connection("c1", "a1", "891", "contoso", "old", 6.0, label="Main")
NOW = 1_000.0


@pytest.fixture
def directory(tmp_path: Path) -> Iterator[Directory]:
    opened, _ = Directory.open(DataFolder(tmp_path), clock=lambda: NOW)
    opened.finish_pending("*")
    opened.save_app(APP)
    opened.replace_connection(CONNECTION)
    yield opened
    opened.close()


def test_only_the_named_columns_change(directory: Directory) -> None:
    learned = replace(CONNECTION, state=ConnectionState.REVOKED, error="by a refresh")
    assert directory.note_connection(learned)
    new = replace(CONNECTION, entry="new", label="Other", place="file")
    directory.begin_pending("add", "new", "@contoso", "file")
    former = ("old", "@contoso", "keychain")
    assert directory.switch_entry(new, former, ("entry", "label", "place"))
    assert directory.connection("c1") == replace(learned, entry="new", label="Other", place="file")
    assert directory.pending() == (PendingStep("delete", "old", "@contoso", NOW, "keychain"),)


def test_an_app_keeps_its_day_of_approval(directory: Directory) -> None:
    new = replace(APP, entry="new app", label="Other", holds=("bearer", "client_id"))
    assert directory.switch_entry(new, ("old app", "App", "keychain"), ("entry", "label", "holds"))
    assert directory.snapshot().apps == (new,)
    assert [step.entry for step in directory.pending()] == ["old app"]


def test_what_names_another_entry_by_now_is_left_alone(directory: Directory) -> None:
    directory.begin_pending("add", "new", "@contoso")
    before = directory.pending()
    new = replace(CONNECTION, entry="new")
    assert not directory.switch_entry(new, ("older", "@contoso", "keychain"), ("entry",))
    assert not directory.switch_entry(
        replace(new, id="gone"), ("old", "@contoso", "keychain"), ("entry",)
    )
    assert directory.connection("c1") == CONNECTION
    assert directory.pending() == before


def test_an_unfinished_refresh_follows_the_same_token_only(directory: Directory) -> None:
    directory.save_job(RefreshJob("c1", "old", 3.0))
    new = replace(CONNECTION, entry="new")
    assert directory.switch_entry(new, ("old", "@contoso", "keychain"), ("entry",), same_token=True)
    assert directory.jobs() == (RefreshJob("c1", "new", 3.0),)
    again = replace(CONNECTION, entry="newer")
    assert directory.switch_entry(again, ("new", "@contoso", "keychain"), ("entry",))
    assert directory.jobs() == (RefreshJob("c1", "new", 3.0),)
