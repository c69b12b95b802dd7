"""Import and export as real processes, with the real keychain and X's stand-in."""

from __future__ import annotations

import json
import os
import select
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from adwarden.practice.server import PracticeServer
from adwarden.practice.world import make_world
from adwarden.services.handover.formats import FORMATS
from tests.cli.outfit import Kept, connect, granted
from tests.test_cli import adwarden
from tests.with_keyring import KeyringSession

pytestmark = pytest.mark.keychain


@pytest.fixture(scope="module")
def server() -> Iterator[PracticeServer]:
    server = PracticeServer(make_world(seed=11))
    server.start()
    yield server
    server.stop()


def x(server: PracticeServer) -> dict[str, str]:
    return {"ADWARDEN_X_API_URL": server.url, "ADWARDEN_X_ADS_URL": server.url}


def quiet(done: subprocess.CompletedProcess[str], one: Kept) -> None:
    """Hold that no secret was said."""
    assert not any(secret in done.stdout + done.stderr for secret in one.secrets)


def file_of(folder: Path, one: Kept) -> Path:
    file = folder / "their.env"
    file.write_text(one.env)
    return file


# Import


def test_nothing_is_taken_into_a_memory_that_ends_with_the_command(
    tmp_path: Path, server: PracticeServer
) -> None:
    one = granted(server, "contoso")
    file = file_of(tmp_path, one)
    folder = tmp_path / "data"
    folder.mkdir()
    (folder / "settings.ini").write_text("[vault]\nplace = memory\n")
    done = adwarden("import", str(file), "--yes", folder=folder, **x(server))
    assert done.returncode == 2
    assert "would be gone with this command" in done.stderr
    assert file.exists()
    quiet(done, one)


def test_a_preview_changes_nothing(tmp_path: Path, server: PracticeServer) -> None:
    one = granted(server, "contoso")
    file = file_of(tmp_path, one)
    folder = tmp_path / "data"
    for words, code in (
        (("--dry-run",), 0),
        ((), 2),
        (("--json", "--dry-run"), 0),
        (("--json",), 2),
    ):
        done = adwarden("import", str(file), *words, folder=folder)
        assert done.returncode == code, done.stderr
        quiet(done, one)
        assert "new" in done.stdout
        if code:
            assert "Nothing was taken in" in done.stderr
            assert "--yes" in done.stderr
    assert json.loads(adwarden("list", "--json", folder=folder).stdout)["apps"] == []
    assert file.read_text() == one.env


def test_what_is_new_is_taken_in_checked_and_known_after_that(
    tmp_path: Path, server: PracticeServer
) -> None:
    one = granted(server, "contoso")
    file, folder = file_of(tmp_path, one), tmp_path / "data"
    command = ("import", str(file), "--yes", "--check")
    done = adwarden(*command, folder=folder, **x(server))
    assert done.returncode == 0, done.stderr
    quiet(done, one)
    assert "@contoso was connected" in done.stdout
    assert "X confirmed it" in done.stdout
    assert "still holds these secrets" in done.stderr
    assert "`adwarden refresh` fetches their ad accounts" in done.stderr
    plain = adwarden("list", folder=folder).stdout
    assert "ad accounts not fetched yet: adwarden refresh" in plain
    assert "0 ad accounts" not in plain
    assert "not fetched yet" in adwarden("show", "@contoso", folder=folder).stdout
    again = adwarden(*command, "--json", folder=folder, **x(server))
    told = json.loads(again.stdout)
    assert again.returncode == 0
    assert [found["standing"] for found in told["sets"]] == ["known"]
    assert told["format"] == "env"
    listed = json.loads(adwarden("list", "--json", folder=folder).stdout)
    assert told["sets"][0]["connection_id"] == listed["connections"][0]["id"]
    refreshed = adwarden("refresh", "@contoso", folder=folder, **x(server))
    assert refreshed.returncode == 0, refreshed.stderr
    assert "not fetched yet" not in adwarden("list", folder=folder).stdout
    exported = adwarden("export", "@contoso", "--format", "env", folder=folder)
    assert set(one.env.split()) <= set(exported.stdout.split())


@pytest.mark.parametrize("name", ["-", "/dev/stdin"])
def test_it_is_read_from_standard_input(tmp_path: Path, server: PracticeServer, name: str) -> None:
    one = granted(server, "contoso")
    done = subprocess.run(
        [sys.executable, "-P", "-m", "adwarden", "--data-dir", str(tmp_path),
         "import", name, "--yes", "--json"],
        input=one.env.replace("\n", "\r\n"), capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    quiet(done, one)
    assert "still holds" not in done.stderr
    told = json.loads(done.stdout)["sets"][0]
    assert told["writes"] == ["app", "token"]
    assert told["result"]["done"] is True


@pytest.mark.parametrize("data", [b"x=1\n" * 400_000, b"\xff\x00\x81" * 9, b""])
def test_standard_input_that_is_no_such_text_is_usage(tmp_path: Path, data: bytes) -> None:
    done = subprocess.run(
        [sys.executable, "-P", "-m", "adwarden", "--data-dir", str(tmp_path / "data"),
         "import", "-", "--yes"],
        input=data, capture_output=True, check=False,
    )  # fmt: skip
    assert done.returncode == 2
    assert b"Traceback" not in done.stderr
    assert done.stdout == b""


def test_a_wrong_token_is_refused_by_x_and_told(tmp_path: Path, server: PracticeServer) -> None:
    one = replace(granted(server, "contoso"), token_secret="w" * 45)
    command = ("import", str(file_of(tmp_path, one)), "--yes", "--check")
    done = adwarden(*command, folder=tmp_path / "data", **x(server))
    assert done.returncode == 6
    quiet(done, one)
    assert "X did not accept this pair" in done.stderr


def test_what_contradicts_needs_a_word_of_its_own(tmp_path: Path, server: PracticeServer) -> None:
    kept = connect(tmp_path, server, "contoso", mark="w")
    other = replace(kept, token_secret="o" * 45)
    file = file_of(tmp_path, other)
    left = adwarden("import", str(file), "--yes", folder=tmp_path)
    assert left.returncode == 1
    assert "--replace" in left.stderr
    exported = ("export", kept.id, "--format", "env")
    assert kept.token_secret in adwarden(*exported, folder=tmp_path).stdout
    taken = adwarden("import", str(file), "--yes", "--replace", folder=tmp_path)
    assert taken.returncode == 0, taken.stderr
    assert "o" * 45 in adwarden(*exported, folder=tmp_path).stdout


def test_a_token_under_the_name_of_somebody_else_needs_a_word_as_well(
    tmp_path: Path, server: PracticeServer
) -> None:
    connect(tmp_path, server, "contoso", mark="w")
    one = granted(server, "litware_jp")
    file = tmp_path / "tool.env"
    file.write_text(f"{one.env}\nX_HANDLE=contoso\n")
    left = adwarden("import", str(file), "--yes", folder=tmp_path)
    quiet(left, one)
    assert left.returncode == 1
    assert "whose user id is another" in left.stdout
    assert "Add --replace and --check" in left.stderr
    code, told = on_a_terminal(tmp_path, "\n", "import", str(file))
    assert code == 0
    assert f"Take in {one.token.partition('-')[0]} through Practice app? [y/N]" in told
    assert "was connected" not in told
    taken = adwarden(
        "import", str(file), "--yes", "--replace", "--check", folder=tmp_path, **x(server)
    )
    assert taken.returncode == 0, taken.stderr
    assert "@litware_jp was connected" in taken.stdout


def on_a_terminal(folder: Path, answers: str, *words: str) -> tuple[int, str]:
    """Run a command on a terminal of its own, with everything typed ahead."""
    parent, child = os.openpty()
    process = subprocess.Popen(
        [sys.executable, "-P", "-m", "adwarden", "--data-dir", str(folder), *words],
        stdin=child, stdout=child, stderr=child, close_fds=True,
    )  # fmt: skip
    os.close(child)
    os.write(parent, answers.encode())
    told = b""
    while select.select([parent], [], [], 30)[0]:
        try:
            piece = os.read(parent, 4096)
        except OSError:  # how Linux says that nobody has the other end any more
            break
        if not piece:
            break
        told += piece
    os.close(parent)
    return process.wait(20), told.decode()


def test_on_a_terminal_each_set_is_asked_for(tmp_path: Path, server: PracticeServer) -> None:
    one, folder = granted(server, "contoso"), tmp_path / "data"
    file = file_of(tmp_path, one)
    code, told = on_a_terminal(folder, "n\n", "import", str(file))
    assert code == 0
    assert "Take in" in told
    assert json.loads(adwarden("list", "--json", folder=folder).stdout)["connections"] == []
    code, told = on_a_terminal(folder, "\ny\n", "import", str(file))
    assert code == 0, told
    assert "Remove their.env" in told
    assert "regenerate the secrets" in told
    assert not file.exists()
    assert not any(secret in told for secret in one.secrets)
    assert len(json.loads(adwarden("list", "--json", folder=folder).stdout)["connections"]) == 1


def test_a_file_that_was_taken_in_before_may_be_removed_too(
    tmp_path: Path, server: PracticeServer
) -> None:
    one, folder = granted(server, "contoso"), tmp_path / "data"
    file = file_of(tmp_path, one)
    code, told = on_a_terminal(folder, "\nn\n", "import", str(file))
    assert code == 0, told
    assert file.exists()
    code, told = on_a_terminal(folder, "y\n", "import", str(file))
    assert code == 0, told
    assert "Remove their.env" in told
    assert not file.exists()


def test_of_a_link_it_is_said_what_would_be_removed(tmp_path: Path, server: PracticeServer) -> None:
    real = file_of(tmp_path, granted(server, "contoso"))
    link = tmp_path / ".twurlrc"
    link.symlink_to(real)
    code, told = on_a_terminal(tmp_path / "data", "\ny\n", "import", str(link))
    assert code == 0, told
    assert f".twurlrc is a link. Remove it and {real}," in told
    assert not real.exists()
    assert not link.is_symlink()


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "nothing in it"),
        (b"hello, world\n", "No credentials were found"),
        (b"\x00\x01\x02" * 50, ""),
        (b"a: &a [*a, *a]\nprofiles: !!python/object:os.system x\n", ""),
        (b"x" * 2_000_000, ""),
        (None, ""),
    ],
)
def test_what_is_no_credential_file_is_usage(
    tmp_path: Path, content: bytes | None, words: str
) -> None:
    file = tmp_path / "file"
    if content is not None:
        file.write_bytes(content)
    done = adwarden("import", str(file), "--yes", folder=tmp_path / "data")
    assert done.returncode == 2
    assert words in done.stderr
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "data" / "directory.sqlite3").exists()


def test_a_locked_keychain_is_code_four(tmp_path: Path, server: PracticeServer) -> None:
    one = connect(tmp_path, server, "contoso", mark="l")
    with KeyringSession() as session:
        session.start_daemon(None)
        around = session.environment
        imported = adwarden(
            "import", str(file_of(tmp_path, one)), "--yes", folder=tmp_path, **around
        )
        exported = adwarden("export", one.id, "--format", "env", folder=tmp_path, **around)
    assert (imported.returncode, exported.returncode, exported.stdout) == (4, 4, "")


# Export


@pytest.fixture
def kept(tmp_path: Path, server: PracticeServer) -> Kept:
    return connect(tmp_path, server, "contoso", mark="e")


@pytest.mark.parametrize("format_id", FORMATS)
def test_every_format_is_printed(tmp_path: Path, kept: Kept, format_id: str) -> None:
    more = {"curl": ("--url", "https://ads-api.x.com/12/accounts"), "tap": ("--account", "18ce54")}
    command = ("export", "@contoso", "--format", format_id, *more.get(format_id, ()))
    done = adwarden(*command, folder=tmp_path)
    assert done.returncode == 0, done.stderr
    assert done.stdout.endswith("\n")
    has_secret = kept.token_secret in done.stdout
    assert has_secret == FORMATS[format_id].secret
    assert done.stderr == ""


def test_a_file_is_private_and_stays_unless_it_is_forced(tmp_path: Path, kept: Kept) -> None:
    file = tmp_path / "out.env"
    command = ("export", kept.id, "--format", "env", "--output", str(file))
    done = adwarden(*command, folder=tmp_path)
    assert (done.returncode, done.stdout) == (0, ""), done.stderr
    quiet(done, kept)
    assert file.stat().st_mode & 0o777 == 0o600
    again = adwarden(*command, folder=tmp_path)
    assert again.returncode == 2
    assert "--force" in again.stderr
    file.write_text("FOO=of-the-project\n")
    forced = adwarden(*command, "--force", folder=tmp_path)
    assert forced.returncode == 0
    assert kept.token in file.read_text()
    (backup,) = tmp_path.glob("out.env.adwarden-backup-*")
    assert backup.read_text() == "FOO=of-the-project\n"
    assert backup.name in forced.stderr


@pytest.mark.parametrize("format_id", ["env", "json", "twurlrc"])
def test_not_even_by_force_is_the_keepass_file_in_use_written_over(
    tmp_path: Path, kept: Kept, format_id: str
) -> None:
    file = tmp_path / "team.kdbx"
    file.write_bytes(b"secrets")
    (tmp_path / "link").hardlink_to(file)
    (tmp_path / "settings.ini").write_text(f"[vault]\nfile={file}\n")
    for path in (file, tmp_path / "link", tmp_path / "aside" / ".." / "team.kdbx"):
        command = ("export", kept.id, "--format", format_id, "--output", str(path), "--force")
        done = adwarden(*command, folder=tmp_path)
        assert done.returncode == 2
        assert "KeePass file in use" in done.stderr
        quiet(done, kept)
    assert file.read_bytes() == b"secrets"


def test_a_twurlrc_is_merged_with_a_copy_beside_it(tmp_path: Path, kept: Kept) -> None:
    file = tmp_path / ".twurlrc"
    foreign = (
        "---\n# mine\nprofiles:\n  other:\n    keyA:\n      username: other\n"
        "      consumer_key: keyA\n      consumer_secret: s\n      token: t\n      secret: u\n"
        "configuration:\n  default_profile:\n  - other\n  - keyA\n"
    )
    file.write_text(foreign)
    command = ("export", kept.id, "--format", "twurlrc", "--output", str(file))
    done = adwarden(*command, folder=tmp_path)
    assert done.returncode == 0, done.stderr
    merged = file.read_text()
    assert "# mine" in merged
    assert "keyA" in merged
    assert kept.token in merged
    (backup,) = tmp_path.glob(".twurlrc.adwarden-backup-*")
    assert backup.read_text() == foreign
    assert backup.name in done.stderr
    known = adwarden("import", str(file), "--dry-run", "--json", folder=tmp_path)
    standings = {one["handle"]: one["standing"] for one in json.loads(known.stdout)["sets"]}
    assert standings["@contoso"] == "known"
    quiet(known, kept)


def test_a_file_that_git_would_take_is_warned_of(tmp_path: Path, kept: Kept) -> None:
    tree = tmp_path / "project"
    tree.mkdir()
    subprocess.run(["git", "init", "-q", str(tree)], check=True)
    command = ("export", kept.id, "--format", "env", "--output", str(tree / ".env"))
    done = adwarden(*command, folder=tmp_path)
    assert done.returncode == 0
    assert "work tree" in done.stderr
    (tree / ".gitignore").write_text(".env\n")
    forced = adwarden(*command, "--force", folder=tmp_path)
    assert "The copy that is kept beside it (.env.adwarden-backup-…) is not ignored" in (
        forced.stderr
    )
    (tree / ".gitignore").write_text(".env*\n")
    assert "ignored" not in adwarden(*command, "--force", folder=tmp_path).stderr
    program = ("export", kept.id, "--format", "tweepy", "--output", str(tree / "who_am_i.py"))
    assert "work tree" not in adwarden(*program, folder=tmp_path).stderr


def test_a_place_that_cannot_be_written_is_refused(tmp_path: Path, kept: Kept) -> None:
    for place, code in ((tmp_path, 2), (Path("/dev/full"), 2), (tmp_path / "none" / "f", 1)):
        command = ("export", kept.id, "--format", "env", "--output", str(place), "--force")
        done = adwarden(*command, folder=tmp_path)
        assert (done.returncode, done.stdout) == (code, ""), done.stderr
        assert str(place) in done.stderr
        quiet(done, kept)


def test_what_makes_no_sense_is_usage(tmp_path: Path, kept: Kept) -> None:
    for words in (
        ("--format", "json", "--family", "x"),
        ("--format", "env", "--default"),
        ("--format", "env", "--url", "https://api.x.com"),
        ("--format", "curl"),
        ("--format", "env", "--output", ""),
        ("--format", "env", "--output", str(tmp_path)),
        ("--format", "none"),
        ("--format", "twurlrc", "--account", "18ce54"),
        ("--format", "curl", "--url", "https://ads-api.x.com/12/accounts", "--account", "18ce54"),
        ("--format", "tap", "--account", "nonsense!"),
        (),
    ):
        done = adwarden("export", kept.id, *words, folder=tmp_path)
        assert done.returncode == 2, words
        assert "Traceback" not in done.stderr
        quiet(done, kept)
    assert adwarden("export", "@nobody", "--format", "env", folder=tmp_path).returncode == 3


def test_what_is_hardly_meant_is_done_and_remarked(tmp_path: Path, kept: Kept) -> None:
    export = ("export", kept.id, "--format")
    done = adwarden(*export, "tap", folder=tmp_path)
    assert json.loads(done.stdout)["account_ids"] == ""
    assert "--account ID" in done.stderr
    done = adwarden(*export, "curl", "--url", "https://example.com/x", folder=tmp_path)
    assert "https://example.com/x" in done.stdout
    assert "example.com is none of X’s hosts" in done.stderr
    quiet(subprocess.CompletedProcess((), 0, "", done.stderr), kept)
    for url in ("https://ads-api.twitter.com/12/accounts", "https://own.example/12/accounts"):
        done = adwarden(
            *export, "curl", "--url", url,
            folder=tmp_path, ADWARDEN_X_ADS_URL="https://own.example",
        )  # fmt: skip
        assert (done.returncode, done.stderr) == (0, "")


def test_a_terminal_is_told_what_it_shows(tmp_path: Path, kept: Kept) -> None:
    code, told = on_a_terminal(tmp_path, "", "export", kept.id, "--format", "env")
    assert code == 0
    assert kept.token in told
    assert "stand on your screen" in told
    code, told = on_a_terminal(tmp_path, "", "export", kept.id, "--format", "node")
    assert code == 0
    assert "stand on your screen" not in told
