from __future__ import annotations

import json
import time

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from adwarden.domain.errors import AdwardenError, InputError
from adwarden.domain.handover import CredentialSet, Taken
from adwarden.services.handover import reading
from adwarden.services.handover.env import FAMILIES
from adwarden.services.handover.formats import FORMATS, Options
from tests.services.handover.keys import (
    ALL,
    BEARER,
    CLIENT_SECRET,
    FOUR,
    KEY,
    KEY_SECRET,
    OTHER_KEY,
    OTHER_VALUES,
    TOKEN,
    TOKEN_SECRET,
    VALUES,
    four_of,
    only,
    sets,
    words_of,
)

OURS = (KEY, KEY_SECRET, TOKEN, TOKEN_SECRET)
OPTIONS = Options(now=1_800_000_000.0, app_name="agency")
WRITTEN = {
    "env": "env", "json": "json", "twurlrc": "twurlrc", "xurl": "xurl", "tap": "json",
    "postman": "postman",
}  # fmt: skip
"""The formats that hold secrets, and what each is taken for."""

PLANTED = (*VALUES, *OTHER_VALUES)


def shown(name: str, text: str) -> str:
    """Return everything that a person may see of what came of a text; nothing else may come."""
    try:
        taken = reading.take(name, text)
    except AdwardenError as error:
        words = []
        at: BaseException | None = error
        while at is not None:
            words.append(f"{at} {at!r} {at.__dict__}")
            at = at.__cause__ or (None if at.__suppress_context__ else at.__context__)
        return "\n".join(words)
    return f"{words_of(taken)}\n{taken!r}"


def test_every_format_that_holds_secrets_can_be_read_back() -> None:
    assert set(WRITTEN) == {one.id for one in FORMATS.values() if one.secret}


@pytest.mark.parametrize(("name", "taken_for"), WRITTEN.items())
@given(one=sets())
def test_what_was_handed_over_is_taken_in_again(
    name: str, taken_for: str, one: CredentialSet
) -> None:
    taken = reading.take("", FORMATS[name].render(one, OPTIONS))
    assert taken.format == taken_for
    assert four_of(only(taken)) == four_of(one)


@pytest.mark.parametrize("family", [one.id for one in FAMILIES.values() if one.has_user])
@pytest.mark.parametrize("name", ["", ".env", "notes.txt", "config.json", ".twurlrc"])
def test_each_family_is_taken_in_again(family: str, name: str) -> None:
    taken = reading.take(name, FORMATS["env"].render(ALL, Options(family=family)))
    assert taken.format == "env"
    assert four_of(only(taken)) == OURS


@pytest.mark.parametrize("name", WRITTEN)
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_ends_of_lines_and_marks_are_of_no_importance(name: str, end: str, mark: str) -> None:
    text = mark + FORMATS[name].render(FOUR, OPTIONS).replace("\n", end)
    assert four_of(only(reading.take("", text))) == OURS


@pytest.mark.parametrize(
    ("name", "text", "taken_for"),
    [
        ("", f"{KEY} {KEY_SECRET} {TOKEN} {TOKEN_SECRET}", "text"),
        ("", f"API key: {KEY}\nAPI secret: {KEY_SECRET}\nAccess token: {TOKEN}\n"
             f"Access token secret: {TOKEN_SECRET}", "text"),
        (".env", f"# Tokens below\nTOKEN\n{KEY} {KEY_SECRET} {TOKEN} {TOKEN_SECRET}", "text"),
        ("", f"{{ appKey: '{KEY}', appSecret: '{KEY_SECRET}', accessToken: '{TOKEN}', "
             f"accessSecret: '{TOKEN_SECRET}' }}", "text"),
        ("", json.dumps([KEY, KEY_SECRET, TOKEN, TOKEN_SECRET]), "text"),
        ("a.json", json.dumps({"oauth1_tokens": {"x": 1}, "consumer_key": KEY}), None),
        ("", "consumer_key: {}\nconsumer_secret: {}\naccess_token: {}\n"
             "access_token_secret: {}\n".format(*OURS), "env"),
    ],
)  # fmt: skip
def test_a_text_is_taken_for_what_it_is(name: str, text: str, taken_for: str | None) -> None:
    if taken_for is None:
        with pytest.raises(InputError):
            reading.take(name, text)
        return
    taken = reading.take(name, text)
    assert taken.format == taken_for
    assert four_of(only(taken)) == OURS


def test_an_older_file_of_xurl_is_one_of_xurl() -> None:
    document = {
        "oauth2_tokens": {},
        "oauth1_tokens": {
            "type": "oauth1",
            "oauth1": {
                "access_token": TOKEN, "token_secret": TOKEN_SECRET, "consumer_key": KEY,
                "consumer_secret": KEY_SECRET,
            },
        },
    }  # fmt: skip
    taken = reading.take(".xurl", json.dumps(document))
    assert taken.format == "xurl"


@pytest.mark.parametrize(
    "text",
    [
        "", " \n\t", "\ufeff", "Nothing.", "{}", "[]", "null", "0", "{", "profiles:\n", "apps:\n",
        "profiles:\n  a: &a [*a]\n", "profiles: !!python/object:os.system {}\n", "API_KEY=1\n",
        "a\x00b", "\x7fELF\x02\x01", "x" * (reading.LIMIT + 1), "[" * 500_000,
        '{"a":' * 100_000, "profiles:\n" + "  [" * 20_000, "apps:\n" + " a:\n" * 10_000,
        "profiles:\n" + "".join(f"{' ' * n}a:\n" for n in range(1, 500)), "\ud800", "- " * 5000,
    ],
)  # fmt: skip
def test_where_nothing_is_found_it_is_told(text: str) -> None:
    with pytest.raises(InputError) as caught:
        reading.take("", text)
    assert caught.value.title
    assert caught.value.message
    assert caught.value.remedy


@pytest.mark.parametrize(
    "text",
    [
        "\n".join(f"A{n}_CONSUMER_KEY={KEY[:-5]}{n:05}" for n in range(25_000)),
        json.dumps([{"consumer_key": f"{KEY[:-5]}{n:05}"} for n in range(20_000)]),
        json.dumps({"values": [{"key": "a_" * 30, "value": "x"}] * 10_000, "item": []}),
        " ".join(f"{n}{KEY_SECRET[8:]} {n}{KEY[8:]}" for n in range(9000)),
        "A" * 1_000_000,
        "export " * 140_000,
        "'" * 1_000_000,
        "X_API_KEY=" * 100_000,
        '"' + "\\" * 1_000_000,
        "_a" * 500_000,
        "api key secret token " * 50_000,
        ("a = " * 2000 + "\n") * 120,
        ("<a" * 4000 + "\n") * 120,
    ],
    ids=[
        "variables", "objects", "pairs", "values", "one letter", "export", "quotes", "one name",
        "backslashes", "humps", "labels", "assignments", "tags",
    ],
)  # fmt: skip
def test_the_largest_texts_are_read_in_a_moment(text: str) -> None:
    begun = time.perf_counter()
    shown("", text[: reading.LIMIT])
    assert time.perf_counter() - begun < 20  # a second or two; more would be another order


def test_sets_of_a_made_up_file_are_bounded() -> None:
    text = json.dumps([{"consumer_key": f"{KEY[:-5]}{n:05}"} for n in range(5000)])
    taken = reading.take("", text)
    assert len(taken.sets) == 1000
    assert any("1,000" in words for words in taken.remarks)


@given(st.text(max_size=400), st.sampled_from(["", ".env", "auth.yml", ".twurlrc", "a.json"]))
def test_any_text_is_read_or_refused(text: str, name: str) -> None:
    try:
        taken = reading.take(name, text)
    except AdwardenError:
        return
    assert taken.sets


@given(st.binary(max_size=400))
def test_anything_binary_is_read_or_refused(data: bytes) -> None:
    shown("", data.decode("latin-1"))
    shown("", data.decode("utf-8", "surrogateescape"))


VALUE = st.sampled_from(PLANTED)
WORD = st.sampled_from(
    [
        "consumer_key", "consumer_secret", "access_token", "access_token_secret", "token", "secret",
        "key", "value", "name", "values", "item", "auth", "oauth1", "type", "info", "apps",
        "profiles", "configuration", "default_app", "default_profile", "oauth1_token",
        "oauth1_tokens", "oauth2_tokens", "bearer_token", "username", "handle", "user_id",
        "account_id", "app_name", "appKey", "environments", "variable", "_postman_variable_scope",
        "schema", "aliases", "bearer_tokens", "client_id", "X_API_KEY", "enabled", "id", "a",
    ]
)  # fmt: skip
LEAF = st.one_of(VALUE, WORD, st.none(), st.booleans(), st.integers(), st.floats(), st.text())
NAME = st.one_of(WORD, WORD, VALUE, st.builds("{}_{}".format, VALUE, WORD), st.text(max_size=5))
DOCUMENT = st.recursive(
    LEAF,
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(NAME, inner, max_size=5)),
    max_leaves=25,
)
GLUE = st.sampled_from(
    ["=", ": ", ":\n  ", "\n", " ", "'", '"', "{", "}", "[", "]", "&", "*", "!", "- ", "#", ", ",
     "\t", "export ", "{{", "}}", "|\n", "\\", "```", "<", ">", "Bearer ", "_", "__"]
)  # fmt: skip
SOUP = st.lists(st.one_of(VALUE, WORD, WORD, GLUE, GLUE), max_size=40).map("".join)
LINES = st.lists(
    st.builds("{}{}{}".format, NAME, st.sampled_from(["=", ": ", "='", "_2="]), VALUE), max_size=12
).map("\n".join)


def leaks(words: str) -> list[str]:
    # A handle, an id or a name that is no secret's is shown; none of the planted ones is such.
    return [value for value in PLANTED if value in words]


@settings(suppress_health_check=[HealthCheck.too_slow])
@given(DOCUMENT)
def test_no_json_crashes_it_or_makes_it_repeat_a_secret(document: object) -> None:
    assert not leaks(shown("a.json", json.dumps(document)))


@settings(suppress_health_check=[HealthCheck.too_slow])
@given(DOCUMENT, st.sampled_from(["profiles", "apps"]))
def test_no_yaml_crashes_it_or_makes_it_repeat_a_secret(document: object, head: str) -> None:
    # JSON is YAML as well.
    assert not leaks(shown("", f"{head}:\n  a: {json.dumps(document)}\n"))
    assert not leaks(shown("", f"{head}: {json.dumps(document)}\ndefault_app: a\n"))


@given(SOUP)
def test_no_soup_of_words_and_secrets_makes_it_repeat_one(text: str) -> None:
    assert not leaks(shown("", text))
    assert not leaks(shown(".env", "profiles:\n" + text))


@given(LINES)
def test_no_variables_make_it_repeat_a_secret(text: str) -> None:
    assert not leaks(shown(".env", text))


@given(one=sets(), at=st.integers(0, 3000), kind=st.sampled_from(sorted(WRITTEN)))
def test_no_damage_to_a_file_makes_it_repeat_a_secret(
    one: CredentialSet, at: int, kind: str
) -> None:
    text = FORMATS[kind].render(one, OPTIONS)
    at %= len(text)
    for damaged in (
        text[:at],
        text[at:],
        text[:at] + "\t'[" + text[at:],
        text[:at] + text[at + 1 :],
    ):
        words = shown("", damaged)
        assert not any(value in words for value in four_of(one))


def test_a_secret_in_place_of_a_name_is_taken_out_of_the_words() -> None:
    # A client secret has no shape of its own: only what was taken tells that it is one.
    document = {CLIENT_SECRET: {"client_secret": CLIENT_SECRET, "bearer_token": BEARER}}
    taken = reading.take("", json.dumps(document))
    assert only(taken).client_secret.unwrap() == CLIENT_SECRET
    assert CLIENT_SECRET not in words_of(taken)


def test_what_a_tool_has_and_is_not_kept_is_why_nothing_was_found() -> None:
    text = (
        "apps:\n    my:\n        oauth2_tokens:\n            u:\n                type: oauth2\n"
        f"                oauth2: {{access_token: {CLIENT_SECRET}}}\ndefault_app: my\n"
    )
    with pytest.raises(InputError, match="The OAuth 2 tokens of xurl were left out") as caught:
        reading.take("auth.yml", text)
    assert caught.value.title == "No credentials were found"
    assert not leaks(str(caught.value))


@pytest.mark.parametrize("indent", [None, 2])
def test_json_that_is_cut_off_is_told_and_gives_no_stump(indent: int | None) -> None:
    names = ("consumer_key", "consumer_secret", "access_token", "access_token_secret")
    text = json.dumps(dict(zip(names, OURS, strict=True)), indent=indent)
    for cut in range(1, len(TOKEN_SECRET)):
        taken = reading.take("a.json", text[: text.rindex(TOKEN_SECRET) + cut])
        assert four_of(only(taken)) == (*OURS[:3], "")
        assert "looks like JSON, and is none." in taken.remarks[0]
    # Only what closes is missing: every value is whole, and it is said all the same.
    taken = reading.take("a.json", text.rstrip("}"))
    assert four_of(only(taken)) == OURS
    assert "looks like JSON, and is none." in taken.remarks[0]


def test_a_damaged_file_of_a_tool_is_told_and_not_guessed_at() -> None:
    with pytest.raises(InputError):
        reading.take(".twurlrc", f"profiles:\n  a: [\n  consumer_key: {OTHER_KEY}\n")


def test_a_taken_is_shown_without_its_secrets() -> None:
    taken = reading.take("", FORMATS["json"].render(ALL, OPTIONS))
    assert isinstance(taken, Taken)
    assert not leaks(repr(taken))
