from __future__ import annotations

import asyncio
from typing import Any

import pytest

from adwarden.services.events import AppRemoved, Event
from adwarden.services.hub import Hub

EVENTS = [AppRemoved(str(number)) for number in range(5)]


async def heard(hub: Hub, events: list[Event], count: int) -> None:
    """Wait until this many have been heard by whoever subscribed before."""
    news = asyncio.Event()
    leave = hub.subscribe(lambda _: news.set())
    async with asyncio.timeout(5):
        while len(events) < count:
            await news.wait()
            news.clear()
    leave()


async def test_events_come_in_order_and_not_within_the_work_that_was_reported() -> None:
    hub, got = Hub(), list[Event]()
    hub.subscribe(got.append)
    for event in EVENTS:
        hub.emit(event)
    assert got == []
    await heard(hub, got, 5)
    assert got == EVENTS


async def test_a_burst_lets_the_loop_have_its_turn() -> None:
    hub, order = Hub(budget=0), list[object]()
    hub.subscribe(order.append)
    loop, over = asyncio.get_running_loop(), asyncio.Event()

    def knock() -> None:
        order.append("somebody else")
        loop.call_soon(knock if len(order) < 8 else over.set)

    for event in EVENTS[:3]:
        hub.emit(event)
    loop.call_soon(knock)
    await asyncio.wait_for(over.wait(), 5)
    assert order[:5] == [EVENTS[0], "somebody else", EVENTS[1], "somebody else", EVENTS[2]]


async def test_what_is_emitted_by_a_listener_comes_after_what_waits() -> None:
    hub, got = Hub(), list[Event]()

    def listen(event: Event) -> None:
        got.append(event)
        if event == EVENTS[0]:
            hub.emit(EVENTS[2])

    hub.subscribe(listen)
    hub.emit(EVENTS[0])
    hub.emit(EVENTS[1])
    await heard(hub, got, 3)
    assert got == EVENTS[:3]


async def test_a_listener_s_error_is_told_and_costs_no_other_event() -> None:
    hub, got, told = Hub(), list[Event](), list[dict[str, Any]]()
    asyncio.get_running_loop().set_exception_handler(lambda _, context: told.append(context))

    def listen(event: Event) -> None:
        if event == EVENTS[1]:
            raise LookupError("on purpose")
        got.append(event)

    hub.subscribe(listen)
    for event in EVENTS[:3]:
        hub.emit(event)
    await heard(hub, got, 2)
    assert got == [EVENTS[0], EVENTS[2]]
    assert [type(context["exception"]) for context in told] == [LookupError]


async def test_who_has_left_hears_nothing_any_more() -> None:
    hub, got, other = Hub(), list[Event](), list[Event]()
    leave = hub.subscribe(got.append)
    hub.subscribe(other.append)
    hub.emit(EVENTS[0])
    await heard(hub, other, 1)
    leave()
    hub.emit(EVENTS[1])
    await heard(hub, other, 2)
    assert got == EVENTS[:1]
    with pytest.raises(ValueError, match="not in list"):
        leave()
