from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adwarden.domain.errors import AdwardenError, InputError
from adwarden.domain.handover import CredentialSet
from adwarden.domain.secret import Secret
from adwarden.services.handover.xurl import OAUTH2_LEFT_OUT, merged, read
from tests.services.handover.credentials import (
    API_SECRET,
    BEARER,
    KEY,
    KEY2,
    SECRETS,
    TOKEN,
    TOKEN_SECRET,
    difference,
    one,
)
from tests.services.handover.yaml_peers import (
    assert_alone,
    assert_silent,
    by_pyyaml,
    by_ruby,
    words_of,
)

CLIENT_ID, CLIENT_SECRET = "bkJ4R2pXc0FhM1lUZ05sOVFyWnc6MTpjaQ", "Hs7kP2vX9nB4mL1qR6tW3zC8yJ5gF0dA"

AUTH = f"""\
# as xurl writes it, four blanks a level
apps:
    default:
        client_id: {CLIENT_ID}
        client_secret: {CLIENT_SECRET}
        redirect_uri: http://localhost:8080/callback
        default_user: northwind
        oauth2_tokens:
            northwind:
                type: oauth2
                oauth2:
                    access_token: c2VjcmV0
                    refresh_token: cmVmcmVzaA
                    expiration_time: 1790000000
    ads:  # the one of the scripts
        client_id: ""
        client_secret: ""
        oauth1_token:
            type: oauth1
            oauth1:
                access_token: {TOKEN}
                token_secret: {TOKEN_SECRET}
                consumer_key: {KEY}
                consumer_secret: {API_SECRET}
        bearer_token:
            type: bearer
            bearer: {BEARER}
default_app: default
"""

OAUTH1 = {
    "type": "oauth1",
    "oauth1": {
        "access_token": TOKEN,
        "token_secret": TOKEN_SECRET,
        "consumer_key": KEY,
        "consumer_secret": API_SECRET,
    },
}
OLD_JSON = (
    '{"oauth2_tokens": {"u": {"oauth2": {"expiration_time": ' + "9" * 5000 + "}}}, "
    f'"oauth1_tokens": {json.dumps(OAUTH1)}, '
    f'"bearer_token": {{"type": "bearer", "bearer": "{BEARER}"}}}}'
)


def four(it: CredentialSet) -> tuple[str, str, str, str]:
    return (
        it.api_key.unwrap(), it.api_secret.unwrap(), it.token.unwrap(), it.token_secret.unwrap()
    )  # fmt: skip


WHOLE = (KEY, API_SECRET, TOKEN, TOKEN_SECRET)


def test_every_app_is_read_but_its_oauth2_tokens() -> None:
    taken = read(AUTH)
    assert taken.format == "xurl"
    assert [(it.app_name, it.at, it.handle, it.user_id) for it in taken.sets] == [
        ("default", "app default", "", ""),
        ("ads", "app ads", "", "1234567"),
    ]
    first, second = taken.sets
    assert (first.client_id.unwrap(), first.client_secret.unwrap()) == (CLIENT_ID, CLIENT_SECRET)
    assert four(second) == WHOLE
    assert second.bearer == Secret(BEARER)
    assert taken.remarks == (OAUTH2_LEFT_OUT, "App default has no OAuth 1 token.")


@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_line_ends_and_mark_do_not_matter(end: str, mark: str) -> None:
    assert read(mark + AUTH.replace("\n", end)) == read(AUTH)


@pytest.mark.parametrize("mark", ["", "\ufeff", "\n  "])
def test_the_form_of_before_1_0_is_read(mark: str) -> None:
    taken = read(mark + OLD_JSON)
    assert [four(it) for it in taken.sets] == [WHOLE]
    assert (taken.sets[0].app_name, taken.sets[0].at) == ("", "the file")
    assert taken.sets[0].bearer == Secret(BEARER)
    assert taken.remarks == (OAUTH2_LEFT_OUT,)


def test_json_with_apps_and_yaml_with_braces_are_read() -> None:
    text = json.dumps({"apps": {"a": {"oauth1_token": OAUTH1}}}, indent="\t")
    assert [four(it) for it in read(text).sets] == [WHOLE]
    flow = f"{{apps: {{a: {{oauth1_token: {json.dumps(OAUTH1)}}}}}}}"
    assert [four(it) for it in read(flow).sets] == [WHOLE]


def test_what_is_not_whole_is_told_and_given_all_the_same() -> None:
    taken = read(
        "apps:\n  a:\n    oauth1_token: {oauth1: {access_token: 12-x}}\n  b:\n  c: x\n  d: {}"
    )
    assert [(it.at, it.user_id, bool(it.api_key)) for it in taken.sets] == [("app a", "12", False)]
    assert taken.remarks == (
        "App a has no consumer key, consumer secret and token secret.",
        "App b holds nothing and was left out.",
        "App c holds nothing and was left out.",
    )


@pytest.mark.parametrize("text", ["", "apps:\n", "{}", "apps: {}\ndefault_app: ''\n", "# x"])
def test_a_file_without_tokens_says_so(text: str) -> None:
    taken = read(text)
    assert taken.sets == ()
    assert len(taken.remarks) == 1


@pytest.mark.parametrize("text", ["words", "[1]", "apps: 5", '{"apps": []}', '{"apps": true}'])
def test_what_is_no_file_of_xurls_is_refused(text: str) -> None:
    for act in (read, lambda old: merged(old, [one()], app_name="a", default=False)):
        with pytest.raises(InputError) as caught:
            act(text)
        assert caught.value.title == "This is no auth.yml of xurl"
        assert_alone(caught.value)


@pytest.mark.parametrize(
    "text",
    [f'{{"apps": {{}}, "apps": "{KEY}"}}', f"apps:\n  a: {KEY}\n  a: {TOKEN}", '{"a":' * 100_000,
     f'{{"apps": {KEY}', f"apps: !!python/object:x {KEY}", '{"a": "' + "x" * 2_000_000 + '"}'],
)  # fmt: skip
def test_bad_files_are_refused_without_a_piece_of_them(text: str) -> None:
    with pytest.raises(InputError) as caught:
        read(text)
    assert_alone(caught.value)
    assert_silent(words_of(caught.value), SECRETS)


def test_a_new_file_is_as_xurl_writes_it() -> None:
    text = merged("", [one()], app_name="adwarden", default=False)
    assert text == (
        "apps:\n    adwarden:\n        client_id: ''\n        client_secret: ''\n"
        "        oauth1_token:\n            type: oauth1\n            oauth1:\n"
        f"                access_token: '{TOKEN}'\n                token_secret: {TOKEN_SECRET}\n"
        f"                consumer_key: {KEY}\n                consumer_secret: {API_SECRET}\n"
        "default_app: adwarden\n"
    )
    assert [four(it) for it in read(text).sets] == [WHOLE]


def test_what_others_wrote_stays_to_the_letter() -> None:
    another = one(api_key=Secret(KEY2), bearer=Secret(BEARER), client_id=Secret("other"))
    new = merged(AUTH, [another], app_name="default", default=False)
    removed = [line for line in difference(AUTH, new) if line.startswith("-")]
    assert removed == []
    assert new.index("oauth1_token:") > new.index("expiration_time")
    assert new.index(f"consumer_key: '{KEY2}'") < new.index("    ads:  # the one")
    assert CLIENT_ID in new
    new = merged(AUTH, [one(token_secret=Secret("NewOne"))], app_name="ads", default=True)
    assert difference(AUTH, new) == [
        f"-                token_secret: {TOKEN_SECRET}",
        "+                token_secret: NewOne",
        "-default_app: default",
        "+default_app: ads",
    ]


@pytest.mark.parametrize("default", [False, True])
@pytest.mark.parametrize("name", ["default", "new", "123", "my app", "on", "Übersee"])
@pytest.mark.parametrize("old", ["", AUTH, AUTH.replace("\n", "\r\n"), "apps: {}\n"])
def test_the_same_twice_changes_nothing(old: str, name: str, default: bool) -> None:
    sets = [one(bearer=Secret(BEARER), client_id=Secret("i"), client_secret=Secret("s"))]
    new = merged(old, sets, app_name=name, default=default)
    assert merged(new, sets, app_name=name, default=default) == new
    assert merged(new, [], app_name=name, default=default) == new
    assert WHOLE in [four(it) for it in read(new).sets]


def test_a_newer_token_of_the_same_user_replaces_the_old_one() -> None:
    newer = one(token=Secret("1234567-newer"))
    assert "access_token: '1234567-newer'" in merged(AUTH, [newer], app_name="ads", default=False)


def test_a_client_secret_that_is_there_is_not_emptied() -> None:
    old = "apps:\n  ads:\n    client_id: theirs\n    client_secret: kept-by-others\n"
    ours = one(client_id=Secret("theirs"), client_secret=Secret(""))
    assert "client_secret: kept-by-others" in merged(old, [ours], app_name="ads", default=False)


@pytest.mark.parametrize(
    ("other", "words"),
    [
        ({"token": Secret("7654321-other")}, "another user"),
        ({"token": Secret("without-id")}, "another user"),
        ({"api_key": Secret(KEY2)}, "another X app"),
    ],
)
def test_another_token_in_the_same_app_is_refused(other: dict[str, Secret], words: str) -> None:
    for old, sets in ((AUTH, [one(**other)]), ("", [one(), one(**other)])):
        with pytest.raises(InputError) as caught:
            merged(old, sets, app_name="ads", default=False)
        assert words in caught.value.message
        assert "ads" in caught.value.message
        assert caught.value.field == "app_name"
        assert_silent(words_of(caught.value), SECRETS)


def test_the_form_of_before_1_0_is_not_added_to() -> None:
    with pytest.raises(InputError) as caught:
        merged(OLD_JSON, [one()], app_name="a", default=False)
    assert "Run xurl once" in caught.value.remedy


@pytest.mark.parametrize("name", ["", "  ", "a\nb", "x" * 101])
def test_names_that_cannot_be_are_refused(name: str) -> None:
    with pytest.raises(InputError) as caught:
        merged("", [one()], app_name=name, default=False)
    assert caught.value.field == "app_name"


@pytest.mark.parametrize("part", ["api_key", "api_secret", "token", "token_secret"])
def test_a_set_that_is_not_whole_is_refused(part: str) -> None:
    with pytest.raises(InputError):
        merged(AUTH, [one(**{part: Secret("")})], app_name="ads", default=False)


def test_a_name_that_may_be_a_secret_is_not_repeated() -> None:
    taken = read(f"apps:\n  {KEY}: {{bearer_token: {{bearer: x}}}}\n")
    assert taken.sets[0].at == "app 1"
    assert_silent(taken.remarks, SECRETS)


def test_other_programs_read_the_same() -> None:
    text = merged(AUTH, [one(token_secret=Secret("1e5"))], app_name="123", default=True)
    for data in (by_pyyaml(text), by_ruby(text)):
        assert data["default_app"] == "123"
        assert data["apps"]["123"]["oauth1_token"]["oauth1"]["token_secret"] == "1e5"
        assert data["apps"]["default"]["oauth2_tokens"]["northwind"]["oauth2"][
            "expiration_time"
        ] == (1790000000)


mess = st.recursive(
    st.none() | st.booleans() | st.integers() | st.sampled_from([*SECRETS, "on", ""]),
    lambda inner: st.lists(inner, max_size=2)
    | st.dictionaries(
        st.sampled_from(
            ["a", "apps", "oauth1_token", "oauth1_tokens", "oauth1", "consumer_key", "access_token",
             "token_secret", "consumer_secret", "bearer_token", "client_id", KEY]
        ),
        inner,
        max_size=5,
    ),
    max_leaves=15,
)  # fmt: skip


@settings(max_examples=300, deadline=None)
@given(st.dictionaries(st.sampled_from(["apps", "default_app", "oauth1_tokens"]), mess))
def test_no_content_brings_anything_but_our_errors_or_a_secret_into_words(data: object) -> None:
    text = json.dumps(data)
    try:
        taken = read(text)
        assert_silent([*taken.remarks, repr(taken), *(it.at for it in taken.sets)], SECRETS)
        new = merged(text, [one()], app_name="a", default=True)
        assert merged(new, [one()], app_name="a", default=True) == new
        assert WHOLE in [four(it) for it in read(new).sets]
    except AdwardenError as error:
        assert_alone(error)
        assert_silent(words_of(error), SECRETS)


@settings(max_examples=200, deadline=None)
@given(st.integers(0, len(AUTH)), st.integers(0, 30), st.text("\t\n :{}[]&*!'\"-ab1", max_size=4))
def test_no_damage_brings_anything_but_our_errors(at: int, length: int, put: str) -> None:
    text = AUTH[:at] + put + AUTH[at + length :]
    try:
        assert_silent(read(text).remarks, SECRETS, 16)
        merged(text, [one()], app_name="ads", default=True)
    except AdwardenError as error:
        assert_alone(error)
        assert_silent(words_of(error), SECRETS)
