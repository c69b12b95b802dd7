from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adwarden.domain.errors import AdwardenError, InputError
from adwarden.services.handover.yaml_text import (
    LIMIT,
    MAX_ALIASES,
    MAX_DEPTH,
    MAX_NODES,
    Data,
    compose,
    load,
)
from tests.services.handover.yaml_peers import assert_alone, assert_silent, words_of

SECRET = "kQ7vR2mX9pL4tB8nZ3wC6yH1"


def refused(text: str) -> InputError:
    with pytest.raises(InputError) as caught:
        load(text)
    assert_alone(caught.value)
    return caught.value


@pytest.mark.parametrize(
    "name", ["on", "off", "yes", "123", "1e5", "0x1f", "0o17", "1_000", "12:30:45", "2024-01-01",
             "true", ".inf", "-1", "1.0", "=", "9" * 1000],
)  # fmt: skip
def test_names_and_values_stay_the_text_they_are(name: str) -> None:
    assert load(f"{name}: {name}") == {name: name}


@pytest.mark.parametrize("text", ["", "\n\n", "# nothing", "---\n", "~", "null"])
def test_nothing_is_none(text: str) -> None:
    assert load(text) is None


@pytest.mark.parametrize("value", ["", "~", "null", "Null", "NULL"])
def test_plain_nothing_is_none_and_quoted_is_text(value: str) -> None:
    assert load(f"a: {value}\nb: 1") == {"a": None, "b": "1"}
    assert load(f"a: '{value}'") == {"a": value}


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_line_ends_and_mark_do_not_matter(end: str, mark: str) -> None:
    text = mark + end.join(["---", "a:", "  b: 'c'  # d", "  e:", "  - f", "  - g", ""])
    assert load(text) == {"a": {"b": "c", "e": ["f", "g"]}}


def test_aliases_and_merge_keys_are_resolved() -> None:
    text = """
base: &base {a: 1, b: 2}
more: &more
  b: 3
  c: 4
one:
  <<: *base
  b: own
two:
  <<: [*base, *more]
again: *base
"""
    found = load(text)
    assert isinstance(found, dict)
    assert found["one"] == {"a": "1", "b": "own"}
    assert found["two"] == {"a": "1", "b": "2", "c": "4"}
    assert found["again"] == {"a": "1", "b": "2"}


@pytest.mark.parametrize(
    "text",
    ["!!python/object:os.system {a: 1}", "a: !!python/name:os.system ''", "a: !ruby/object:X {}",
     "- !!binary aGVsbG8=", "a: !!timestamp 2020-01-01", "!!set {a}", "!<x> y",
     "&a !!python/object/apply:os.system [ls]"],
)  # fmt: skip
def test_tags_of_other_programs_are_refused(text: str) -> None:
    assert "tag" in refused(text).message


@pytest.mark.parametrize("tag", ["!", "!!str", "!!int"])
def test_tags_that_make_no_object_are_read(tag: str) -> None:
    assert load(f"a: {tag} 123") == {"a": "123"}


def test_a_billion_laughs_are_refused_at_once() -> None:
    lines = ["a0: &a0 [lol, lol, lol, lol, lol, lol, lol, lol, lol]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 10)]
    began = time.perf_counter()
    assert "unfolds" in refused("\n".join(lines)).message
    assert time.perf_counter() - began < 2


def test_few_aliases_that_unfold_far_are_refused() -> None:
    """Each line doubles: twenty are a million."""
    lines = ["a0: &a0 [x, x]"] + [f"a{n}: &a{n} [*a{n - 1}, *a{n - 1}]" for n in range(1, 21)]
    assert MAX_ALIASES > 40
    assert "unfolds" in refused("\n".join(lines)).message


def test_too_many_aliases_are_refused() -> None:
    assert load("a: &a x\n" + "".join(f"b{n}: *a\n" for n in range(MAX_ALIASES))) is not None
    refused("a: &a x\n" + "".join(f"b{n}: *a\n" for n in range(MAX_ALIASES + 1)))


@pytest.mark.parametrize("text", ["a: *b", "a: &a [*a]", "&a {b: *a}", "a: &a\n  b: *a"])
def test_aliases_into_nowhere_or_into_themselves_are_refused(text: str) -> None:
    assert "itself" in refused(text).message


def test_depth_has_an_end() -> None:
    assert load("[" * MAX_DEPTH + "]" * MAX_DEPTH) is not None
    began = time.perf_counter()
    for text in (
        "[" * (MAX_DEPTH + 1) + "]" * (MAX_DEPTH + 1),
        "[" * 500_000,
        "{a: " * 100_000,
        "- " * 400_000,
        "? " * 400_000,
        "".join(f"{' ' * n}a:\n" for n in range(1000)),
    ):
        assert "deep" in refused(text).message
    assert time.perf_counter() - began < 10


def test_depth_counts_what_aliases_bring() -> None:
    half = MAX_DEPTH // 2
    text = f"- &a {'[' * half}{']' * half}\n- {'[' * half}*a{']' * half}\n"
    assert "deep" in refused(text).message


def test_size_has_an_end() -> None:
    assert "longer" in refused("a" * (LIMIT + 1)).message
    assert "far more" in refused("- a\n" * MAX_NODES).message


def test_two_of_one_name_are_told_by_their_lines() -> None:
    error = refused(f"profiles:\n  {SECRET}:\n    a: 1\n  b: 1\n  {SECRET}: 2\n")
    assert "lines 2 and 5" in error.message
    assert_silent(words_of(error), [SECRET])


@pytest.mark.parametrize(
    "text",
    [f"a: '{SECRET}", f"a: \"{SECRET}\\q\"", f"{SECRET}: : :", f"\t{SECRET}: 1", f"a: *{SECRET}",
     f"a: !{SECRET} 1", f"a: [{SECRET}", f"{SECRET}\x00", f"a: {SECRET}\x07",
     f"%YAML {SECRET}\n---\na: 1", f"a: {SECRET}\n b: 1", f"%YAML {'9' * 5000}.1\n---\n{SECRET}",
     f"a: {SECRET}\n--- \nb: {SECRET}", f"? [{SECRET}]\n: 1", f"{{{SECRET}: 1, {SECRET}: 2}}",
     f"{SECRET}: \ud800", f"a: |9x\n {SECRET}", f"a: @{SECRET}", f"a: `{SECRET}", f"@{SECRET}",
     f"%TAG ! {SECRET}\n---\n!a b"],
)  # fmt: skip
def test_what_is_no_yaml_is_told_without_a_piece_of_it(text: str) -> None:
    assert_silent(words_of(refused(text)), [SECRET])


def test_tabs_are_told_where_yaml_has_none_and_read_elsewhere() -> None:
    for text in ("a:\n\tb: 1", "a:\n  b: 1\n\tc: 2", "a:\tb", "a: b\t# c", "a: b\t"):
        error = refused(text)
        assert "tab" in error.message
        assert "line" in error.message
    assert load("a: 'b\tc'\nd: e\n") == {"a": "b\tc", "d": "e"}


def test_several_documents_are_refused() -> None:
    assert "documents" in refused("a: 1\n---\nb: 2\n").message


def test_a_thousand_profiles_are_read() -> None:
    one = "  user{0}:\n    key{0}:\n      username: user{0}\n      secret: x\n"
    found = load("profiles:\n" + "".join(one.format(n) for n in range(1000)))
    assert isinstance(found, dict)
    assert isinstance(found["profiles"], dict)
    assert len(found["profiles"]) == 1000


def test_nodes_know_where_they_stand() -> None:
    text = "a: &x 'b'   # c\nd:\n  e: |\n    f\n\n# g\nh:\n"
    root = compose(text)
    assert root is not None
    parts = [text[one.start : one.end] for one in root.children]
    assert parts == ["a", "&x 'b'", "d", "e: |\n    f", "h", ""]


odd = st.text(st.sampled_from("ab1:-?,[]{}#&*!|>'\"%@` \n\t\r\\~.<=\x00\x85\u2028\ufeffé\ud800"))


@settings(max_examples=300, deadline=None)
@given(odd)
def test_no_text_brings_anything_but_our_errors(text: str) -> None:
    try:
        load(text)
    except AdwardenError as error:
        assert_alone(error)


plain = st.recursive(
    st.text(st.characters(exclude_categories=["Cs", "Cc"])),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text("abc1é '"), inner),
    max_leaves=10,
)


@settings(max_examples=100, deadline=None)
@given(st.dictionaries(st.text("xyz9_"), plain, max_size=4))
def test_what_is_json_is_read_as_json(data: dict[str, Data]) -> None:
    import json

    assert load(json.dumps(data, ensure_ascii=False)) == (data or {})
