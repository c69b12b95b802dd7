from __future__ import annotations

import asyncio
import threading
import time
from functools import partial

import pytest

from adwarden.domain.errors import AdwardenError, ErrorCode
from adwarden.services.tasks import Lane, Tasks


class Context:
    """What a thread has to itself."""

    def __init__(self) -> None:
        self.thread = threading.get_ident()
        self.closed = threading.Event()

    def close(self) -> None:
        self.closed.set()


async def test_every_thread_has_its_own_context_and_there_are_no_more_than_told() -> None:
    lane: Lane[Context] = Lane("test", workers=3, context=Context)
    together = threading.Barrier(3, timeout=5)

    def work(context: Context) -> Context:
        together.wait()
        assert context.thread == threading.get_ident()
        return context

    found = await asyncio.gather(*(lane.run(work) for _ in range(3)))
    assert len({id(context) for context in found}) == 3
    lane.close()
    for context in found:
        assert context.closed.wait(5)


async def test_an_expected_failure_brings_no_frames_and_no_other_error_along() -> None:
    lane: Lane[object] = Lane("test", workers=1, context=object)

    def refuse(_: object) -> None:
        in_plain_text = "a signer's key"
        try:
            raise OSError(in_plain_text)
        except OSError as error:
            raise AdwardenError(ErrorCode.NO_NETWORK, "No connection", "") from error

    with pytest.raises(AdwardenError) as caught:
        await lane.run(refuse)
    assert caught.value.__cause__ is None
    assert caught.value.__context__ is None
    assert "refuse" not in [entry.name for entry in caught.traceback]
    lane.close()


async def test_one_worker_is_first_in_first_out() -> None:
    lane: Lane[object] = Lane("test", workers=1, context=object)
    done: list[int] = []

    def note(number: int, _: object) -> None:
        done.append(number)

    await asyncio.gather(*(lane.run(partial(note, number)) for number in range(200)))
    assert done == list(range(200))
    lane.close()


async def test_what_a_job_raises_reaches_whoever_awaits_it() -> None:
    lane: Lane[object] = Lane("test", workers=1, context=object)

    def fail(_: object) -> None:
        raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        await lane.run(fail)
    assert await lane.run(lambda _: 7) == 7
    lane.close()


async def test_a_context_that_cannot_be_made_is_an_error_of_the_job() -> None:
    tries: list[int] = []

    def context() -> object:
        tries.append(1)
        if len(tries) == 1:
            raise OSError("not yet")
        return object()

    lane: Lane[object] = Lane("test", workers=1, context=context)
    with pytest.raises(OSError, match="not yet"):
        await lane.run(lambda _: None)
    assert await lane.run(lambda _: 1) == 1
    lane.close()


async def test_a_cancelled_job_that_has_not_begun_is_never_run() -> None:
    lane: Lane[object] = Lane("test", workers=1, context=object)
    gate = threading.Event()
    ran: list[str] = []
    first = asyncio.create_task(lane.run(lambda _: gate.wait(5)))
    second = asyncio.create_task(lane.run(lambda _: ran.append("second")))
    await asyncio.sleep(0)
    second.cancel()
    with pytest.raises(asyncio.CancelledError):
        await second
    gate.set()
    assert await first
    await lane.run(lambda _: ran.append("third"))
    assert ran == ["third"]
    lane.close()


async def test_a_job_that_hangs_does_not_keep_its_waiter() -> None:
    lane: Lane[object] = Lane("test", workers=1, context=object)
    gate = threading.Event()
    hanging = asyncio.create_task(lane.run(lambda _: gate.wait(10)))
    await asyncio.sleep(0)
    begun = time.monotonic()
    hanging.cancel()
    with pytest.raises(asyncio.CancelledError):
        await hanging
    lane.close()
    assert time.monotonic() - begun < 1
    gate.set()


async def test_a_closed_lane_takes_nothing() -> None:
    lane: Lane[object] = Lane("test", workers=1, context=object)
    lane.close()
    with pytest.raises(RuntimeError):
        await lane.run(lambda _: None)


def test_a_lane_can_begin_before_there_is_a_loop() -> None:
    lane: Lane[object] = Lane("test", workers=1, context=object)
    assert lane.submit(lambda _: 3).result(5) == 3
    lane.close()


async def test_what_a_task_lets_out_reaches_the_funnel_with_its_name() -> None:
    told: list[tuple[str, str]] = []
    tasks = Tasks(lambda error, name: told.append((str(error), name)))

    async def fail() -> None:
        raise ValueError("broken")

    task = tasks.spawn(object(), "a thing", fail())
    await asyncio.wait([task])
    await asyncio.sleep(0)
    assert told == [("broken", "a thing")]
    assert tasks.running() == ()


async def test_a_task_ends_with_its_owner_and_no_other_does() -> None:
    tasks = Tasks(lambda error, name: pytest.fail(f"{name}: {error}"))
    mine, other = object(), object()
    first = tasks.spawn(mine, "mine", asyncio.sleep(60))
    second = tasks.spawn(other, "other", asyncio.sleep(60))
    tasks.cancel(mine)
    await asyncio.wait([first])
    assert first.cancelled()
    assert tasks.running() == ("other",)
    await tasks.close()
    assert second.cancelled()


async def test_after_the_end_nothing_begins() -> None:
    tasks = Tasks(lambda error, name: pytest.fail(f"{name}: {error}"))
    await tasks.close()
    ran: list[int] = []

    async def work() -> None:
        ran.append(1)

    await asyncio.wait([tasks.spawn(object(), "late", work())])
    assert not ran
