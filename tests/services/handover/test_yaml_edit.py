from __future__ import annotations

import difflib
from collections.abc import Mapping

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adwarden.domain.errors import AdwardenError, InputError
from adwarden.services.handover.yaml_edit import Wanted, edit, quoted
from adwarden.services.handover.yaml_text import load
from tests.services.handover.yaml_peers import assert_alone, assert_silent, by_pyyaml, words_of


def added_and_removed(old: str, new: str) -> tuple[list[str], list[str]]:
    lines = list(difflib.ndiff(old.splitlines(keepends=True), new.splitlines(keepends=True)))
    return [one[2:] for one in lines if one[0] == "+"], [one[2:] for one in lines if one[0] == "-"]


OLD = """\
%YAML 1.1
---
# top
one:   {a: 'b', "c":   d}   # odd   blanks
two:
    deep:
        value:    "quoted"   # keep
        other: |
            lines
              stay
        # about the last
    # about two

# about three
three:
- x
-   w
empty:
"""


def test_a_new_name_stands_behind_what_is_said_of_the_last() -> None:
    new = edit(OLD, {"two": {"deep": {"r": "1"}, "m": "k"}, "four": {"five": "on"}})
    added, removed = added_and_removed(OLD, new)
    assert removed == []
    assert added == ["        r: '1'\n", "    m: k\n", "four:\n", "    five: 'on'\n"]
    assert new.index("        r: '1'") < new.index("    # about two") < new.index("    m: k")
    assert new.index("    m: k") < new.index("# about three")


def test_a_value_changes_in_its_place_and_its_quotes() -> None:
    new = edit(OLD, {"one": {"a": "it's", "c": "x"}, "two": {"deep": {"value": "y", "other": "z"}}})
    assert "one:   {a: 'it''s', \"c\":   x}   # odd   blanks\n" in new
    assert '        value:    "y"   # keep\n        other: z\n' in new
    _, removed = added_and_removed(OLD, new)
    assert len(removed) == 5


def test_lists_change_item_by_item() -> None:
    assert "three:\n- x\n-   z\nempty" in edit(OLD, {"three": ["x", "z"]})


def test_nothing_is_filled() -> None:
    assert edit(OLD, {"empty": {"a": "b"}}) == OLD + "    a: b\n"
    assert edit("a:\nb: c\n", {"a": "x"}) == "a: x\nb: c\n"
    assert edit("a:   # d\nb: c", {"a": ["x", "1"]}) == "a: [x, '1']   # d\nb: c"
    assert edit("a: {}\nb: {c: }", {"a": {"x": "w"}, "b": {"c": {"d": "e"}}}) == (
        "a:\n  x: w\nb: {c: {d: e} }"
    )


@pytest.mark.parametrize(
    "old", ["", "\n", "---\n", "--- {}\n", "{}", "{}\n", "# only words", "---", "~", "--- # new\n"]
)
def test_a_text_without_content_gets_some(old: str) -> None:
    new = edit(old, {"a": {"b": "c"}})
    assert load(new) == {"a": {"b": "c"}}
    assert new.endswith("a:\n  b: c\n")
    assert ("#" in new) == ("#" in old)


def test_the_same_twice_changes_nothing() -> None:
    wanted: Wanted = {"two": {"deep": {"value": "quoted"}}, "three": ["x", "w"], "one": {"a": "b"}}
    assert isinstance(wanted, Mapping)
    assert edit(OLD, wanted) == OLD


def test_line_ends_and_mark_stay() -> None:
    old = "\ufeff" + OLD.replace("\n", "\r\n")
    new = edit(old, {"two": {"m": "k"}, "empty": {"a": "b"}})
    assert new.startswith("\ufeff%YAML")
    assert new.count("\n") == new.count("\r\n") == old.count("\r\n") + 2
    assert new.count("\ufeff") == 1


def test_a_last_line_without_end_gets_one_only_where_more_follows() -> None:
    assert edit("a: b", {"c": "d"}) == "a: b\nc: d"
    assert edit("a: b", {"a": "c"}) == "a: c"


def test_names_and_values_that_others_take_for_numbers_get_quotes() -> None:
    old = "123:\n  on: 1e5\n  x: 7588892-kagSN\n"
    new = edit(old, {"123": {"on": "1e5", "x": "7588892-kagSN"}})
    assert new == "'123':\n  'on': '1e5'\n  x: 7588892-kagSN\n"


@pytest.mark.parametrize(
    ("old", "wanted"),
    [
        ("a: [1]", {"a": {"b": "c"}}),
        ("a: b", {"a": {"b": "c"}}),
        ("a: {b: c}", {"a": "d"}),
        ("- a", {"b": "c"}),
        ("just words", {"b": "c"}),
        ("a: &x {k: v}\nb: *x\n", {"b": {"k": "w"}}),
        ("a: &x b\nc: *x\n", {"a": "d"}),
    ],
)
def test_what_cannot_be_done_is_refused_without_a_piece_of_it(old: str, wanted: Wanted) -> None:
    assert isinstance(wanted, Mapping)
    with pytest.raises(InputError) as caught:
        edit(old, wanted)
    assert_alone(caught.value)
    assert_silent(words_of(caught.value), ["just words"])


def test_aliases_elsewhere_stay() -> None:
    old = "a: &x {k: v}\nb: *x\nc:\n  <<: *x\n"
    new = edit(old, {"c": {"o": "m"}, "b": {"k": "v"}, "w": "u"})
    assert new == old + "  o: m\nw: u\n"
    assert load(new) == {"a": {"k": "v"}, "b": {"k": "v"}, "c": {"k": "v", "o": "m"}, "w": "u"}
    assert edit("a: b\n...\n", {"c": "d"}) == "a: b\nc: d\n...\n"


names = st.text(st.characters(exclude_categories=["Cs"]), max_size=12) | st.sampled_from(
    ["on", "1e5", "0x1f", "123", "null", "~", "", "<<x", "- a", "a: b", "#", "'", '"', "\u2028",
     "\x85", "\x7f", "\ufeff", "é", "y", "1_000", "12:30", "1:1", "=", "!", "&a", "*a", "{", "\n"]
)  # fmt: skip


@settings(max_examples=200, deadline=None)
@given(st.dictionaries(names, names | st.dictionaries(names, names, max_size=3), max_size=4))
def test_whatever_is_set_is_read_again(wanted: dict[str, Wanted]) -> None:
    new = edit("# first\n", wanted)
    assert load(new) == (wanted or None)
    assert edit(new, wanted) == new


def test_other_programs_read_every_text_as_the_text_it_is() -> None:
    texts = ["on", "1e5", "0x1f", "123", "null", "~", "", "0o7", "017", "1_0", "12:30:45", "y", "N",
             "2001-01-01", "a b", "it's", 'q"', "\\", "é", "\u2028", "\x7f", ".inf", "=", "1,2",
             "-1", "+.5", "0b1", "T", "a:b", "#", "abc", "a_1", "<<"]  # fmt: skip
    text = edit("", {"values": {f"k{n}": one for n, one in enumerate(texts)}})
    text = edit(text, {"names": {one: one for one in texts}})
    assert by_pyyaml(text)["values"] == {f"k{n}": one for n, one in enumerate(texts)}
    assert by_pyyaml(text)["names"] == {one: one for one in texts}


documents = st.recursive(
    st.sampled_from(["a", "'b'", '"c"', "", "1e5", "|\n      x", "&n d"]),
    lambda inner: st.lists(inner, max_size=3).map(lambda some: "{" + ", ".join(
        f"k{n}: {one}" for n, one in enumerate(some) if "\n" not in one) + "}"),
    max_leaves=5,
)  # fmt: skip


@settings(max_examples=200, deadline=None)
@given(
    st.lists(st.tuples(documents, st.sampled_from(["\n", " # c\n", "\n\n", "\n    # e\n"]))),
    st.dictionaries(st.sampled_from(["k0", "k1", "k2"]), names, max_size=3),
)
def test_edits_keep_every_line_they_do_not_touch(
    parts: list[tuple[str, str]], wanted: dict[str, str]
) -> None:
    old = "top:\n" + "".join(f"  k{n}: {one}{end}" for n, (one, end) in enumerate(parts))
    old += "# tail\nlast: 1\n"
    try:
        new = edit(old, {"top": wanted} if wanted else {})
    except AdwardenError as error:
        assert_alone(error)
        return
    assert new.endswith("# tail\nlast: 1\n")
    kept = [line for line in old.splitlines() if line.strip().startswith("#")]
    assert [line for line in new.splitlines() if line.strip() in {k.strip() for k in kept}] == kept
    assert edit(new, {"top": wanted} if wanted else {}) == new


@pytest.mark.parametrize(
    ("text", "style", "shown"),
    [("a", "", "a"), ("a", "'", "'a'"), ("a", '"', '"a"'), ("1", "", "'1'"),
     ("a\n", "'", '"a\\x0a"'),
     ("Yes", "", "'Yes'"), ('"\\', '"', '"\\"\\\\"')],
)  # fmt: skip
def test_quotes(text: str, style: str, shown: str) -> None:
    assert quoted(text, style) == shown
