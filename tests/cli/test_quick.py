"""What is answered without the rest of the program is what the rest would answer."""

from __future__ import annotations

import io
import os
import sqlite3
import subprocess
import sys
from contextlib import redirect_stdout
from dataclasses import replace
from pathlib import Path

import platformdirs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from adwarden.cli import quick
from adwarden.cli.listing import print_tree
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
from adwarden.storage.schema import APPLICATION_ID
from tests.storage.folders import read_only
from tests.test_cli import adwarden, fill

TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=12)
USERS = st.none() | st.lists(
    st.builds(PromotableUser, TEXT, TEXT, TEXT, handle=TEXT), max_size=3
).map(tuple)
ENTRIES = st.lists(
    st.builds(
        AccountEntry,
        st.builds(AdAccount, st.text("abc012", min_size=1, max_size=3), TEXT),
        st.none() | st.builds(Access, TEXT, st.lists(TEXT, max_size=3).map(tuple)),
        users=USERS,
    ),
    max_size=4,
    unique_by=lambda entry: entry.account.id,
)


def slow_and_quick(folder: Path) -> tuple[str, str]:
    directory, _ = Directory.open(DataFolder(folder))
    out = io.StringIO()
    with redirect_stdout(out):
        print_tree(directory.snapshot())
    directory.close()
    lines = quick._tree(str(folder / "directory.sqlite3"))
    assert lines is not None
    return out.getvalue(), "\n".join(lines) + "\n"


@given(
    labels=st.lists(TEXT, max_size=2),
    entries=ENTRIES,
    name=TEXT,
    state=st.sampled_from(ConnectionState),
    checked_at=st.none() | st.just(5.0),
)
def test_the_quick_tree_is_the_tree(
    tmp_path_factory: pytest.TempPathFactory,
    labels: list[str],
    entries: list[AccountEntry],
    name: str,
    state: ConnectionState,
    checked_at: float | None,
) -> None:
    folder = tmp_path_factory.mktemp("data")
    directory, _ = Directory.open(DataFolder(folder))
    for place, label in enumerate(labels):
        app_id = f"a{place}"
        directory.save_app(XApp(app_id, "x", label, AppAccess.STANDARD, "e", 1.0))
        one = Connection(f"c{place}", app_id, "1001", name, f"e{place}", 2.0, state)
        directory.replace_connection(replace(one, checked_at=checked_at))
        directory.save_entries(one.id, entries)
    directory.finish_pending("*")
    directory.close()
    slow, fast = slow_and_quick(folder)
    assert fast == slow


def test_what_is_unusual_is_left_to_the_command_itself(tmp_path: Path) -> None:
    index = tmp_path / "directory.sqlite3"
    assert quick._tree(str(index)) is None
    fill(tmp_path, "northwind")
    assert quick._tree(str(index)) is not None
    with read_only(tmp_path):
        assert quick._tree(str(index)) is None
    for statement in (
        "PRAGMA user_version=99",
        "PRAGMA application_id=7",
        "UPDATE entry SET account='no JSON'",
        "UPDATE entry SET account='[1,2]'",
        "UPDATE entry SET users='[[null,null,null,null,null]]'",
        "ALTER TABLE app RENAME COLUMN label TO lobel",
    ):
        copy = tmp_path / "copy.sqlite3"
        copy.unlink(missing_ok=True)
        with sqlite3.connect(index) as source, sqlite3.connect(copy) as db:
            source.backup(db)
            db.execute(statement)
        source.close()
        db.close()
        assert quick._tree(str(copy)) is None, statement
    index.write_bytes(b"no database" * 500)
    assert quick._tree(str(index)) is None
    assert quick.OWNER == APPLICATION_ID


def test_a_name_with_every_sign_is_opened(tmp_path: Path) -> None:
    folder = tmp_path / "a b%20?#c&mode=ro"
    fill(folder, "northwind")
    assert "@northwind" in "\n".join(quick._tree(str(folder / "directory.sqlite3")) or ())
    assert sorted(one.name for one in folder.iterdir() if "sqlite" in one.name) == [
        "directory.sqlite3"
    ]


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        (["list"], "{env}"),
        (["--data-dir", "{other}", "list"], "{other}"),
        (["--practice", "list"], "{env}/practice"),
        (["--data-dir", "", "list"], None),
        (["--data-dir"], None),
        (["list", "--json"], None),
        (["list", "--practice"], None),
        (["list", "list"], None),
        (["--data-dir", "{other}"], None),
        (["--data-dir={other}", "list"], None),
        (["--diagnose", "list"], None),
        (["run", "x", "--", "list"], None),
        (["--data-dir", "a\0b", "list"], None),
    ],
)
def test_only_the_plain_list_is_quick(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, said: list[str], expected: str | None
) -> None:
    places = {"env": str(tmp_path / "env"), "other": str(tmp_path / "other")}
    monkeypatch.setenv("ADWARDEN_DATA_DIR", places["env"])
    folder, words = quick._asked([word.format(**places) for word in said])
    found = folder if words == ["list"] else None
    assert found == (expected and expected.format(**places))


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere platformdirs is asked")
@pytest.mark.parametrize("base", [None, "", " ", "/somewhere/else"])
def test_the_usual_folder_is_platformdirs_own(
    monkeypatch: pytest.MonkeyPatch, base: str | None
) -> None:
    monkeypatch.delenv("XDG_DATA_HOME", raising=False)
    if base is not None:
        monkeypatch.setenv("XDG_DATA_HOME", base)
    assert quick._usual_folder() == str(platformdirs.user_data_path("adwarden", appauthor=False))


def test_help_and_list_import_next_to_nothing(tmp_path: Path) -> None:
    fill(tmp_path, "northwind")
    for words, heavy in (
        (("--help",), ("typing", "dataclasses", "sqlite3", "shutil", "pathlib", "json")),
        (("list",), ("typing", "dataclasses", "argparse", "re", "pathlib", "json")),
    ):
        # As an installed program: what `python -m` itself imports is not ours.
        script = (
            "import sys\nfrom adwarden.__main__ import main\n"
            f"try: main(['--data-dir', {str(tmp_path)!r}, {words[0]!r}])\nexcept SystemExit: pass\n"
            "print(*sys.modules, file=sys.stderr)"
        )
        done = subprocess.run(
            [sys.executable, "-S", "-P", "-c", script],
            capture_output=True, text=True, check=True,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        )  # fmt: skip
        loaded = set(done.stderr.split())
        assert "adwarden.cli.quick" in loaded
        assert not loaded & set(heavy), words


def test_help_fits_the_terminal_and_is_told_for_every_command(tmp_path: Path) -> None:
    narrow = adwarden("--help", folder=tmp_path, COLUMNS="50").stdout
    assert max(map(len, narrow.splitlines())) <= 50
    wide = adwarden("--help", folder=tmp_path, COLUMNS="200").stdout
    assert "find" in wide
    for command in ("list", "show", "find", "refresh", "history", "report", "practice"):
        helped = adwarden(command, "--help", folder=tmp_path)
        assert helped.returncode == 0
        assert f"usage: adwarden {command}" in helped.stdout
    # The value of an option is no wish for help, and a wrong command no silence.
    assert adwarden("no-such", folder=tmp_path).returncode == 2
    assert adwarden(folder=Path("--help")).returncode == 2
