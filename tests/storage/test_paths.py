from __future__ import annotations

import os
import stat
import sys
import time
from pathlib import Path

import pytest

from adwarden.domain.errors import InputError, StorageError
from adwarden.storage.paths import DataFolder, atomic_write, drop_abandoned, move_aside
from tests.storage.folders import read_only, small_disk


def names(folder: Path) -> list[str]:
    return [path.name for path in folder.iterdir()]


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_the_command_line_wins_over_the_environment(tmp_path: Path) -> None:
    environ = {"ADWARDEN_DATA_DIR": str(tmp_path / "env")}
    assert DataFolder.locate(environ).root == tmp_path / "env"
    assert DataFolder.locate(environ, str(tmp_path / "cli")).root == tmp_path / "cli"


def test_practice_has_a_folder_of_its_own(tmp_path: Path) -> None:
    environ = {"ADWARDEN_DATA_DIR": str(tmp_path)}
    assert DataFolder.locate(environ, practice=True).root == tmp_path / "practice"


def test_without_a_wish_the_system_decides() -> None:
    root = DataFolder.locate({"ADWARDEN_DATA_DIR": "  "}).root
    assert root.is_absolute()
    assert "adwarden" in root.name.lower()


def test_a_relative_folder_becomes_absolute(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert DataFolder.locate({}, "here").root == tmp_path / "here"


@pytest.mark.parametrize("name", ["", "  ", "a\0b", "~nobody-of-that-name/x"])
def test_a_name_that_cannot_be_is_refused(name: str) -> None:
    with pytest.raises(InputError):
        DataFolder.locate({}, name)


def test_new_folders_and_files_are_private(tmp_path: Path) -> None:
    folder = DataFolder(tmp_path / "a" / "b")
    folder.prepare()
    atomic_write(folder.settings, b"x")
    assert mode(tmp_path / "a") == mode(folder.root) == 0o700
    assert mode(folder.settings) == 0o600


def test_our_own_folder_is_tightened_and_a_shared_one_is_left(tmp_path: Path) -> None:
    ours = DataFolder(tmp_path / "ours")
    ours.prepare()
    atomic_write(ours.settings, b"")
    ours.root.chmod(0o755)
    ours.prepare()
    assert mode(ours.root) == 0o700

    shared = DataFolder(tmp_path / "shared")
    shared.root.mkdir()
    (shared.root / "somebody's").touch()
    shared.root.chmod(0o755)
    shared.prepare()
    assert mode(shared.root) == 0o755


def test_names_in_any_script_and_very_long_paths_work(tmp_path: Path) -> None:
    root = tmp_path
    while len(os.fsencode(root)) < 1500:
        root = root / ("数据-données-🗝" * 6)
    folder = DataFolder(root)
    folder.prepare()
    atomic_write(folder.settings, b"kept")
    assert folder.settings.read_bytes() == b"kept"
    aside = move_aside(folder.settings)
    assert aside.read_bytes() == b"kept"


def test_the_longest_name_can_be_written(tmp_path: Path) -> None:
    path = tmp_path / ("n" * 255)
    atomic_write(path, b"1")
    atomic_write(path, b"2")
    assert path.read_bytes() == b"2"
    assert names(tmp_path) == [path.name]


def test_a_path_beyond_the_systems_limit_is_an_error_in_words(tmp_path: Path) -> None:
    with pytest.raises(StorageError) as caught:
        DataFolder(tmp_path / ("n" * 300)).prepare()
    assert "longer" in caught.value.message
    assert caught.value.remedy


def test_a_file_in_the_place_of_the_folder(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    for root in (tmp_path / "file", tmp_path / "file" / "below"):
        with pytest.raises(StorageError) as caught:
            DataFolder(root).prepare()
        assert "file" in caught.value.message


def test_only_old_temporary_files_of_ours_are_removed(tmp_path: Path) -> None:
    old, young = tmp_path / ".adwarden-1.tmp", tmp_path / ".adwarden-2.tmp"
    for path in (old, young):
        path.touch()
    os.utime(old, (time.time() - 7200,) * 2)
    DataFolder(tmp_path).prepare()
    assert names(tmp_path) == [young.name]


@pytest.mark.skipif(sys.platform == "win32", reason="folders have no modes")
def test_a_read_only_folder_is_said_and_keeps_the_old_file(tmp_path: Path) -> None:
    folder = DataFolder(tmp_path / "data")
    folder.prepare()
    atomic_write(folder.settings, b"old")
    with read_only(folder.root):
        for attempt in (folder.prepare, lambda: atomic_write(folder.settings, b"new")):
            with pytest.raises(StorageError) as caught:
                attempt()
            assert "not allowed" in caught.value.message
            assert "--data-dir" in caught.value.remedy
        with pytest.raises(StorageError):
            move_aside(folder.settings)
    assert folder.settings.read_bytes() == b"old"
    assert names(folder.root) == ["settings.ini"]


def test_a_full_disk_is_said_and_keeps_the_old_file(tmp_path: Path) -> None:
    with small_disk(tmp_path / "disk") as disk:
        atomic_write(disk / "settings.ini", b"old")
        with pytest.raises(StorageError) as caught:
            atomic_write(disk / "settings.ini", b"x" * 1_000_000)
        assert "full" in caught.value.message
        assert (disk / "settings.ini").read_bytes() == b"old"
        assert names(disk) == ["settings.ini"]


def test_files_moved_aside_never_replace_each_other(tmp_path: Path) -> None:
    moved = []
    for content in ("one", "two", "three"):
        path = tmp_path / "settings.ini"
        path.write_text(content)
        moved.append(move_aside(path, stamp="20260102-030405"))
    assert [path.name for path in moved] == [
        f"settings.ini.damaged-20260102-030405{end}" for end in ("", "-2", "-3")
    ]
    assert [path.read_text() for path in moved] == ["one", "two", "three"]


@pytest.mark.skipif(sys.platform == "win32", reason="files have no modes")
def test_a_file_keeps_the_rights_of_the_one_it_replaces(tmp_path: Path) -> None:
    path = tmp_path / "shared"
    path.touch()
    path.chmod(0o664)
    atomic_write(path, b"new", like=path.stat())
    assert path.stat().st_mode & 0o777 == 0o664
    atomic_write(path, b"ours")
    assert path.stat().st_mode & 0o777 == 0o600


def test_a_look_right_before_can_still_leave_the_old_file(tmp_path: Path) -> None:
    path = tmp_path / "shared"
    path.write_bytes(b"old")

    def changed() -> None:
        assert len(names(tmp_path)) == 2  # what is new is on the disk already
        raise LookupError

    with pytest.raises(LookupError):
        atomic_write(path, b"new", before=changed)
    assert path.read_bytes() == b"old"
    assert names(tmp_path) == ["shared"]


def test_what_a_crash_left_beside_a_file_goes_an_hour_later(tmp_path: Path) -> None:
    for name in (".adwarden-1.tmp", ".adwarden-2.tmp", "team.tmp"):
        (tmp_path / name).touch()
    for name in (".adwarden-1.tmp", "team.tmp"):
        os.utime(tmp_path / name, (time.time() - 7200,) * 2)
    drop_abandoned(tmp_path)
    assert names(tmp_path) == [".adwarden-2.tmp", "team.tmp"]
    drop_abandoned(tmp_path / "nowhere")
