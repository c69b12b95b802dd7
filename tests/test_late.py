"""What stands in for a module answers as the module does."""

from __future__ import annotations

import functools
import inspect
from collections.abc import AsyncIterator, Callable

import pytest

from adwarden.late import CO_COROUTINE, is_coroutine_function


class Things:
    async def method(self) -> None:
        """Do nothing."""

    def plain(self) -> None:
        """Do nothing."""

    @classmethod
    async def of_class(cls) -> None:
        """Do nothing."""

    @staticmethod
    async def of_none() -> None:
        """Do nothing."""

    async def __call__(self) -> None:
        """Do nothing."""


async def coroutine(word: str = "") -> None:
    """Do nothing."""


async def generator() -> AsyncIterator[int]:
    yield 1


def wrapped() -> None:
    """Do nothing."""


functools.update_wrapper(wrapped, coroutine)


THINGS: tuple[Callable[..., object] | object, ...] = (
    coroutine, generator, wrapped, Things, Things(), Things().method, Things().plain, Things.method,
    Things.of_class, Things.of_none, functools.partial(coroutine, word="a"),
    functools.partial(functools.partial(Things().method)), functools.partial(Things().plain), len,
    print, lambda: None, [].append, Things.__dict__["of_none"], 3, None,
)  # fmt: skip


@pytest.mark.parametrize("number", range(len(THINGS)))
def test_coroutine_functions_are_told_as_inspect_tells_them(number: int) -> None:
    thing = THINGS[number]
    assert is_coroutine_function(thing) == inspect.iscoroutinefunction(thing)


def test_the_flag_is_python_s() -> None:
    assert CO_COROUTINE == inspect.CO_COROUTINE
