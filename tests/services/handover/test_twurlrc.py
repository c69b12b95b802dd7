from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adwarden.domain.errors import AdwardenError, InputError
from adwarden.domain.handover import Taken
from adwarden.domain.secret import Secret
from adwarden.services.handover.twurlrc import merged, read
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

FOREIGN = """\
---
# Shared by the campaign scripts; ask Ana before you change a name.
profiles:
  northwind_ads:
    qX7vR2mK9pL4tB8nZ3wC6yH1d:
      username: northwind_ads
      consumer_key: qX7vR2mK9pL4tB8nZ3wC6yH1d
      consumer_secret: "old old old"   # rotated in May
      token: 1234567-old
      secret: 'old'

  # retired, kept for the reports
  contoso:
    aaaaaaaaaaaaaaaaaaaaaaaaa:
      username: contoso
      consumer_key:    aaaaaaaaaaaaaaaaaaaaaaaaa
      consumer_secret: bbb
      token: 99-ccc
      secret: ddd
      host: api.x.com
configuration:
  default_profile:
  - contoso
  - aaaaaaaaaaaaaaaaaaaaaaaaa
aliases:
  accounts: "/12/accounts"   # mine
bearer_tokens:
  aaaaaaaaaaaaaaaaaaaaaaaaa: AAAA%2FBBB
"""


def secrets_of(taken: Taken) -> list[tuple[str, str, str, str]]:
    return [
        (it.api_key.unwrap(), it.api_secret.unwrap(), it.token.unwrap(), it.token_secret.unwrap())
        for it in taken.sets
    ]


def test_every_profile_is_read() -> None:
    taken = read(FOREIGN)
    assert taken.format == "twurlrc"
    assert taken.remarks == ()
    assert [(it.handle, it.user_id, it.at) for it in taken.sets] == [
        ("northwind_ads", "1234567", "profile northwind_ads, consumer key 1"),
        ("contoso", "99", "profile contoso, consumer key 1"),
    ]
    assert secrets_of(taken)[0] == (KEY, "old old old", "1234567-old", "old")
    assert [it.bearer.unwrap() for it in taken.sets] == ["", "AAAA%2FBBB"]


@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_line_ends_and_mark_do_not_matter(end: str, mark: str) -> None:
    assert read(mark + FOREIGN.replace("\n", end)) == read(FOREIGN)


@pytest.mark.parametrize("name", ["on", "123", "1e5", "0x1f", "null", "no"])
def test_names_that_look_like_numbers_are_names(name: str) -> None:
    text = (
        f"profiles:\n  {name}:\n    {name}: {{consumer_secret: {name}x, token: {name}y, secret: z}}"
    )
    (found,) = read(text).sets
    assert (found.handle, found.api_key.unwrap()) == (name, name)


def test_one_user_may_have_several_consumer_keys() -> None:
    text = merged("", [one(), one(api_key=Secret(KEY2))], default=False)
    assert [it.at for it in read(text).sets] == [
        "profile northwind_ads, consumer key 1",
        "profile northwind_ads, consumer key 2",
    ]


def test_what_is_not_whole_is_told_and_given_all_the_same() -> None:
    taken = read(
        f"profiles:\n  a_user:\n    {KEY}: {{username: a_user, token: {TOKEN}}}\n"
        f"  other:\n    {KEY2}: {{}}\n  third:\n    {KEY}: words\n  fourth: [x]\n  fifth:\n"
    )
    assert [it.handle for it in taken.sets] == ["a_user", "other"]
    first, second = taken.sets
    assert first.token
    assert not first.api_secret
    assert not first.token_secret
    assert not second.token
    assert taken.remarks == (
        "Profile a_user, consumer key 1 has no consumer secret and token secret.",
        "Profile other, consumer key 1 has no consumer secret, token and token secret.",
        "Profile third, consumer key 1 has no mapping of names to values. It was left out.",
        "Profile fourth holds nothing and was left out.",
        "Profile fifth holds nothing and was left out.",
    )


def test_a_name_that_may_be_a_secret_is_not_repeated() -> None:
    taken = read(f"profiles:\n  {KEY}: []\n  {TOKEN}:\n    {KEY}: {{secret: x}}\n")
    assert taken.sets[0].at == "profile 2, consumer key 1"
    assert taken.sets[0].handle == ""
    assert_silent([*taken.remarks, repr(taken)], SECRETS)


def test_the_consumer_key_that_twurl_signs_with_is_taken() -> None:
    entry = f"{{consumer_key: {KEY2}, consumer_secret: x, token: 1-y, secret: z}}"
    text = f"profiles:\n  a:\n    {KEY}: {entry}"
    taken = read(text)
    assert taken.sets[0].api_key == Secret(KEY2)
    assert "another consumer key" in taken.remarks[0]


def test_bearer_tokens_of_unknown_keys_are_sets_of_their_own() -> None:
    taken = read(f"profiles: {{}}\nbearer_tokens:\n  {KEY}: {BEARER}\n")
    assert [(it.api_key.unwrap(), it.bearer.unwrap()) for it in taken.sets] == [(KEY, BEARER)]
    assert taken.remarks == ("Bearer token 1 belongs to a consumer key without profile.",)


def test_two_profiles_of_one_name_are_refused_in_words() -> None:
    with pytest.raises(InputError) as caught:
        read(f"profiles:\n  a:\n    {KEY}: {{}}\n  a:\n    {KEY2}: {{}}\n")
    assert "lines 2 and 4" in caught.value.message
    assert_silent(words_of(caught.value), SECRETS)


@pytest.mark.parametrize("text", ["", "---\n", "# empty\n", "{}", "profiles:\n", "other: 1"])
def test_a_file_without_profiles_says_so(text: str) -> None:
    taken = read(text)
    assert taken.sets == ()
    assert len(taken.remarks) == 1


@pytest.mark.parametrize(
    "text", ["words", "- a", "profiles: 5", "profiles: [a]", "bearer_tokens: x"]
)
def test_what_is_no_twurlrc_is_refused(text: str) -> None:
    with pytest.raises(InputError) as caught:
        read(text)
    assert caught.value.title == "This is no .twurlrc"
    with pytest.raises(InputError):
        merged(text, [one(bearer=Secret(BEARER))], default=True)


def test_a_new_file_is_as_twurl_writes_it() -> None:
    text = merged("", [one(bearer=Secret(BEARER))], default=False)
    assert text == (
        f"---\nprofiles:\n  northwind_ads:\n    {KEY}:\n      username: northwind_ads\n"
        f"      consumer_key: {KEY}\n      consumer_secret: {API_SECRET}\n      token: '{TOKEN}'\n"
        f"      secret: {TOKEN_SECRET}\nconfiguration:\n  default_profile:\n  - northwind_ads\n"
        f"  - {KEY}\nbearer_tokens:\n  {KEY}: '{BEARER}'\n"
    )
    assert secrets_of(read(text)) == [(KEY, API_SECRET, TOKEN, TOKEN_SECRET)]
    assert read(text).sets[0] == one(
        bearer=Secret(BEARER), at="profile northwind_ads, consumer key 1"
    )


def test_what_others_wrote_stays_to_the_letter() -> None:
    new = merged(FOREIGN, [one(), one(handle="123", api_key=Secret(KEY2))], default=False)
    assert difference(FOREIGN, new) == [
        '-      consumer_secret: "old old old"   # rotated in May',
        "-      token: 1234567-old",
        "-      secret: 'old'",
        f'+      consumer_secret: "{API_SECRET}"   # rotated in May',
        f"+      token: '{TOKEN}'",
        f"+      secret: '{TOKEN_SECRET}'",
        "+  '123':",
        f"+    '{KEY2}':",
        "+      username: '123'",
        f"+      consumer_key: '{KEY2}'",
        f"+      consumer_secret: {API_SECRET}",
        f"+      token: '{TOKEN}'",
        f"+      secret: {TOKEN_SECRET}",
    ]


def test_the_default_is_only_set_when_wanted_or_missing() -> None:
    assert "- contoso\n" in merged(FOREIGN, [one()], default=False)
    new = merged(FOREIGN, [one()], default=True)
    assert f"  default_profile:\n  - northwind_ads\n  - {KEY}\naliases" in new
    bare = "profiles: {}\nconfiguration: {}\n"
    assert f"  default_profile:\n  - northwind_ads\n  - {KEY}\n" in merged(
        bare, [one()], default=False
    )


@pytest.mark.parametrize("default", [False, True])
@pytest.mark.parametrize("old", ["", FOREIGN, FOREIGN.replace("\n", "\r\n"), "\ufeff---\n", "{}"])
def test_the_same_twice_changes_nothing(old: str, default: bool) -> None:
    sets = [one(bearer=Secret(BEARER)), one(handle="on", api_key=Secret("0x1f"))]
    new = merged(old, sets, default=default)
    assert merged(new, sets, default=default) == new
    assert merged(new, [], default=default) == new


def test_handles_are_the_same_in_any_case() -> None:
    new = merged(FOREIGN, [one(handle="@Northwind_Ads")], default=False)
    assert new == merged(FOREIGN, [one()], default=False)


def test_without_a_handle_the_user_id_names_the_profile() -> None:
    assert "  '1234567':\n" in merged("", [one(handle="")], default=False)
    assert "  '1234567':\n" in merged("", [one(handle="", user_id="")], default=False)


@pytest.mark.parametrize("part", ["api_key", "api_secret", "token", "token_secret"])
def test_a_set_that_is_not_whole_makes_no_profile(part: str) -> None:
    with pytest.raises(InputError) as caught:
        merged(FOREIGN, [one(**{part: Secret("")})], default=False)
    assert "no " in caught.value.message
    assert_silent(words_of(caught.value), SECRETS)
    with pytest.raises(InputError):
        merged(FOREIGN, [one(handle="", user_id="", token=Secret("x"))], default=False)


def test_other_programs_read_the_same() -> None:
    names = ["123", "on", "no", "1e5", "0x1f", "null", "007", "1_0", "northwind_ads"]
    sets = [one(handle=name, api_key=Secret(name), token_secret=Secret(name)) for name in names]
    text = merged(FOREIGN, sets, default=True)
    for data in (by_pyyaml(text), by_ruby(text)):
        for name in names:
            assert data["profiles"][name][name] == {
                "username": name, "consumer_key": name, "consumer_secret": API_SECRET,
                "token": TOKEN, "secret": name,
            }  # fmt: skip
        assert data["configuration"] == {"default_profile": ["123", "123"]}
        assert data["aliases"] == {"accounts": "/12/accounts"}
        assert data["profiles"]["contoso"]["a" * 25]["host"] == "api.x.com"


words = st.text("abcXYZ019_-.é on", max_size=8)
mess = st.recursive(
    st.none() | st.sampled_from([*SECRETS, "1e5", "on"]) | words,
    lambda inner: (
        st.lists(inner, max_size=2)
        | st.dictionaries(
            st.sampled_from(["username", "consumer_key", "token", "secret", KEY, "a_user"]) | words,
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)
files = st.dictionaries(
    st.sampled_from(["profiles", "configuration", "aliases", "bearer_tokens"]), mess
)


@settings(max_examples=200, deadline=None)
@given(files)
def test_no_content_brings_anything_but_our_errors_or_a_secret_into_words(data: object) -> None:
    import json

    text = json.dumps(data)
    try:
        taken = read(text)
        assert_silent([*taken.remarks, repr(taken), *(it.at for it in taken.sets)], SECRETS)
        new = merged(text, [one()], default=True)
        assert merged(new, [one()], default=True) == new
        assert set(secrets_of(read(new))) >= {(KEY, API_SECRET, TOKEN, TOKEN_SECRET)}
    except AdwardenError as error:
        assert_alone(error)
        assert_silent(words_of(error), SECRETS)


@settings(max_examples=200, deadline=None)
@given(
    st.integers(0, len(FOREIGN)), st.integers(0, 30), st.text("\t\n :{}[]&*!'\"-ab1", max_size=4)
)
def test_no_damage_brings_anything_but_our_errors(at: int, length: int, put: str) -> None:
    whole = FOREIGN.replace("old old old", API_SECRET).replace("1234567-old", TOKEN)
    text = whole[:at] + put + whole[at + length :]
    try:
        taken = read(text)
        assert_silent(taken.remarks, [API_SECRET, TOKEN], 16)
        merged(text, [one()], default=True)
    except AdwardenError as error:
        assert_alone(error)
        assert_silent(words_of(error), SECRETS)
