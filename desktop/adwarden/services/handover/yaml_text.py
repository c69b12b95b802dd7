"""Reads the YAML in which other tools keep their credentials: as texts and where they stand.

ruamel.yaml tells the structure, and nothing is made of it but texts, lists and mappings. No
scalar is ever taken for a number, a truth or a date: ``on``, ``1e5`` and ``0x1f`` are names here.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import field
from enum import Enum, auto
from typing import TYPE_CHECKING

from adwarden.domain.data import dataclass
from adwarden.services.handover.yaml_refusals import (
    CHECK,
    malformed,
    refusal,
    too_deep,
    too_much,
)

if TYPE_CHECKING:
    from ruamel.yaml.events import (
        AliasEvent,
        CollectionEndEvent,
        CollectionStartEvent,
        ScalarEvent,
    )

LIMIT = 1024 * 1024
"""Characters of a text that is read; a thousand profiles are a third of that."""
MAX_DEPTH = 50
MAX_NODES = 100_000
"""Texts, lists and mappings of a document, each counted as often as aliases repeat it."""
MAX_ALIASES = 64
BOM = "\ufeff"

Data = str | list["Data"] | dict[str, "Data"] | None
"""What a document says; ``None`` is what YAML writes as nothing, ``~`` or ``null``."""

_NULL = frozenset({"", "~", "null", "Null", "NULL"})
_STANDARD = "tag:yaml.org,2002:"
_HARMLESS = frozenset({"!", *(_STANDARD + name for name in ("str", "int", "map", "seq"))})
_COLON = re.compile(r"[ \t]*:")
_ODD = (
    ValueError, LookupError, TypeError, AttributeError, AssertionError, ArithmeticError,
    RecursionError, NotImplementedError,
)  # fmt: skip
"""What the parser may let out on texts that nobody wrote by hand, beside errors of its own."""


class Kind(Enum):
    """What a node is."""

    TEXT = auto()
    LIST = auto()
    MAP = auto()


@dataclass(frozen=True, slots=True)
class Node:
    """A part of a document and where it stands: ``start`` to ``end``, in characters.

    ``end`` is behind the last character of content; ``line`` and ``column`` count from 0.
    ``style`` is the quote of a text, ``|`` or ``>`` for blocks of lines, empty for plain ones.
    ``children`` of a mapping are keys and values in turn. ``flow`` means in braces or brackets.
    ``size`` and ``height`` count what is below as well, aliases as what they stand for.
    """

    kind: Kind
    start: int
    end: int
    line: int
    column: int
    text: str = field(default="", repr=False)
    style: str = ""
    flow: bool = False
    children: tuple[Node, ...] = field(default=(), repr=False)
    size: int = 1
    height: int = 0

    @property
    def empty(self) -> bool:
        """Whether it says nothing: null, or a collection without content."""
        if self.kind is Kind.TEXT:
            return not self.style and self.text in _NULL
        return not self.children

    def pairs(self) -> Iterator[tuple[Node, Node]]:
        """Go through keys and values of a mapping."""
        return zip(self.children[::2], self.children[1::2], strict=True)


def load(text: str) -> Data:
    """Return what a text says; merge keys (``<<``) are resolved, an empty text is ``None``.

    Raises ``InputError``, which has a line at most and no piece of the text.
    """
    root = compose(text.removeprefix(BOM))
    return None if root is None else data_of(root)


def data_of(node: Node) -> Data:
    """Return what a node says, without where."""
    if node.kind is Kind.TEXT:
        return None if node.empty else node.text
    if node.kind is Kind.LIST:
        return [data_of(child) for child in node.children]
    found: dict[str, Data] = {}
    merged: dict[str, Data] = {}
    for key, value in node.pairs():
        if key.text == "<<" and not key.style and value.kind is not Kind.TEXT:
            sources = value.children if value.kind is Kind.LIST else (value,)
            for source in sources:
                content = data_of(source)
                if isinstance(content, dict):
                    merged = content | merged
        else:
            found[key.text] = data_of(value)
    return merged | found


def compose(text: str) -> Node | None:
    """Return the one document of a text, ``None`` where there is none.

    The text has no BOM. Refuses tags of other programs, several documents, names that stand
    twice, and what is large or deep beyond any file of credentials, itself or by its aliases.
    Raises ``InputError``.
    """
    if len(text) > LIMIT:
        raise refusal(f"It is longer than {LIMIT:,} characters.", "Is it the right file?")
    # Outside of the handler: what the parser says quotes the text, and must not hang on ours.
    failure = None
    try:
        return _Composing(text).document()
    except _ODD:
        failure = malformed(None, text)
    except _yaml_error() as error:
        failure = malformed(error, text)
    raise failure


def _yaml_error() -> type[Exception]:
    from ruamel.yaml.error import YAMLError

    return YAMLError


class _Open:
    """A list or mapping whose end has not come yet."""

    __slots__ = ("children", "event", "kind")

    def __init__(self, kind: Kind, event: CollectionStartEvent) -> None:
        self.kind = kind
        self.event = event
        self.children: list[Node] = []


class _Composing:
    """One way through the events of a text; stops at the first thing that is too much."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._open: list[_Open] = []
        self._anchors: dict[str, Node | None] = {}
        self._aliases = 0
        self._root: Node | None = None

    def document(self) -> Node | None:
        # Takes a sixth of a second, which only those wait for who read a file.
        from ruamel.yaml import YAML, events

        documents = 0
        # The Python one: the other has no positions in characters, and may not be installed.
        for count, event in enumerate(YAML(typ="safe", pure=True).parse(self._text)):
            if count > MAX_NODES:
                raise too_much()
            if isinstance(event, events.DocumentStartEvent):
                documents += 1
                if documents > 1:
                    words = "It holds several documents, one after the other."
                    raise refusal(words, "Keep one of them, without the line ---.")
            elif isinstance(event, events.AliasEvent):
                self._add(self._repeated(event))
            elif isinstance(event, events.ScalarEvent):
                self._check(event)
                self._finish(self._scalar(event), event.anchor)
            elif isinstance(event, events.CollectionStartEvent):
                self._check(event)
                self._begin(event, isinstance(event, events.MappingStartEvent))
            elif isinstance(event, events.CollectionEndEvent):
                self._close(event)
        return self._root

    def _check(self, event: ScalarEvent | CollectionStartEvent) -> None:
        if event.tag is not None and event.tag not in _HARMLESS:
            words = f"Line {event.start_mark.line + 1} has a tag that makes an object of it."
            raise refusal(words, "Adwarden makes no objects. Remove the tag if you trust it.")

    def _begin(self, event: CollectionStartEvent, mapping: bool) -> None:
        if event.anchor:
            self._anchors[event.anchor] = None
        self._open.append(_Open(Kind.MAP if mapping else Kind.LIST, event))
        if len(self._open) > MAX_DEPTH:
            raise too_deep(MAX_DEPTH)

    def _scalar(self, event: ScalarEvent) -> Node:
        start, end = event.start_mark.index, event.end_mark.index
        style = event.style or ""
        frame = self._open[-1] if self._open else None
        if start == end and frame is not None and frame.kind is Kind.MAP and frame.children:
            # Nothing stands where the next thing begins; it belongs behind the colon.
            colon = _COLON.match(self._text, frame.children[-1].end)
            start = end = colon.end() if colon else frame.children[-1].end
        if style in ("|", ">"):
            end = start + len(self._text[start:end].rstrip())
        at = event.start_mark
        return Node(Kind.TEXT, start, end, at.line, at.column, event.value, style)

    def _repeated(self, event: AliasEvent) -> Node:
        self._aliases += 1
        node = self._anchors.get(event.anchor)
        if self._aliases > MAX_ALIASES:
            raise too_much()
        if node is None:
            words = f"Line {event.start_mark.line + 1} refers to what is not there, or to itself."
            raise refusal(words, CHECK)
        at, end = event.start_mark, event.end_mark
        return Node(
            node.kind, at.index, end.index, at.line, at.column, node.text, node.style, node.flow,
            node.children, node.size, node.height,
        )  # fmt: skip

    def _close(self, event: CollectionEndEvent) -> None:
        frame = self._open.pop()
        at = frame.event.start_mark
        flow = bool(frame.event.flow_style)
        end = event.end_mark.index
        if not flow and frame.children:
            # The end of a block is told only where the next thing begins, behind comments.
            end = frame.children[-1].end
        children = tuple(frame.children)
        if frame.kind is Kind.MAP:
            _refuse_twice(children[::2])
        size = 1 + sum(child.size for child in children)
        height = 1 + max((child.height for child in children), default=0)
        node = Node(
            frame.kind, at.index, end, at.line, at.column, "", "", flow, children, size, height
        )
        self._finish(node, frame.event.anchor)

    def _finish(self, node: Node, anchor: str | None) -> None:
        if anchor:
            self._anchors[anchor] = node
        self._add(node)

    def _add(self, node: Node) -> None:
        if node.size > MAX_NODES:
            raise too_much()
        if node.height + len(self._open) > MAX_DEPTH:
            raise too_deep(MAX_DEPTH)
        if self._open:
            self._open[-1].children.append(node)
        else:
            self._root = node


def _refuse_twice(keys: tuple[Node, ...]) -> None:
    seen: dict[str, int] = {}
    for key in keys:
        if key.kind is not Kind.TEXT:
            words = f"In line {key.line + 1} a list or a mapping stands where a name is needed."
            raise refusal(words, CHECK)
        if key.text in seen:
            words = (
                f"The same name stands twice, in lines {seen[key.text] + 1} and {key.line + 1}, "
                "and only one of the two can count."
            )
            raise refusal(words, "Remove the one that is no longer good, or rename it.")
        seen[key.text] = key.line
