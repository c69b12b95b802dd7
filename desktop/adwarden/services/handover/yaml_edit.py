"""Sets values in YAML that others wrote, and leaves every other character where it is.

Comments, order, quotes, blank lines and line ends stay, as only the places that change are
written. The result is read again and compared before anybody gets it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from adwarden.domain.data import dataclass
from adwarden.domain.errors import InputError
from adwarden.services.handover import yaml_text
from adwarden.services.handover.yaml_text import BOM, Data, Kind, Node

Wanted = str | list[str] | Mapping[str, "Wanted"]
"""What is to stand somewhere: mappings are merged into what is there, all else replaces it."""

_PLAIN = re.compile(r"[A-Za-z][A-Za-z0-9_]*")
_WORDS = frozenset({"y", "n", "yes", "no", "on", "off", "true", "false", "null", "nan", "inf"})
_NUMERIC = re.compile(r"[-+]?\.?[0-9][-+0-9a-fA-F_,.:xXoOtTzZ ]*|\.(?:inf|nan)", re.IGNORECASE)
_COMMENT = re.compile(r"([ \t]*)#[^\n]*(?:\n|\Z)")
_SHORT = {'"': '\\"', "\\": "\\\\"}
_NOT_CHANGED = "This file cannot be added to"


def edit(text: str, wanted: Mapping[str, Wanted], *, indent: int = 2) -> str:
    """Return the text with ``wanted`` in it; the same text where it says all of that already.

    ``indent`` is how many blanks a level has where the text does not show it. Names and values
    on the way that other programs would take for numbers or truths are put in quotes. Raises
    ``InputError`` without any piece of the text, also where something of another kind stands in
    the way.
    """
    mark = BOM if text.startswith(BOM) else ""
    body = text.removeprefix(mark)
    root = yaml_text.compose(body)
    before = None if root is None else yaml_text.data_of(root)
    expected = _merged(before, wanted)
    newline = "\r\n" if "\r\n" in body else "\n"
    editing = _Editing(body, newline, _step(root, indent))
    changed = editing.result(root, wanted)
    if changed == body:
        return text
    try:
        same = yaml_text.load(changed) == expected
    except InputError:
        same = False
    if not same:
        raise InputError(
            _NOT_CHANGED,
            "It is written in a way that Adwarden cannot add to without changing the rest.",
            "Write a new file, and bring the two together in an editor.",
        )
    return mark + changed


def quoted(text: str, style: str = "") -> str:
    """Return a text as YAML 1.1 and 1.2 both read it: as this text, and never as a number.

    ``style`` is the quote it should have, as long as that can hold it.
    """
    if not text.isprintable() or style == '"':
        return '"' + "".join(_escaped(one) for one in text) + '"'
    if not style and _PLAIN.fullmatch(text) and text.lower() not in _WORDS:
        return text
    return "'" + text.replace("'", "''") + "'"


def _escaped(one: str) -> str:
    if one in _SHORT:
        return _SHORT[one]
    if one.isprintable():
        return one
    code = ord(one)
    return f"\\x{code:02x}" if code < 256 else f"\\U{code:08x}"


def _mistakable(node: Node) -> bool:
    """Tell whether another program would take a plain text for a number, a truth or nothing."""
    if node.kind is not Kind.TEXT or node.style:
        return False
    return node.text.lower() in _WORDS or _NUMERIC.fullmatch(node.text) is not None


def _merged(before: Data, wanted: Wanted) -> Data:
    if not isinstance(wanted, Mapping):
        if isinstance(before, dict) and before:
            raise _in_the_way()
        return list(wanted) if isinstance(wanted, list) else wanted
    if before is not None and not isinstance(before, dict):
        raise _in_the_way()
    merged = dict(before or {})
    for name, value in wanted.items():
        merged[name] = _merged(merged.get(name), value)
    return merged


def _in_the_way() -> InputError:
    return InputError(
        _NOT_CHANGED,
        "Where a mapping is needed it has something else, or the other way round.",
        "Look at the file in an editor. Nothing was changed.",
    )


def _step(root: Node | None, otherwise: int) -> int:
    """Return by how many blanks a level of the text is indented."""
    if root is None or root.kind is not Kind.MAP or root.flow or root.empty:
        return otherwise
    own = root.children[0].column
    for _, value in root.pairs():
        if value.kind is Kind.MAP and not value.flow and value.children[0].column > own:
            return value.children[0].column - own
    return otherwise


@dataclass(frozen=True, slots=True)
class _Splice:
    """New characters for those from ``start`` to ``end``."""

    start: int
    end: int
    text: str
    column: int = 0


class _Editing:
    """Collects what has to be written where, from the outside in, and writes it in the end."""

    def __init__(self, body: str, newline: str, step: int) -> None:
        self._body = body
        self._newline = newline
        self._step = step
        self._splices: list[_Splice] = []

    def result(self, root: Node | None, wanted: Mapping[str, Wanted]) -> str:
        if root is None or root.empty:
            return self._fresh(root, wanted)
        self._into(root, wanted)
        body = self._body
        # From the back, so that positions stay true; at one place the deepest comes first.
        ordered = sorted(self._splices, key=lambda one: (one.start, -one.column))
        for one in reversed(ordered):
            body = body[: one.start] + one.text + body[one.end :]
        return body

    def _fresh(self, root: Node | None, wanted: Mapping[str, Wanted]) -> str:
        """Return the text for one without content: with comments at most, ``---``, or ``{}``."""
        head = self._body
        if root is not None:
            head = head[: root.start].rstrip(" ") + head[root.end :].lstrip(" ")
        if head and not head.endswith("\n"):
            head += self._newline
        return head + self._block(wanted, 0)

    def _into(self, node: Node, wanted: Mapping[str, Wanted]) -> None:
        there = {key.text: (key, value) for key, value in node.pairs()}
        for name in wanted.keys() & there.keys():
            key, value = there[name]
            if _mistakable(key):
                self._splices.append(_Splice(key.start, key.end, quoted(key.text, "'")))
            self._change(value, wanted[name], node)
        missing = {name: value for name, value in wanted.items() if name not in there}
        if missing:
            self._add(node, missing)

    def _change(self, node: Node, wanted: Wanted, parent: Node) -> None:
        if isinstance(wanted, Mapping):
            if not wanted:
                if node.kind is Kind.TEXT:
                    self._replace(node, "{}")
            elif node.empty:
                self._fill(node, wanted, parent)
            else:
                self._into(node, wanted)
        elif isinstance(wanted, str):
            if node.kind is not Kind.TEXT:
                self._replace(node, quoted(wanted))
            elif yaml_text.data_of(node) != wanted or _mistakable(node):
                self._replace(node, quoted(wanted, node.style if node.style in "'\"" else ""))
        elif node.kind is Kind.LIST and len(node.children) == len(wanted):
            for child, text in zip(node.children, wanted, strict=True):
                self._change(child, text, node)
        else:
            self._replace(node, _flow(wanted))

    def _replace(self, node: Node, text: str) -> None:
        blank = " " if node.start == node.end else ""
        self._splices.append(_Splice(node.start, node.end, blank + text))

    def _fill(self, node: Node, wanted: Mapping[str, Wanted], parent: Node) -> None:
        """Put a mapping where nothing is yet."""
        if parent.flow:
            self._replace(node, _flow(wanted))
            return
        start = len(self._body[: node.start].rstrip(" "))
        rest = self._body[node.end : self._line_end(node.end)].strip()
        self._splices.append(_Splice(start if not rest else node.start, node.end, ""))
        column = parent.children[0].column + self._step
        self._insert(self._line_end(node.end), wanted, column)

    def _add(self, node: Node, missing: Mapping[str, Wanted]) -> None:
        """Put further names behind the last of a mapping, and behind what is said of it."""
        if node.flow:
            pairs = _flow(missing)[1:-1]
            self._splices.append(
                _Splice(node.children[-1].end, node.children[-1].end, f", {pairs}")
            )
            return
        column = node.children[0].column
        at = self._line_end(node.end)
        while (found := _COMMENT.match(self._body, at)) and len(found.group(1)) >= column:
            at = found.end()
        self._insert(at, missing, column)

    def _line_end(self, position: int) -> int:
        found = self._body.find("\n", position)
        return len(self._body) if found < 0 else found + 1

    def _insert(self, at: int, wanted: Mapping[str, Wanted], column: int) -> None:
        text = self._block(wanted, column)
        if at == len(self._body) and not self._body.endswith("\n"):
            text = self._newline + text.removesuffix(self._newline)
        self._splices.append(_Splice(at, at, text, column))

    def _block(self, wanted: Mapping[str, Wanted], column: int) -> str:
        lines: list[str] = []
        self._lines(wanted, column, lines)
        return "".join(line + self._newline for line in lines)

    def _lines(self, wanted: Mapping[str, Wanted], column: int, lines: list[str]) -> None:
        for name, value in wanted.items():
            head = f"{' ' * column}{quoted(name)}:"
            if isinstance(value, Mapping) and value:
                lines.append(head)
                self._lines(value, column + self._step, lines)
            elif isinstance(value, list) and value:
                # Where Ruby and PyYAML put the dashes.
                lines.append(head)
                lines.extend(f"{' ' * column}- {quoted(one)}" for one in value)
            else:
                lines.append(f"{head} {_flow(value)}")


def _flow(wanted: Wanted) -> str:
    if isinstance(wanted, str):
        return quoted(wanted)
    if isinstance(wanted, list):
        return "[" + ", ".join(quoted(one) for one in wanted) + "]"
    pairs = (f"{quoted(name)}: {_flow(value)}" for name, value in wanted.items())
    return "{" + ", ".join(pairs) + "}"
