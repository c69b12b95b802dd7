"""Long texts for a pane: nothing is lost, no line is too long, and what is found is where it is."""

from __future__ import annotations

import json

from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtGui import QTextCursor
from pytestqt.qtbot import QtBot

from adwarden.ui import request_text
from adwarden.ui.icons import Icons
from adwarden.ui.request_text import LONGEST_LINE, find_all, prepare
from adwarden.ui.request_view import LongText
from adwarden.ui.theme import Theme

SOME = st.text(alphabet="ab\nÄß😀𝒳 ", max_size=40)


def test_lines_are_broken_for_looks_only() -> None:
    text = "a\n" + "b" * (2 * LONGEST_LINE + 1) + "\n\nc"
    prepared = prepare(text)
    lines = "".join(prepared.pieces).split("\n")
    assert max(map(len, lines)) == LONGEST_LINE
    assert len(prepared.breaks) == 2
    assert prepared.text == text
    assert prepare("").pieces == ()


@given(SOME, SOME, st.integers(1, 5))
def test_what_is_found_is_where_the_pane_has_it(before: str, after: str, times: int) -> None:
    needle = "Needle"
    text = (before + "NEEDLE" * times + after) * 2 + "x" * (LONGEST_LINE + 3) + needle
    prepared = prepare(text)
    shown = "".join(prepared.pieces).encode("utf-16-le")
    hits = find_all(prepared, needle)
    assert len(hits.starts) == 2 * times + 1
    for start, end in zip(hits.starts, hits.ends, strict=True):
        found = shown[2 * start : 2 * end].decode("utf-16-le").replace("\n", "")
        assert found.lower() == "needle"


def test_there_is_an_end_to_what_is_found() -> None:
    prepared = prepare("ab" * (request_text.MOST_HITS + 1))
    hits = find_all(prepared, "a")
    assert hits.more
    assert len(hits.starts) == request_text.MOST_HITS
    assert not find_all(prepared, "").starts


def test_the_pane_has_all_of_it_and_goes_there(qtbot: QtBot, theme: Theme, icons: Icons) -> None:
    text = json.dumps({"names": ["Müller 😀", "x" * 3_000, "Needle 𝒳"]}, ensure_ascii=False)
    prepared = prepare(text)
    view = LongText("Answer", icons)
    qtbot.addWidget(view)
    view.show()
    with qtbot.waitSignal(view.whole):
        view.show_text(prepared)
    assert view.toPlainText() == "".join(prepared.pieces)
    hits = find_all(prepared, "needle 𝒳")
    view.mark(hits)
    view.go_to(0)
    cursor = QTextCursor(view.document())
    cursor.setPosition(hits.starts[0])
    cursor.setPosition(hits.ends[0], QTextCursor.MoveMode.KeepAnchor)
    assert cursor.selectedText() == "Needle 𝒳"
    (mark,) = view.extraSelections()
    assert mark.cursor.selectedText() == "Needle 𝒳"
