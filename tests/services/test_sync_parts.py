from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adwarden.domain.errors import (
    AuthorizationError,
    ErrorCode,
    NetworkError,
    OverCapacityError,
    ServerError,
)
from adwarden.domain.model import AccountEntry, AdAccount, Page
from adwarden.services.hub import Hub
from adwarden.services.index import Index
from adwarden.services.sync_health import Health
from adwarden.services.sync_pace import FIRST_DELAY, LONGEST_DELAY, MAX_TRIES, STEP, Pace
from adwarden.services.sync_pages import MOST_EMPTY, pages
from adwarden.services.sync_rows import Rows, is_since
from adwarden.services.sync_todo import Todo, Work
from adwarden.services.sync_turns import MOST_PAUSES, Turns
from adwarden.storage.directory import Directory
from adwarden.storage.paths import DataFolder


class Book:
    """A collection of pages by cursor; remembers what was asked."""

    def __init__(self, made: dict[str, Page[str]]) -> None:
        self.made = made
        self.asked: list[str] = []

    async def read(self, cursor: str) -> Page[str]:
        self.asked.append(cursor)
        assert len(self.asked) < 200
        return self.made[cursor]


async def told(book: Book) -> tuple[list[str], bool]:
    """Return everything that came, and whether it came to an end."""
    found: list[str] = []
    try:
        async for page in pages(book.read, str):
            found.extend(page.items)
    except NetworkError:
        return found, False
    return found, True


@given(
    st.dictionaries(
        st.sampled_from("abcdef"),
        st.tuples(st.lists(st.sampled_from("xyz"), max_size=3), st.sampled_from(["", *"abcdef"])),
        min_size=6,
    ),
    st.sampled_from("abcdef"),
)
def test_any_pages_come_to_an_end_with_everything_once(
    made: dict[str, tuple[list[str], str]], first: str
) -> None:
    book = Book({c: Page(tuple(items), after) for c, (items, after) in made.items()})
    book.made[""] = book.made[first]
    found, ended = asyncio.run(told(book))
    assert len(found) == len(set(found))
    reached = [item for cursor in book.asked for item in book.made[cursor].items]
    assert set(found) == set(reached)
    assert ended == (book.made[book.asked[-1]].next_cursor == "")


def test_empty_pages_are_borne_so_often_and_no_longer() -> None:
    names = [str(number) for number in range(100)]
    endless = {a: Page[str]((), b) for a, b in zip(["", *names], names, strict=False)}
    assert asyncio.run(told(Book(endless))) == ([], False)
    few = names[: MOST_EMPTY - 1]
    short = {a: Page[str]((), b) for a, b in zip(["", *names], few, strict=False)}
    short[names[MOST_EMPTY - 2]] = Page(("last",), "")
    assert asyncio.run(told(Book(short))) == (["last"], True)


def test_waits_grow_to_a_bound_with_full_jitter() -> None:
    waits: list[float] = []
    now = 0.0

    async def wait(_: asyncio.Event, seconds: float) -> None:
        nonlocal now
        waits.append(seconds)
        now += seconds

    async def fail() -> None:
        raise ServerError(ErrorCode.SERVER, "No", "No.")

    for chance in (0.0, 0.5, 1.0):
        waits.clear()
        pace = Pace(steady=lambda: now, chance=lambda: chance, wait=wait, step=STEP)  # noqa: B023
        with pytest.raises(ServerError):
            asyncio.run(pace.read(fail))
        longest = [min(FIRST_DELAY * 2**n, LONGEST_DELAY) for n in range(MAX_TRIES - 1)]
        assert sum(waits) == pytest.approx(chance * sum(longest))


@pytest.mark.parametrize(
    "error",
    [
        OverCapacityError("Busy", "Busy.", "", resets_at=9.0),
        NetworkError(ErrorCode.TLS, "No", "No."),
        NetworkError(ErrorCode.UNEXPECTED_ANSWER, "No", "No."),
    ],
)
def test_what_does_not_pass_is_not_tried_again(error: NetworkError) -> None:
    tries = 0

    async def fail() -> None:
        nonlocal tries
        tries += 1
        raise error

    with pytest.raises(NetworkError):
        asyncio.run(Pace().read(fail))
    assert tries == 1


def test_what_lies_in_the_future_was_not_fetched_since() -> None:
    assert [is_since(at, 10.0, 20.0) for at in (None, 9.0, 10.0, 20.0, 21.0)] == [
        False, False, True, True, False,
    ]  # fmt: skip


def test_wanted_ones_come_first_and_what_was_put_off_comes_back() -> None:
    todo = Todo()
    for name in "abcde":
        todo.add(Work(name))
    todo.prefer(["d", "gone", "b"])
    assert todo.wanted()
    first = [todo.take() for _ in range(3)]
    assert [work.account_id for work in first if work] == ["d", "b", "a"]
    assert not todo.wanted()
    todo.put_off(Work("z"), 10.0)
    todo.put_off(Work("y"), 5.0)
    assert todo.resumes_at == 5.0
    rest = [todo.take() for _ in range(3)]
    assert [work and work.account_id for work in rest] == ["c", "e", None]
    assert not todo.is_ready(4.9)
    assert todo.is_ready(10.0)
    back = [todo.take() for _ in range(2)]
    assert [work and work.account_id for work in back] == ["y", "z"]


async def test_whoever_is_looked_at_gets_the_next_turn() -> None:
    turns, order = Turns(1), list[str]()

    async def go(name: str, *, wanted: bool) -> None:
        await turns.take(lambda: wanted)
        order.append(name)
        turns.give()

    await turns.take(lambda: False)
    waiting = [
        asyncio.create_task(go("first", wanted=False)),
        asyncio.create_task(go("cancelled", wanted=True)),
        asyncio.create_task(go("wanted", wanted=True)),
    ]
    await asyncio.sleep(0)
    waiting[1].cancel()
    turns.give()
    await asyncio.gather(*waiting, return_exceptions=True)
    assert order == ["wanted", "first"]
    await asyncio.wait_for(turns.take(lambda: False), 1)


async def test_a_turn_that_comes_with_the_cancellation_is_handed_on() -> None:
    turns = Turns(1)
    await turns.take(lambda: False)
    first = asyncio.create_task(turns.take(lambda: False))
    second = asyncio.create_task(turns.take(lambda: False))
    await asyncio.sleep(0)
    turns.give()
    first.cancel()
    await asyncio.wait([first, second], timeout=1)
    assert (first.cancelled(), second.done(), second.cancelled()) == (True, True, False)


def test_pauses_without_an_answer_have_an_end() -> None:
    turns = Turns(1)
    for number in range(MOST_PAUSES):
        assert turns.pause(number + 1.0, float(number), "busy")
        assert turns.pause(number + 1.0, number + 0.5, "busy")  # the same one
    assert not turns.pause(100.0, 99.0, "busy")
    turns.answered()
    assert turns.pause(200.0, 199.0, "busy")


REFUSED = AuthorizationError(ErrorCode.APP_NOT_APPROVED, "The X app is not approved", "Refused.")
NO_ACCESS = AuthorizationError(ErrorCode.NO_ACCESS, "Not allowed", "Refused.")


def test_a_doubted_refusal_counts_only_where_it_is_repeated_in_a_row() -> None:
    health = Health()
    health.listed()
    assert not health.bad(REFUSED, "a")
    assert not health.bad(REFUSED, "a")
    assert not health.bad(REFUSED, "b")
    # X would not tell an app that is not approved what its user may do.
    assert not health.bad(NO_ACCESS, "c")
    assert not health.bad(REFUSED, "d")
    health.good()
    assert not health.bad(REFUSED, "e")
    assert not health.bad(REFUSED, "f")
    assert health.bad(REFUSED, "g")


def test_a_doubted_refusal_is_believed_where_x_has_served_nothing_at_all() -> None:
    resumed = Health()
    assert not resumed.bad(REFUSED, "a")
    assert resumed.unreached is REFUSED
    listed = Health()
    listed.listed()
    assert not listed.bad(REFUSED, "a")
    assert listed.unreached is None


async def test_rows_have_no_total_while_only_the_list_can_tell_more(tmp_path: Path) -> None:
    index = Index(lambda distrust: Directory.open(DataFolder(tmp_path), distrust=distrust))
    known = {one: AccountEntry(AdAccount(one, one)) for one in "abc"}
    rows = Rows("c1", known, index, Hub())
    rows.begun, rows.done = 2, 2
    assert rows.total == 3
    rows.done = 3
    assert rows.total == 0
    rows.listed = True
    assert rows.total == 2
    index.close()
