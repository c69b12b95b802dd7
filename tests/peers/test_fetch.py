"""The programs of others come as they were locked or not at all; their want is told, not fatal."""

from __future__ import annotations

import os
import sys
import zipfile
from pathlib import Path

import pytest

from tests.peers import fetch
from tests.peers.fetch import ForeignError, MissingError, Part


@pytest.fixture(autouse=True)
def peers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "peers"
    monkeypatch.setattr(fetch, "PEERS", folder)
    return folder


def part(put: object, made_of: bytes = b"1") -> Part:
    return Part("some", "something", made_of, put)  # type: ignore[arg-type]


def writes(folder: Path) -> None:
    (folder / "program").write_text("here")


def test_it_is_fetched_once_and_left_alone_after_that(peers: Path) -> None:
    one = part(writes)
    assert fetch.fetch(one) is True
    assert (one.folder / "program").read_text() == "here"
    assert fetch.fetch(part(pytest.fail)) is False
    assert [path.name for path in peers.iterdir()] == [one.folder.name]


def test_another_version_has_another_folder_and_the_old_one_goes(
    peers: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    old, new = part(writes), part(writes, b"2")
    fetch.fetch(old)
    monkeypatch.setattr(fetch, "PARTS", (new,))
    assert fetch.main() == 0
    assert list(peers.iterdir()) == [new.folder]


def test_of_two_that_fetch_at_once_both_have_it(peers: Path) -> None:
    inner = part(writes)

    def slower(folder: Path) -> None:
        writes(folder)
        assert fetch.fetch(inner) is True

    assert fetch.fetch(part(slower)) is True
    assert [path.name for path in peers.iterdir()] == [inner.folder.name]


def test_what_cannot_be_fetched_is_told_and_leaves_nothing(
    peers: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fails(folder: Path) -> None:
        writes(folder)
        raise MissingError("no network")

    monkeypatch.setattr(fetch, "PARTS", (part(fails), part(writes, b"2")))
    assert fetch.main() == 0
    told = capsys.readouterr()
    assert "something could not be fetched, and their tests are skipped: no network" in told.err
    assert "Fetched for the tests: something" in told.out
    assert len(list(peers.iterdir())) == 1


def test_what_is_not_what_was_locked_fails(peers: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    wheel = peers.parent / "other-1-py3-none-any.whl"
    with zipfile.ZipFile(wheel, "w") as archive:
        archive.writestr("other-1.dist-info/METADATA", "Name: other\nVersion: 1\n")
    lock = peers.parent / "lock"
    lock.write_text(f"other @ {wheel.as_uri()} --hash=sha256:{'0' * 64}\n")
    one = part(fetch._packages(lock))
    with pytest.raises(ForeignError, match="DO NOT MATCH"):
        fetch.fetch(one)
    monkeypatch.setattr(fetch, "PARTS", (one,))
    assert fetch.main() == 1
    assert list(peers.iterdir()) == []


def npm(folder: Path, script: str, monkeypatch: pytest.MonkeyPatch) -> None:
    program = folder / "bin" / "npm"
    program.parent.mkdir()
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{program.parent}{os.pathsep}{os.environ['PATH']}")


@pytest.mark.skipif(sys.platform == "win32", reason="the stand-in for npm is a shell script")
def test_a_module_from_npm_is_compared_as_well(
    peers: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    npm(peers.parent, 'echo other > "$4/module.tgz"', monkeypatch)
    with pytest.raises(ForeignError, match=r"module\.tgz is not the one that was locked"):
        fetch.fetch(part(fetch._node_module))


@pytest.mark.skipif(sys.platform == "win32", reason="the stand-in for npm is a shell script")
def test_npms_own_words_say_why_nothing_came(peers: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    npm(peers.parent, "echo 'npm error network is unreachable' >&2; exit 1", monkeypatch)
    with pytest.raises(MissingError, match="network is unreachable"):
        fetch.fetch(part(fetch._node_module))
    monkeypatch.setenv("PATH", str(peers.parent / "nowhere"))
    with pytest.raises(MissingError, match="npm is not installed"):
        fetch.fetch(part(fetch._node_module))
