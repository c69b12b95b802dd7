"""Killed in the middle of writing, and two programs that write at once: nothing is ever lost."""

from __future__ import annotations

import os
import random
import select
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.storage.keepass_parts import (
    PASSWORD,
    content_of,
    entry_titled,
    name_of,
    new_place,
    place_of,
    second,
    text_of,
    write_content,
)

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="needs fork and signals")

ROUNDS = 40


class Writers:
    """Processes that write the file, made by one that has everything loaded."""

    def __init__(self, file: Path, locks: Path) -> None:
        root = Path(__file__).parents[2]
        self._parent = subprocess.Popen(
            [sys.executable, "-m", "tests.storage.keepass_writer", str(file), str(locks)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            cwd=root,
            env=os.environ | {"PYTHONPATH": f"{root / 'desktop'}{os.pathsep}{root}"},
            bufsize=0,
        )

    def start(self, first: int, count: int) -> None:
        assert self._parent.stdin is not None
        self._parent.stdin.write(b"%d %d\n" % (first, count))

    def number(self) -> int:
        """Return the next number that any of them prints."""
        assert self._parent.stdout is not None
        return int(self._parent.stdout.readline())

    def rest(self) -> list[int]:
        """Return what is printed already."""
        assert self._parent.stdout is not None
        found = []
        while select.select([self._parent.stdout], [], [], 0)[0]:
            found.append(self.number())
        return found

    def close(self) -> None:
        assert self._parent.stdin is not None
        assert self._parent.stdout is not None
        self._parent.stdin.close()
        self._parent.wait()
        self._parent.stdout.close()


@pytest.fixture
def writers(tmp_path: Path) -> Iterator[Writers]:
    """Return writers of ``team.kdbx``."""
    (tmp_path / "locks").mkdir()
    made = Writers(tmp_path / "team.kdbx", tmp_path / "locks")
    yield made
    made.close()


def test_a_kill_at_any_moment_leaves_a_whole_file(tmp_path: Path, writers: Writers) -> None:
    place = new_place(tmp_path)
    place.put_texts({name_of(number): text_of(f"{number}-a") for number in range(20)})
    confirmed = set(range(20))
    luck = random.Random(4)
    for round_ in range(ROUNDS):
        first = 1000 * (round_ + 1)
        writers.start(first, 500)
        pid = writers.number()
        for _ in range(luck.randrange(4)):
            confirmed.add(writers.number())
        if round_ % 2:
            # Into the middle of whatever it does then; a write takes some ten milliseconds.
            threading.Event().wait(luck.random() * 0.03)
        else:
            wait_for_a_new(tmp_path)
        os.kill(pid, signal.SIGKILL)
        fresh = place_of(tmp_path)
        fresh.open(PASSWORD)
        confirmed |= set(writers.rest())
        known = set(fresh.names())
        assert {name_of(number) for number in confirmed} <= known, round_
        assert all(fresh.text(name) for name in known)
        assert fresh.text(name_of(3)) == text_of("3-a")
        fresh.put_texts({name_of(first + 999): text_of("after")})
        confirmed.add(first + 999)
    cut = len(list(tmp_path.glob(".adwarden-*.tmp")))
    print(
        f"{ROUNDS} kills, {cut} of them in a write; {len(confirmed)} entries confirmed, all there"
    )


def test_a_kill_while_one_entry_follows_another_loses_nothing_of_it(
    tmp_path: Path, writers: Writers
) -> None:
    place = new_place(tmp_path)
    place.put_texts({name_of(0): text_of("same-a")})
    content = content_of(place.path)
    entry_titled(content, "@northwind · Agency app").find("IconID").text = "12"
    write_content(place.path, content)
    luck, last, both = random.Random(5), 0, 0
    for round_ in range(ROUNDS // 2):
        writers.start(last + 1, -500)
        pid = writers.number()
        for _ in range(luck.randrange(3)):
            last = writers.number()
        wait_for_a_new(tmp_path)
        if round_ % 2:
            threading.Event().wait(luck.random() * 0.03)
        os.kill(pid, signal.SIGKILL)
        last = max([last, *writers.rest()])
        fresh = place_of(tmp_path)
        fresh.open(PASSWORD)
        # The last that was confirmed, the next, or both.
        numbers = sorted(int(name.service[-8:], 16) for name in fresh.names())
        assert numbers in ([last], [last, last + 1], [last + 1]), (round_, last, numbers)
        both += len(numbers) - 1
        for number in numbers:
            assert fresh.text(name_of(number)) == text_of("same-a")
        found = content_of(place.path).tree.getroot().findall("Root//Group/Entry")
        assert [one.findtext("IconID") for one in found] == ["12"] * len(numbers)
        # As recovery does, with whichever of the two the index names.
        fresh.delete([name_of(number) for number in numbers[:-1]])
        last = numbers[-1]
    print(f"{ROUNDS // 2} kills, {both} with both entries there; {last} successions, nothing lost")


def wait_for_a_new(folder: Path) -> None:
    """Return as soon as somebody has begun to write, or after a while."""
    before, until = set(folder.glob(".adwarden-*")), time.monotonic() + 0.5
    while set(folder.glob(".adwarden-*")) <= before and time.monotonic() < until:
        pass


def test_two_that_write_at_once_lose_nothing(tmp_path: Path, writers: Writers) -> None:
    place = new_place(tmp_path)
    writers.start(1000, 15)
    writers.start(2000, 15)
    for number in range(15):
        place.put_texts({name_of(3000 + number): text_of(f"{number}-c")})
    told = [writers.number() for _ in range(32)]
    assert len(told) == 32
    expected = {name_of(start + n) for start in (1000, 2000, 3000) for n in range(15)}
    assert set(place.names()) == expected
    assert set(second(place).names()) == expected
