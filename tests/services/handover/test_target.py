from __future__ import annotations

import errno
import os
import shutil
import socket
import stat
import subprocess
from pathlib import Path
from typing import NoReturn

import pytest

from adwarden.domain.errors import AdwardenError, ErrorCode, InputError, StorageError
from adwarden.services.handover import target_tree
from adwarden.services.handover.target import check, led_to, look, read_source, remove, write
from adwarden.services.handover.target_look import BACKUP_MARK
from adwarden.services.handover.target_text import LIMIT
from adwarden.storage.report_file import ExistsError
from tests.services.handover.yaml_peers import assert_alone, assert_silent, words_of
from tests.storage.folders import read_only, small_disk

SECRET = "kQ7vR2mX9pL4tB8nZ3wC6yH1"
posix = pytest.mark.skipif(os.name == "nt", reason="rights of POSIX")


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def backups(folder: Path) -> list[Path]:
    return [one for one in folder.iterdir() if BACKUP_MARK in one.name]


def files(folder: Path) -> list[str]:
    return sorted(one.name for one in folder.iterdir())


def refused(path: Path, *, merge_of: str | None = None, replace: bool = True) -> AdwardenError:
    with pytest.raises(AdwardenError) as caught:
        write(path, "new", replace=replace, merge_of=merge_of)
    assert_silent(words_of(caught.value), [SECRET])
    return caught.value


def somebody_elses(path: Path) -> None:
    try:
        os.chown(path, 54321, -1, follow_symlinks=False)
    except PermissionError:
        pytest.skip("only root may give files away")


# --- reading -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "data",
    [
        "a: é\r\nb\n".encode(),
        b"\xef\xbb\xbf" + "a: é\r\nb\n".encode(),
        "\ufeffa: é\r\nb\n".encode("utf-16-le"),
        "\ufeffa: é\r\nb\n".encode("utf-16-be"),
    ],
)
def test_text_is_read_whatever_its_mark(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "f").write_bytes(data)
    assert read_source(tmp_path / "f") == "a: é\r\nb\n"


@pytest.mark.parametrize(
    "data",
    [b"\x00\x01\x02", SECRET.encode() + b"\xff", SECRET.encode() + b"\x00", b"\xff\xfea",
     "\ufeffx".encode("utf-32"), SECRET.encode("utf-16-le"),
     b"\x89PNG\r\n\x1a\n" + SECRET.encode()],
)  # fmt: skip
def test_what_is_no_text_is_refused_without_a_piece_of_it(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "f").write_bytes(data)
    with pytest.raises(InputError) as caught:
        read_source(tmp_path / "f")
    assert_alone(caught.value)
    assert_silent(words_of(caught.value), [SECRET])


def test_a_large_file_is_refused_before_it_is_read(tmp_path: Path) -> None:
    path = tmp_path / "f"
    path.write_bytes(b"a" * LIMIT)
    assert len(read_source(path)) == LIMIT
    with path.open("wb") as file:
        file.truncate(100 * 1024 * 1024)
    with pytest.raises(InputError, match="too large"):
        read_source(path)


def test_what_is_no_file_is_not_read(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no file"):
        read_source(tmp_path / "none")
    with pytest.raises(InputError, match="folder"):
        read_source(tmp_path)
    with pytest.raises(InputError):
        read_source(tmp_path / "a\0b")
    (tmp_path / "loop").symlink_to("loop")
    with pytest.raises(StorageError, match="leads back"):
        read_source(tmp_path / "loop")


@posix
def test_a_pipe_or_device_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    for path in (tmp_path / "pipe", Path("/dev/zero")):
        with pytest.raises(InputError, match="pipe"):
            read_source(path)
        assert "pipe" in refused(path).message


# --- writing -----------------------------------------------------------------------------------


def test_a_new_file_is_ours_alone(tmp_path: Path) -> None:
    path = tmp_path / "f"
    before = os.umask(0)
    try:
        done = write(path, "a\r\né", replace=False, merge_of=None)
    finally:
        os.umask(before)
    assert path.read_bytes() == "a\r\né".encode()
    assert mode(path) == 0o600
    assert (done.real, done.backup, done.changed, done.remarks) == (path, None, True, ())
    assert files(tmp_path) == ["f"]


def test_what_is_there_is_only_written_over_when_wanted(tmp_path: Path) -> None:
    path = tmp_path / "f"
    path.write_text(SECRET)
    assert isinstance(refused(path, replace=False), ExistsError)
    assert path.read_text() == SECRET
    done = write(path, "new", replace=True, merge_of=None)
    assert path.read_text() == "new"
    assert done.backup is not None
    assert done.backup.read_text() == SECRET
    assert os.name == "nt" or mode(done.backup) == 0o600
    assert not write(path, "new", replace=True, merge_of=None).changed
    assert backups(tmp_path) == [done.backup]


def test_of_nothing_there_is_no_copy(tmp_path: Path) -> None:
    path = tmp_path / "f"
    path.touch()
    assert write(path, "new", replace=True, merge_of=None).backup is None
    assert files(tmp_path) == ["f"]


def test_what_there_can_be_no_copy_of_is_not_replaced(tmp_path: Path) -> None:
    path = tmp_path / "f"
    path.write_bytes(b"a" * (LIMIT + 1))
    assert "too large" in refused(path).title
    assert path.stat().st_size == LIMIT + 1
    with pytest.raises(InputError, match="too large"):
        check(path)


@posix
def test_a_file_open_to_others_is_closed_and_that_is_told(tmp_path: Path) -> None:
    path = tmp_path / "f"
    path.write_text("old")
    path.chmod(0o644)
    assert look(path).open_to_others
    before = os.umask(0)
    try:
        done = write(path, "new", replace=True, merge_of="old")
    finally:
        os.umask(before)
    assert done.backup is not None
    assert mode(path) == mode(done.backup) == 0o600
    assert "Others could read this file before" in done.remarks[0]
    assert not look(path).open_to_others


@posix
def test_a_merge_that_changes_nothing_writes_nothing_and_still_closes(tmp_path: Path) -> None:
    path = tmp_path / "f"
    path.write_text("same")
    path.chmod(0o640)
    number = path.stat().st_ino
    done = write(path, "same", replace=False, merge_of="same")
    assert not done.changed
    assert len(done.remarks) == 2
    assert path.stat().st_ino == number
    assert mode(path) == 0o600
    assert files(tmp_path) == ["f"]


def test_a_merge_keeps_a_copy_beside(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("time.strftime", lambda _: "20260102-030405")
    path = tmp_path / ".twurlrc"
    data = b"\xef\xbb\xbfold\r\n"
    path.write_bytes(data)
    done = write(path, "new\r\n", replace=False, merge_of=read_source(path))
    assert done.backup == tmp_path / ".twurlrc.adwarden-backup-20260102-030405"
    assert done.backup.read_bytes() == data
    assert path.read_bytes() == b"\xef\xbb\xbfnew\r\n"
    again = write(path, "newer", replace=False, merge_of="new\r\n")
    assert again.backup == tmp_path / ".twurlrc.adwarden-backup-20260102-030405-2"
    assert done.backup.read_bytes() == data


def test_a_merge_into_nothing_makes_the_file(tmp_path: Path) -> None:
    done = write(tmp_path / "f", "new", replace=False, merge_of="")
    assert (done.backup, read_source(tmp_path / "f")) == (None, "new")


def test_what_changed_since_it_was_read_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "f"
    for now, then in (("changed", "old"), ("changed", ""), (None, "old")):
        if now is None:
            path.unlink()
        else:
            path.write_text(now)
        error = refused(path, merge_of=then)
        assert error.code is ErrorCode.FILE_CHANGED
        assert files(tmp_path) == ([] if now is None else ["f"])
        assert now is None or path.read_text() == now


@pytest.mark.parametrize(
    ("old", "merge_of", "replace"),
    [
        ("old", "old", False),
        ("", "", False),
        ("", None, False),
        ("old", None, True),
        ("", None, True),
    ],
)
def test_what_changes_at_the_last_moment_is_left_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, old: str, merge_of: str | None, replace: bool
) -> None:
    path = tmp_path / "f"
    if old:
        path.write_text(old)
    real_fsync = os.fsync
    calls: list[int] = []

    def fsync(descriptor: int) -> None:
        real_fsync(descriptor)
        calls.append(descriptor)
        path.write_text("theirs")

    monkeypatch.setattr(os, "fsync", fsync)
    error = refused(path, merge_of=merge_of, replace=replace)
    assert calls
    there = not replace and merge_of is None
    assert isinstance(error, ExistsError) == there
    assert there or error.code is ErrorCode.FILE_CHANGED
    assert path.read_text() == "theirs"


# --- links, owners, folders --------------------------------------------------------------------


@posix
def test_a_link_stays_and_the_file_behind_it_is_written(tmp_path: Path) -> None:
    real = tmp_path / "dotfiles" / "twurlrc"
    real.parent.mkdir()
    real.write_text("old")
    link = tmp_path / ".twurlrc"
    link.symlink_to("dotfiles/twurlrc")
    seen = look(link)
    assert (seen.is_symlink, seen.exists, seen.real, seen.size) == (True, True, real, 3)
    assert str(real) in seen.warnings[0]
    done = write(link, "new", replace=False, merge_of="old")
    assert link.is_symlink()
    assert (real.read_text(), done.real, done.backup) == ("new", real, backups(real.parent)[0])
    assert backups(tmp_path) == []


@posix
def test_a_link_into_nowhere_gets_its_file_where_the_folder_is(tmp_path: Path) -> None:
    link = tmp_path / "link"
    link.symlink_to("there")
    assert "not there yet" in look(link).warnings[0]
    assert not look(link).exists
    write(link, "new", replace=False, merge_of=None)
    assert link.is_symlink()
    assert (tmp_path / "there").read_text() == "new"

    lost = tmp_path / "lost"
    lost.symlink_to("no-folder/file")
    assert "is not there" in refused(lost).message
    assert lost.is_symlink()


@posix
def test_a_loop_of_links_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a").symlink_to("b")
    (tmp_path / "b").symlink_to("a")
    refused(tmp_path / "a")
    with pytest.raises(StorageError, match="leads back"):
        look(tmp_path / "a")


@posix
def test_a_file_of_somebody_else_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "f"
    path.write_text("old")
    somebody_elses(path)
    assert look(path).foreign_owner
    assert "belongs to somebody else" in look(path).warnings[0]
    for merge_of in (None, "old"):
        assert "another user" in refused(path, merge_of=merge_of).message
    with pytest.raises(InputError, match="another user"):
        remove(path)
    assert path.read_text() == "old"
    assert files(tmp_path) == ["f"]


@posix
def test_a_link_that_somebody_else_laid_is_not_followed(tmp_path: Path) -> None:
    link = tmp_path / "link"
    link.symlink_to("there")
    somebody_elses(link)
    refused(link)
    assert not (tmp_path / "there").exists()


def test_a_folder_is_no_file(tmp_path: Path) -> None:
    assert look(tmp_path).is_folder
    assert "folder" in refused(tmp_path).message
    with pytest.raises(InputError, match="folder"):
        remove(tmp_path)


@posix
def test_what_would_be_refused_is_told_before(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    os.mkfifo(tmp_path / "pipe")
    for place, words in (
        (tmp_path, "is a folder"),
        (tmp_path / "pipe", "pipe"),
        (Path("/dev/null"), "device"),
        (tmp_path / "none" / "f", "is not there"),
        (tmp_path / "file" / "f", "folder"),
        (tmp_path / ".xurl" / "keys.yml", "never touches"),
        (tmp_path / "a\0b", "no"),
    ):
        with pytest.raises(AdwardenError) as caught:
            check(place)
        assert words in caught.value.message
    check(tmp_path / "file")
    check(tmp_path / "new")
    check(tmp_path / "none" / "deeper" / "f", make_folder=True)
    with pytest.raises(StorageError, match="where a folder is needed"):
        check(tmp_path / "file" / "deeper" / "f", make_folder=True)
    assert files(tmp_path) == ["file", "pipe"]


@posix
def test_where_a_link_leads_is_known(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to("dotfiles")
    assert led_to(tmp_path / "link") == tmp_path / "dotfiles"
    assert led_to(tmp_path / "dotfiles") is None


@posix
def test_sockets_and_pipes_are_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    os.mkfifo(tmp_path / "pipe")
    monkeypatch.chdir(tmp_path)
    with socket.socket(socket.AF_UNIX) as one:
        one.bind("sock")
        for name in ("pipe", "sock"):
            assert look(tmp_path / name).is_other
            with pytest.raises(InputError):
                remove(tmp_path / name)


def test_a_missing_folder_is_made_only_when_wanted(tmp_path: Path) -> None:
    path = tmp_path / ".xurl" / "auth.yml"
    assert not look(path).exists
    assert "is not there" in refused(path, replace=False).message
    write(path, "new", replace=False, merge_of=None, make_folder=True)
    assert path.read_text() == "new"
    assert os.name == "nt" or mode(path.parent) == 0o700


def test_a_file_in_the_place_of_a_folder_is_told(tmp_path: Path) -> None:
    """As a ``~/.xurl`` of before xurl 1.0 is."""
    (tmp_path / ".xurl").write_text("old")
    path = tmp_path / ".xurl" / "auth.yml"
    assert not look(path).exists
    for make in (False, True):
        with pytest.raises(StorageError, match="where a folder is needed"):
            write(path, "new", replace=False, merge_of=None, make_folder=make)
    assert (tmp_path / ".xurl").read_text() == "old"


def test_the_chat_keys_of_xurl_are_never_touched(tmp_path: Path) -> None:
    path = tmp_path / ".xurl" / "keys.yml"
    path.parent.mkdir()
    path.write_text("keys")
    (tmp_path / "link").symlink_to(path)
    for place in (path, tmp_path / "link"):
        assert "never touches" in refused(place).message
        with pytest.raises(InputError):
            remove(place)
    assert path.read_text() == "keys"


def test_names_that_cannot_be_are_refused(tmp_path: Path) -> None:
    refused(tmp_path / "a\0b")
    assert "shorter" in refused(tmp_path / ("x" * 300)).remedy
    with pytest.raises(InputError):
        look(tmp_path / "a\0b")
    with pytest.raises(InputError):
        write(tmp_path / "f", "half \ud800", replace=False, merge_of=None)
    assert files(tmp_path) == []


def test_a_folder_that_cannot_be_written_leaves_the_file(tmp_path: Path) -> None:
    path = tmp_path / "f"
    path.write_text("old")
    with read_only(tmp_path):
        error = refused(path, merge_of="old")
        assert "not open to you" in error.message
        with pytest.raises(StorageError):
            remove(path)
    assert path.read_text() == "old"
    assert files(tmp_path) == ["f"]


def test_a_full_disk_leaves_the_file(tmp_path: Path) -> None:
    with small_disk(tmp_path / "disk", "64k") as disk:
        path = disk / "f"
        path.write_text("old" * 8000)  # with its copy it fits, with the new content it does not
        with pytest.raises(StorageError) as caught:
            write(path, "new" * 16000, replace=False, merge_of="old" * 8000)
        assert "full" in caught.value.message
        assert path.read_text() == "old" * 8000
        assert files(disk) == ["f"]


@pytest.mark.parametrize("when", ["backup", "file", "name"])
def test_a_disk_that_fills_up_at_any_moment_leaves_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, when: str
) -> None:
    path = tmp_path / "f"
    path.write_text("old")
    steps: list[str] = []
    real_fsync, real_replace = os.fsync, Path.replace

    def full() -> NoReturn:
        raise OSError(errno.ENOSPC, "No space left on device")

    def fsync(descriptor: int) -> None:
        steps.append("backup" if not backups(tmp_path) else "file")
        if steps[-1] == when:
            full()
        real_fsync(descriptor)

    def replace(self: Path, to: Path) -> Path:
        if when == "name" and to == path:
            full()
        return real_replace(self, to)

    monkeypatch.setattr(os, "fsync", fsync)
    monkeypatch.setattr(Path, "replace", replace)
    assert "full" in refused(path, merge_of="old").message
    assert steps
    assert path.read_text() == "old"
    assert files(tmp_path) == ["f"]


def test_a_second_name_of_the_file_is_told(tmp_path: Path) -> None:
    (tmp_path / "f").write_text("old")
    os.link(tmp_path / "f", tmp_path / "g")
    assert any("second name" in words for words in look(tmp_path / "f").warnings)


# --- git ---------------------------------------------------------------------------------------


def git(folder: Path, *arguments: str) -> None:
    program = shutil.which("git")
    if program is None:
        pytest.skip("git is not installed")
    environ = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    subprocess.run([program, *arguments], cwd=folder, check=True, capture_output=True, env=environ)


def test_outside_of_a_work_tree_there_is_nothing_to_say(tmp_path: Path) -> None:
    assert look(tmp_path / "f").warnings == ()


def test_a_file_that_git_does_not_ignore_is_told(tmp_path: Path) -> None:
    git(tmp_path, "init", "-q")
    inner = tmp_path / "a b" / "ü"
    inner.mkdir(parents=True)
    for path in (tmp_path / ".env", inner / ".env", inner / ":(weird)*.env", inner / "-z"):
        (words,) = look(path).warnings
        assert "not ignored" in words
        assert str(tmp_path) in words


def test_a_file_that_git_ignores_is_well_and_its_copy_may_not_be(tmp_path: Path) -> None:
    git(tmp_path, "init", "-q")
    (tmp_path / ".gitignore").write_text(".env\n")
    path = tmp_path / ".env"
    assert look(path).warnings == ()
    path.write_text("old")
    path.chmod(0o600)
    (words,) = look(path).warnings
    assert "copy" in words
    (tmp_path / ".gitignore").write_text(".env*\n")
    assert look(path).warnings == ()


def test_a_file_that_is_tracked_is_told_although_it_matches(tmp_path: Path) -> None:
    git(tmp_path, "init", "-q")
    path = tmp_path / ".env"
    path.write_text("old")
    path.chmod(0o600)
    git(tmp_path, "add", ".env")
    (tmp_path / ".gitignore").write_text(".env*\n")
    (words,) = look(path).warnings
    assert "git rm --cached .env" in words
    assert "not ignored" not in words
    git(tmp_path, "rm", "-q", "--cached", ".env")
    assert look(path).warnings == ()


def test_a_folder_that_is_yet_to_be_made_is_asked_about(tmp_path: Path) -> None:
    git(tmp_path, "init", "-q")
    path = tmp_path / ".xurl" / "deeper" / "auth.yml"
    (words,) = look(path).warnings
    assert "auth.yml is inside the git work tree" in words
    assert "not ignored" in words
    (tmp_path / ".gitignore").write_text(".xurl/\n")
    assert look(path).warnings == ()


def test_what_has_no_secrets_may_be_committed(tmp_path: Path) -> None:
    git(tmp_path, "init", "-q")
    assert look(tmp_path / "program.py", secrets=False).warnings == ()
    assert look(tmp_path / "program.py").warnings


def test_a_link_into_a_work_tree_is_told(tmp_path: Path) -> None:
    tree = tmp_path / "dotfiles"
    tree.mkdir()
    git(tree, "init", "-q")
    (tmp_path / ".twurlrc").symlink_to("dotfiles/twurlrc")
    assert any("not ignored" in words for words in look(tmp_path / ".twurlrc").warnings)


def test_the_variables_of_a_hook_do_not_lead_elsewhere(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    one, other = tmp_path / "one", tmp_path / "other"
    for tree in (one, other):
        tree.mkdir()
        git(tree, "init", "-q")
    (one / ".gitignore").write_text("f\n")
    monkeypatch.setenv("GIT_DIR", str(other / ".git"))
    monkeypatch.setenv("GIT_WORK_TREE", str(other))
    assert look(one / "f").warnings == ()


def test_a_work_tree_runs_no_program_of_its_own(tmp_path: Path) -> None:
    git(tmp_path, "init", "-q")
    trap = tmp_path / "trap"
    trap.write_text(f"#!/bin/sh\ntouch {tmp_path}/sprung\n")
    trap.chmod(0o700)
    git(tmp_path, "config", "core.fsmonitor", str(trap))
    assert look(tmp_path / "f").warnings
    assert not (tmp_path / "sprung").exists()


@pytest.mark.parametrize("trouble", ["missing", "broken", "slow", "not a tree"])
def test_where_git_cannot_be_asked_the_words_say_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, trouble: str
) -> None:
    (tmp_path / ".git").mkdir()  # empty: git itself takes it for none
    if trouble != "not a tree":
        program = tmp_path / "git"
        program.write_text("#!/bin/sh\nexec sleep 20\n" if trouble == "slow" else "no program")
        program.chmod(0o700)
        found = None if trouble == "missing" else str(program)
        monkeypatch.setattr(shutil, "which", lambda _: found)
        monkeypatch.setattr(target_tree, "_PATIENCE", 0.05)
    (words,) = look(tmp_path / "f").warnings
    assert "could not be asked" in words


# --- removing ----------------------------------------------------------------------------------


def test_a_source_is_removed_and_what_stays_is_told(tmp_path: Path) -> None:
    path = tmp_path / "f"
    path.write_text("old")
    (words,) = remove(path, was="old")
    assert "backups" in words
    assert files(tmp_path) == []
    with pytest.raises(InputError):
        remove(path)


def test_a_source_that_changed_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "f"
    path.write_text("new")
    with pytest.raises(StorageError) as caught:
        remove(path, was="old")
    assert caught.value.code is ErrorCode.FILE_CHANGED
    assert path.exists()


@posix
def test_a_link_goes_with_its_source(tmp_path: Path) -> None:
    (tmp_path / "f").write_text("old")
    (tmp_path / "link").symlink_to("f")
    remove(tmp_path / "link")
    assert files(tmp_path) == []


def test_what_a_crash_left_beside_a_target_goes_with_the_next_write(tmp_path: Path) -> None:
    left = tmp_path / ".adwarden-0123.tmp"
    left.write_text(SECRET)
    os.utime(left, (0, 0))
    write(tmp_path / "mine.env", "new", replace=False, merge_of=None)
    assert files(tmp_path) == ["mine.env"]
