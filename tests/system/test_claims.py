from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import IO

import pytest

from adwarden.system import claims as module
from adwarden.system.claims import Claims

HOLDER = """
import sys, time
from pathlib import Path
from adwarden.system.claims import Claims
claims = Claims(Path(sys.argv[1]), time.time())
for line in sys.stdin:
    do, name = line.split()
    print(getattr(claims, do)(name), flush=True)
"""


class Other:
    """Another process with claims of its own."""

    def __init__(self, folder: Path) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-c", HOLDER, str(folder)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        )

    def ask(self, do: str, name: str = "c1") -> str:
        stdin, stdout = self._pipe(self.process.stdin), self._pipe(self.process.stdout)
        stdin.write(f"{do} {name}\n")
        stdin.flush()
        return stdout.readline().strip()

    @staticmethod
    def _pipe(pipe: IO[str] | None) -> IO[str]:
        assert pipe is not None
        return pipe


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "locks"


@pytest.fixture
def other(folder: Path) -> Iterator[Other]:
    made = Other(folder)
    yield made
    made.process.kill()
    made.process.communicate()


def test_one_process_at_a_time(folder: Path, other: Other) -> None:
    claims = Claims(folder, time.time())
    assert other.ask("take") == "True"
    assert not claims.take("c1")
    assert claims.holder("c1") == other.process.pid
    assert claims.take("c2")
    other.ask("give_back")
    assert claims.take("c1")
    assert claims.take("c1"), "what is ours stays ours"
    assert other.ask("take") == "False"
    assert other.ask("holder") == str(os.getpid())
    claims.give_back("c1")
    claims.give_back("c1")
    assert other.ask("take") == "True"


def test_a_kill_frees_what_was_held(folder: Path, other: Other) -> None:
    claims = Claims(folder, time.time())
    assert other.ask("take") == "True"
    other.process.kill()
    other.process.wait(10)
    assert claims.take("c1")
    assert claims.followed("c1")


def test_it_tells_whether_another_was_there_since(folder: Path, other: Other) -> None:
    claims = Claims(folder, time.time())
    assert claims.take("c1")
    assert not claims.followed("c1"), "nobody has ever been there"
    claims.give_back("c1")
    assert claims.take("c1")
    assert not claims.followed("c1"), "only this process was"
    claims.give_back("c1")
    other.ask("take")
    other.ask("give_back")
    assert claims.take("c1")
    assert claims.followed("c1")
    claims.give_back("c1")
    other.ask("take")
    other.ask("give_back")
    later = Claims(folder, time.time() + 60)
    assert later.take("c1")
    assert not later.followed("c1"), "that was before"


def test_any_name_is_a_file_in_the_folder_that_only_its_user_can_read(folder: Path) -> None:
    claims = Claims(folder, time.time())
    for name in ("../../out", "", "ü" * 500, "a/b", "\ud800"):
        assert claims.take(name)
    files = list(folder.parent.rglob("*.lock"))
    assert len(files) == 5
    assert {one.parent for one in files} == {folder}
    if os.name != "nt":
        assert {one.stat().st_mode & 0o777 for one in files} == {0o600}
        assert folder.stat().st_mode & 0o777 == 0o700


@pytest.mark.parametrize("note", [b"", b"\0", b"\0abc\n", b"\0" + b"9" * 60, b"\0\xff\n"])
def test_a_note_that_is_none_names_nobody(folder: Path, note: bytes) -> None:
    claims = Claims(folder, time.time())
    assert claims.holder("c1") == 0
    assert claims.take("c1")
    claims.give_back("c1")
    next(folder.iterdir()).write_bytes(note)
    assert claims.holder("c1") == 0
    assert claims.take("c1")
    assert claims.holder("c1") == os.getpid()


def test_where_nothing_can_be_locked_nobody_is_kept_off(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    in_the_way = tmp_path / "file"
    in_the_way.write_text("")
    assert Claims(in_the_way, time.time()).take("c1")

    def refuses(_: int) -> bool:
        raise OSError("no locks available")

    monkeypatch.setattr(module, "lock_file", refuses)
    assert Claims(tmp_path / "locks", time.time()).take("c1")
