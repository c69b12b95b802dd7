from __future__ import annotations

import json
import shutil
from itertools import pairwise
from pathlib import Path

import pytest

from adwarden.domain.errors import ErrorCode, StorageError
from adwarden.storage import homes as module
from adwarden.storage.homes import Homes
from adwarden.storage.paths import DataFolder, mark_of


def folder_at(path: Path) -> DataFolder:
    folder = DataFolder(path)
    folder.prepare()
    return folder


def settled(path: Path) -> StorageError | None:
    return Homes(folder_at(path)).settle()


def marks(path: Path) -> frozenset[str]:
    return Homes(folder_at(path)).marks()


def test_a_folder_that_never_moved_has_the_mark_of_its_path(tmp_path: Path) -> None:
    assert marks(tmp_path / "a") == {DataFolder(tmp_path / "a").mark}
    assert settled(tmp_path / "a") is None
    assert marks(tmp_path / "a") == {mark_of((tmp_path / "a").resolve())}


def test_a_folder_that_was_moved_knows_what_is_its_own(tmp_path: Path) -> None:
    paths = [tmp_path / name for name in "abc"]
    for old, new in pairwise(paths):
        assert settled(old) is None
        old.rename(new)
    assert settled(paths[-1]) is None
    assert marks(paths[-1]) == set(map(mark_of, paths))
    assert DataFolder(paths[-1]).mark == mark_of(paths[-1])


def test_it_knows_that_before_it_has_been_noted(tmp_path: Path) -> None:
    settled(tmp_path / "a")
    (tmp_path / "a").rename(tmp_path / "b")
    assert marks(tmp_path / "b") == {mark_of(tmp_path / "a"), mark_of(tmp_path / "b")}


def test_a_copy_has_entries_of_its_own_and_says_so_once(tmp_path: Path) -> None:
    settled(tmp_path / "a")
    shutil.copytree(tmp_path / "a", tmp_path / "b")
    assert marks(tmp_path / "b") == {mark_of(tmp_path / "b")}
    told = settled(tmp_path / "b")
    assert told is not None
    assert told.code is ErrorCode.STORAGE
    assert str(tmp_path / "a") in told.message
    assert settled(tmp_path / "b") is None
    assert settled(tmp_path / "a") is None
    assert marks(tmp_path / "a") == {mark_of(tmp_path / "a")}


def test_a_copy_whose_original_is_gone_has_what_was_that_ones(tmp_path: Path) -> None:
    settled(tmp_path / "a")
    shutil.copytree(tmp_path / "a", tmp_path / "b")
    assert settled(tmp_path / "b") is not None
    assert marks(tmp_path / "b") == {mark_of(tmp_path / "b")}
    shutil.rmtree(tmp_path / "a")
    assert settled(tmp_path / "b") is None
    assert marks(tmp_path / "b") == {mark_of(tmp_path / "a"), mark_of(tmp_path / "b")}


def test_an_original_that_was_away_when_its_copy_began_is_told_of_later(tmp_path: Path) -> None:
    settled(tmp_path / "a")
    shutil.copytree(tmp_path / "a", tmp_path / "b")
    (tmp_path / "a").rename(tmp_path / "away")
    assert settled(tmp_path / "b") is None
    (tmp_path / "away").rename(tmp_path / "a")
    assert settled(tmp_path / "a") is None
    told = settled(tmp_path / "b")
    assert told is not None
    assert told.title == "This data folder is a copy"
    assert str(tmp_path / "a") in told.message
    assert settled(tmp_path / "b") is None


def test_a_new_folder_where_one_was_before_makes_no_copy_of_it(tmp_path: Path) -> None:
    settled(tmp_path / "a")
    (tmp_path / "a").rename(tmp_path / "b")
    settled(tmp_path / "a")
    told = settled(tmp_path / "b")
    assert told is not None
    assert told.title == "Another data folder has the place of this one"
    assert str(tmp_path / "a") in told.message
    assert settled(tmp_path / "b") is None
    assert settled(tmp_path / "a") is None


def test_what_an_older_version_noted_gets_an_id_and_is_told_of_as_before(tmp_path: Path) -> None:
    settled(tmp_path / "a")
    noted = tmp_path / "a" / "home.json"
    noted.write_text(json.dumps({"v": 1, "path": str(tmp_path / "a"), "before": []}))
    shutil.copytree(tmp_path / "a", tmp_path / "b")
    assert settled(tmp_path / "a") is None
    assert json.loads(noted.read_text("utf-8"))["id"]
    assert settled(tmp_path / "b") is not None
    assert settled(tmp_path / "b") is None


def test_a_path_that_this_system_cannot_have_is_no_trouble(tmp_path: Path) -> None:
    text = '{"v":1,"path":"\\ud800x","before":["/a\\u0000b","E:\\\\\\udfff"]}'
    (tmp_path / "home.json").write_text(text)
    known = {mark_of(path) for path in (tmp_path, "\ud800x", "/a\0b", "E:\\\udfff")}
    assert marks(tmp_path) == known
    assert settled(tmp_path) is None
    assert marks(tmp_path) == known


def test_a_copy_of_an_older_versions_folder_is_one_too(tmp_path: Path) -> None:
    settled(tmp_path / "a")
    shutil.copytree(tmp_path / "a", tmp_path / "b")
    (tmp_path / "a" / "home.json").unlink()
    (tmp_path / "a" / "directory.sqlite3").touch()
    assert settled(tmp_path / "b") is not None


def test_a_former_place_that_another_folder_has_is_its_own_no_more(tmp_path: Path) -> None:
    settled(tmp_path / "a")
    (tmp_path / "a").rename(tmp_path / "b")
    settled(tmp_path / "b")
    settled(tmp_path / "a")
    assert marks(tmp_path / "b") == {mark_of(tmp_path / "b")}
    shutil.rmtree(tmp_path / "a")
    assert marks(tmp_path / "b") == {mark_of(tmp_path / "a"), mark_of(tmp_path / "b")}


def test_one_folder_under_two_paths_is_no_copy(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settled(tmp_path / "a")
    (tmp_path / "b").symlink_to(tmp_path / "a")
    # As a second mount of it would have it: no path leads to the other one.
    monkeypatch.setattr(Path, "resolve", lambda self, **_: self)
    assert settled(tmp_path / "b") is None
    assert marks(tmp_path / "b") == {mark_of(tmp_path / "a"), mark_of(tmp_path / "b")}


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{}",
        "[]",
        "5",
        "\xff",
        '{"path":5,"before":[]}',
        '{"path":"/a","before":[5]}',
        '{"path":"/a","before":5}',
        '{"path":"/a","before":[],"id":5}',
    ],
)
def test_a_file_that_makes_no_sense_is_written_anew(tmp_path: Path, text: str) -> None:
    (tmp_path / "home.json").write_text(text, "latin-1")
    assert marks(tmp_path) == {mark_of(tmp_path)}
    assert settled(tmp_path) is None
    assert str(tmp_path) in (tmp_path / "home.json").read_text("utf-8")


def test_only_so_many_former_places_are_remembered(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_MOST", 2)
    for number in range(4):
        settled(tmp_path / str(number))
        (tmp_path / str(number)).rename(tmp_path / str(number + 1))
    settled(tmp_path / "4")
    assert marks(tmp_path / "4") == {mark_of(tmp_path / name) for name in "432"}


def test_a_disk_that_refuses_is_no_trouble(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise StorageError(ErrorCode.STORAGE, "t", "m", "r")

    monkeypatch.setattr(module, "atomic_write", full)
    assert settled(tmp_path) is None
    assert marks(tmp_path) == {mark_of(tmp_path)}
