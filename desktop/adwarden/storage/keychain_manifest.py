"""A list of our entries inside the keychain itself, as keychains cannot be asked for one.

It makes entries findable on every system when the index is lost; it holds names, no secrets.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager, nullcontext
from typing import Any

from adwarden.storage.keychain_codec import (
    LIMIT,
    SEPARATOR,
    VERSION,
    from_json,
    is_name,
    text_length,
    to_json,
)
from adwarden.storage.keychain_status import EntryName

KIND = "manifest"
USERNAME = "index"
_GAP = 3
_LAST_PAGE = 999


def page_name(namespace: str, number: int) -> EntryName:
    """Return the name of one page of the manifest, from 1: ``Adwarden · index · 1``."""
    return EntryName(SEPARATOR.join((namespace, USERNAME, str(number))), USERNAME)


def is_page(namespace: str, name: EntryName) -> bool:
    """Tell whether a name is that of a page; short ids of entries are longer than numbers."""
    head, _, number = name.service.rpartition(SEPARATOR)
    is_head = head == SEPARATOR.join((namespace, USERNAME)) and name.username == USERNAME
    return is_head and number.isdigit() and len(number) <= len(str(_LAST_PAGE))


def write_page(names: Iterable[EntryName]) -> str:
    """Return a page's text: user names by the part of the service before the short id."""
    entries: dict[str, list[list[str]]] = {}
    for service, username in names:
        head, _, short_id = service.rpartition(SEPARATOR)
        entries.setdefault(head, []).append([short_id if head else service, username])
    return to_json({"v": VERSION, "kind": KIND, "entries": entries})


def read_page(text: str) -> tuple[EntryName, ...] | None:
    """Return the names on a page, or ``None`` when the text is not a page of ours."""
    document = from_json(text)
    entries: Any = document.get("entries") if document and document.get("kind") == KIND else None
    if not isinstance(entries, dict):
        return None
    names = []
    for head, lines in entries.items():
        for line in lines if isinstance(lines, list) else ():
            if not (isinstance(line, list) and len(line) == 2):
                continue
            tail, username = line
            service = f"{head}{SEPARATOR}{tail}" if head else tail
            if all(isinstance(text, str) and is_name(text) for text in (service, username)):
                names.append(EntryName(service, username))
    return tuple(names)


class Manifest:
    """The pages in the keychain, and the names last seen on them.

    A page is read again before it is written, and ``alone`` keeps other processes off in between,
    so that a second one loses nothing. A page that cannot be read is left alone. Where an entry
    can be ``torn`` while it is replaced, what a page is to hold is written to a free page first.
    The calls let out what ``read``, ``write`` and ``erase`` raise.
    """

    def __init__(
        self,
        namespace: str,
        read: Callable[[EntryName], str | None],
        write: Callable[[EntryName, str], None],
        erase: Callable[[EntryName], None],
        *,
        torn: bool = False,
        alone: Callable[[], AbstractContextManager[None]] = nullcontext,
    ) -> None:
        self._namespace = namespace
        self._read = read
        self._write = write
        self._erase = erase
        self._torn = torn
        self._alone = alone
        self._pages: dict[int, tuple[EntryName, ...] | None] | None = None

    def names(self) -> tuple[EntryName, ...]:
        """Read all pages and return the names on them, each once."""
        pages: dict[int, tuple[EntryName, ...] | None] = {}
        number = gap = 0
        # A page that somebody removed must not hide those behind it.
        while gap < _GAP and number < _LAST_PAGE:
            number += 1
            text = self._read(page_name(self._namespace, number))
            gap = gap + 1 if text is None else 0
            if text is not None:
                pages[number] = read_page(text)
        self._pages = pages
        return tuple(dict.fromkeys(name for page in pages.values() for name in page or ()))

    def add(self, name: EntryName, beside: Iterable[EntryName] = ()) -> None:
        """Make sure that ``name`` is listed; writes nothing when it already was.

        The first time the pages have to be read anyway, and then ``beside`` is looked for, too.
        """
        with self._alone():
            if self._pages is None:
                self._restore((*beside, name))
            elif not any(name in page for page in self._pages.values() if page):
                self._restore((name,), self._pages)

    def restore(self, names: Iterable[EntryName]) -> None:
        """List whatever of ``names`` is not: somebody may have removed a page, or all of them."""
        with self._alone():
            self._restore(names)

    def remove(self, name: EntryName) -> None:
        """Take ``name`` off the list; fine when it is not there."""
        with self._alone():
            pages = self._pages
            if pages is None or not any(page and name in page for page in pages.values()):
                pages = self._loaded()  # another process may have listed it
            for number in [n for n, page in pages.items() if page and name in page]:
                fresh = self._refresh(pages, number)
                if fresh is None or name not in fresh:
                    continue
                rest = tuple(other for other in fresh if other != name)
                if rest or number != max(pages):
                    self._save(pages, number, rest)
                else:
                    self._erase(page_name(self._namespace, number))
                    del pages[number]

    def _restore(
        self,
        names: Iterable[EntryName],
        pages: dict[int, tuple[EntryName, ...] | None] | None = None,
    ) -> None:
        """Add names, each page written once; ``pages`` as they are known, else they are read."""
        pages = self._loaded() if pages is None else pages
        listed = {name for page in pages.values() for name in page or ()}
        left = [name for name in dict.fromkeys(names) if name not in listed]
        number = 0
        while left and number < _LAST_PAGE:
            number += 1
            if not _fits(pages.get(number, ()), left[0]):
                continue
            page = self._refresh(pages, number)
            left = [name for name in left if name not in (page or ())]
            fits = 0
            while fits < len(left) and _fits(page, left[fits]):
                page = (*(page or ()), left[fits])
                fits += 1
            if page is not None and fits:
                self._save(pages, number, page)
                del left[:fits]

    def _loaded(self) -> dict[int, tuple[EntryName, ...] | None]:
        self.names()
        assert self._pages is not None
        return self._pages

    def _refresh(
        self, pages: dict[int, tuple[EntryName, ...] | None], number: int
    ) -> tuple[EntryName, ...] | None:
        text = self._read(page_name(self._namespace, number))
        fresh = () if text is None else read_page(text)
        pages[number] = fresh
        return fresh

    def _save(
        self,
        pages: dict[int, tuple[EntryName, ...] | None],
        number: int,
        names: tuple[EntryName, ...],
    ) -> None:
        text = write_page(names)
        spare = self._spare(pages) if self._torn and pages.get(number) else 0
        if spare:
            # A name that stands on two pages is listed once, and is taken off both.
            self._write(page_name(self._namespace, spare), text)
        self._write(page_name(self._namespace, number), text)
        pages[number] = names
        if spare:
            self._erase(page_name(self._namespace, spare))

    def _spare(self, pages: dict[int, tuple[EntryName, ...] | None]) -> int:
        """Return the number of a page that is not there; also none of another program's."""
        number = max(pages, default=0) + 1
        while self._read(page_name(self._namespace, number)) is not None:
            number += 1
        return number if number <= _LAST_PAGE else 0


def _fits(page: tuple[EntryName, ...] | None, name: EntryName) -> bool:
    return page is not None and text_length(write_page((*page, name))) <= LIMIT
