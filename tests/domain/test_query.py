from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adwarden.domain.folded import seen
from adwarden.domain.query import CLOSED, FIELDS, Term, matching, parse, quoted

ANY = st.text(st.characters(codec="utf-32", exclude_categories=()), max_size=40)
SEEN = ANY.map(seen)
TYPED = st.lists(
    st.sampled_from(
        [
            "role",
            ":",
            "admin",
            " ",
            '"',
            '""',
            "„",
            "“",
            "\u200b",
            "-",
            "--",
            ",",
            "can:",
            "colour:",
            "é",
            "x\u00a0y",
            "\t",
        ]
    ),
    max_size=14,
).map("".join)


def test_everything_that_is_promised_is_understood() -> None:
    found = parse(
        'role:admin can:conversions state:revoked handle:@x id:18ce name:"North wind" '
        "app:agency method:advertiser is:stale -role:analyst outdoor"
    )
    assert found.hint == ""
    assert found.terms == (
        Term("role", ("admin",)),
        Term("can", ("conversions",)),
        Term("state", ("revoked",)),
        Term("handle", ("@x",)),
        Term("id", ("18ce",)),
        Term("name", ("North wind",)),
        Term("app", ("agency",)),
        Term("method", ("advertiser",)),
        Term("is", ("stale",)),
        Term("role", ("analyst",), negated=True),
        Term("", ("outdoor",)),
    )


@pytest.mark.parametrize(
    ("text", "terms"),
    [
        ("state:revoked,working", (Term("state", ("revoked", "working")),)),
        ('name:"a,b",c', (Term("name", ("a,b", "c")),)),
        ("ROLE:Admin", (Term("role", ("Admin",)),)),
        ('"say ""hi"" now"', (Term("", ('say "hi" now',)),)),
        ("-", (Term("", ("-",)),)),
        ("--x", (Term("", ("-x",), negated=True),)),
        ('-"-x"', (Term("", ("-x",), negated=True),)),
        ("a a", (Term("", ("a",)),)),
        ("id:a:b", (Term("id", ("a:b",)),)),
        ("https://x.com", (Term("", ("https://x.com",)),)),
        ("role:", ()),
        ('""', ()),
        ("  ", ()),
    ],
)
def test_terms(text: str, terms: tuple[Term, ...]) -> None:
    assert parse(text).terms == terms


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("colour:red", "There is no field “colour”; fields are role, can, state"),
        ("state:sleepy", "“state:” has no value “sleepy”; there are working"),
        ('name:"north', "A quotation mark is not closed."),
        ("role: x", "“role:” looks for a permission on the ad account; a value is missing."),
        ("role:", ""),
        ("https://x.com", ""),
        ("12:30", ""),
        ("role:NEW_ONE", ""),
    ],
)
def test_what_is_not_understood_is_said_and_never_an_error(text: str, words: str) -> None:
    hint = parse(text).hint
    assert words in hint
    assert bool(words) is bool(hint)


KNOWN = {
    "role": [("admin", "Account administrator: all"), ("NEW_ONE", "not in X's documents")],
    "app": [("Agency app", "X app"), ("Conversions", "X app")],
}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("role:foo", "“role:” has no value “foo”; there are admin, NEW_ONE."),
        ("-role:admin,foo", "“role:” has no value “foo”"),
        ("role:new", ""),
        ("role:TWEET_COMPOSER", ""),
        ("role:posts", ""),
        ("app:beta", "“app:” has no value “beta”; there are Agency app, Conversions."),
        ("app:conv", ""),
        ("handle:@nobody name:none id:42", ""),
    ],
)
def test_a_value_that_nothing_has_now_is_said(text: str, words: str) -> None:
    hint = parse(text, lambda field: KNOWN.get(field, [])).hint
    assert words in hint
    assert bool(words) is bool(hint)


def test_of_many_values_some_are_told() -> None:
    many = [(f"app-{n}", "X app") for n in range(40)]
    assert parse("app:zzz", lambda _: many).hint.endswith("app-7, app-8 ….")
    assert parse("app:zzz", lambda _: []).hint == ""


@pytest.mark.parametrize(
    "text",
    [
        'name:"North wind" x',
        "name:“North wind” x",
        "name:„North wind“ x",
        "name:„North wind” x",
        "name:«North wind» x",
        "name:«\u00a0North wind\u00a0» x",
        "name:»North wind« x",
        'name:“North wind" x',
        "\ufeffname:“North\u00ad wind” \u200bx\u200b",
        'na\u00adme:"Nor\u200bth wind" x\u2060',
    ],
)
def test_quotation_marks_of_word_processors_and_what_nobody_sees(text: str) -> None:
    found = parse(text)
    assert found.terms == (Term("name", ("North wind",)), Term("", ("x",)))
    assert found.hint == ""


def test_a_quotation_mark_in_a_word_is_part_of_it() -> None:
    assert parse("5“ screen").terms == (Term("", ("5“",)), Term("", ("screen",)))
    assert parse("“North wind").hint == "A quotation mark is not closed."


def test_an_unknown_field_is_looked_for_as_it_stands() -> None:
    assert parse("colour:red north").terms == (Term("", ("colour:red",)), Term("", ("north",)))


@given(ANY | TYPED)
def test_any_text_is_a_query_and_written_again_it_is_the_same(text: str) -> None:
    found = parse(text)
    assert all(value for term in found.terms for value in term.values)
    assert all(term.field in ("", *FIELDS) for term in found.terms)
    assert parse(str(found)).terms == found.terms


@given(
    st.builds(
        Term,
        st.sampled_from(["", *FIELDS]),
        st.lists(SEEN.filter(bool), min_size=1, max_size=3, unique=True).map(tuple),
        st.booleans(),
    ).filter(lambda term: bool(term.field) or len(term.values) == 1)
)
def test_any_term_can_be_typed(term: Term) -> None:
    assert parse(str(term)).terms == (term,)


def test_quotation_marks_stand_where_they_are_needed() -> None:
    assert [quoted(value) for value in ("a", "a b", "a,b", "-a", 'a"b', "@x_1")] == [
        "a", '"a b"', '"a,b"', '"-a"', '"a""b"', "@x_1",
    ]  # fmt: skip


def test_a_value_means_itself_or_what_begins_so() -> None:
    values = CLOSED["can"].items()
    assert matching("conversions", values) == ("conversions",)
    assert matching("CONV", values) == ("conversions",)
    assert set(matching("campaigns", values)) == {"view-campaigns", "manage-campaigns"}
    assert matching("manage campaigns", values) == ("manage-campaigns",)
    assert matching("nothing", values) == ()
    assert matching("revoked", CLOSED["state"].items()) == ("revoked",)
