"""Reads a collection page by page, guarded against lists that do not come to an end."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import TypeVar

from adwarden.domain.errors import ErrorCode, NetworkError
from adwarden.domain.model import Page

T = TypeVar("T")

MOST_EMPTY = 20
"""Pages in a row that may bring nothing new."""


async def pages(
    read: Callable[[str], Awaitable[Page[T]]], key: Callable[[T], str], *, cursor: str = ""
) -> AsyncIterator[Page[T]]:
    """Yield page after page from ``cursor`` on, everything once by its ``key``.

    A page that is empty and has a next one is no end. Raises ``NetworkError`` when the same place
    comes twice, or when page after page brings nothing new; and what ``read`` raises.
    """
    seen: set[str] = set()
    used = {cursor}
    empty = 0
    while True:
        page = await read(cursor)
        fresh = {key(item): item for item in page.items if key(item) not in seen}
        seen |= fresh.keys()
        empty = 0 if fresh else empty + 1
        cursor = page.next_cursor
        yield Page(tuple(fresh.values()), cursor, page.whole)
        if not cursor:
            return
        if cursor in used or empty >= MOST_EMPTY:
            raise NetworkError(
                ErrorCode.UNEXPECTED_ANSWER,
                "The list does not come to an end",
                "X sent the same place in the list again and again.",
                "Try again later.",
            )
        used.add(cursor)
