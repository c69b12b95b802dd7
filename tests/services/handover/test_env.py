from __future__ import annotations

import subprocess
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adwarden.domain.errors import InputError
from adwarden.domain.handover import CredentialSet
from adwarden.domain.secret import Secret
from adwarden.services.handover import env
from tests.services.handover.keys import (
    ALL,
    FOUR,
    KEY,
    KEY_SECRET,
    OTHER_KEY,
    OTHER_KEY_SECRET,
    OTHER_TOKEN,
    OTHER_TOKEN_SECRET,
    TOKEN,
    TOKEN_SECRET,
    four_of,
    only,
    secrets_of,
    sets,
    words_of,
)

WHOLE = [name for name, family in env.FAMILIES.items() if family.has_user]
OURS = (KEY, KEY_SECRET, TOKEN, TOKEN_SECRET)
OTHERS = (OTHER_KEY, OTHER_KEY_SECRET, OTHER_TOKEN, OTHER_TOKEN_SECRET)


def of_bash(path: Path) -> dict[str, str]:
    """Return what bash has for the names of a file."""
    names = [line.partition("=")[0] for line in path.read_text().splitlines() if line[:1] != "#"]
    script = 'set -a; source "$1"; shift; for name in "$@"; do printf "%s\\0" "${!name}"; done'
    ran = subprocess.run(
        ["bash", "--norc", "-c", script, "bash", str(path), *names],
        capture_output=True, check=True, env={}, text=True,
    )  # fmt: skip
    assert ran.stderr == ""
    return dict(zip(names, ran.stdout.split("\0"), strict=False))


def of_docker(text: str) -> dict[str, str]:
    """Return what Docker has: whatever follows the first sign, as it is."""
    lines = [line for line in text.splitlines() if line[:1] != "#"]
    return {name: value for name, _, value in (line.partition("=") for line in lines)}


@pytest.mark.parametrize("family", WHOLE)
@given(one=sets())
def test_what_is_written_is_read_back(family: str, one: CredentialSet) -> None:
    assert secrets_of(only(env.read(env.render(one, family)))) == secrets_of(one)


@pytest.mark.parametrize("family", WHOLE)
def test_all_seven_secrets_and_the_ad_account_come_back(family: str) -> None:
    back = only(env.read(env.render(ALL, family)))
    assert secrets_of(back) == secrets_of(ALL)
    assert back.account_id == ALL.account_id
    assert back.user_id == "370773112"


def test_the_family_of_an_app_alone_has_no_token_in_it() -> None:
    assert set(env.variables(ALL, "twauth")) == {
        "TWAUTH_APP_CONSUMER_KEY",
        "TWAUTH_APP_CONSUMER_SECRET",
    }
    back = only(env.read(env.render(ALL, "twauth")))
    assert secrets_of(back) == {"api_key": KEY, "api_secret": KEY_SECRET}


@pytest.mark.parametrize("family", env.FAMILIES)
def test_bash_and_docker_read_the_same_values(family: str, tmp_path: Path) -> None:
    path = tmp_path / ".env"
    path.write_text(env.render(replace(ALL, handle="a'b\"$(id)`id`", app_name="x\ny"), family))
    values = env.variables(ALL, family)
    assert of_bash(path) == values
    assert of_docker(path.read_text()) == values


@given(st.text(st.characters(min_codepoint=32, max_codepoint=126), min_size=1, max_size=20))
def test_a_value_is_bare_or_refused(text: str) -> None:
    one = replace(FOUR, token_secret=Secret(text))
    try:
        written = env.render(one)
    except InputError:
        return
    assert of_docker(written)["X_ACCESS_TOKEN_SECRET"] == text
    assert not set(text) & set(" #$'\"\\`!~*?&;|<>(){}[]")


@pytest.mark.parametrize("value", ["a#b", "a$b", "a'b", 'a"b', "a\\b", "a b", "a\nb", "é", "=a"])
def test_what_the_three_would_read_differently_is_refused_without_repeating_it(value: str) -> None:
    secret = f"Zq{value}Zq" if value[0] != "=" else value
    with pytest.raises(InputError) as caught:
        env.render(replace(FOUR, api_secret=Secret(secret)))
    assert secret not in f"{caught.value} {caught.value.detail}"


def test_a_name_in_the_comment_acts_nowhere() -> None:
    text = env.render(replace(FOUR, app_name="Agency\nX_API_KEY=other"))
    assert len(text.splitlines()) == 6
    assert four_of(only(env.read(text))) == OURS


@pytest.mark.parametrize("name", ["nothing", "", "X"])
def test_an_unknown_family_is_told_with_those_that_there_are(name: str) -> None:
    with pytest.raises(InputError) as caught:
        env.variables(FOUR, name)
    assert caught.value.field == "family"
    assert "x-ads" in caught.value.remedy


def test_nothing_to_hand_over_is_told() -> None:
    with pytest.raises(InputError):
        env.variables(CredentialSet(handle="a", account_id="18ce54d4x5t"))


def test_variables_have_what_is_known_and_nothing_else() -> None:
    assert env.variables(FOUR, "consumer") == {
        "CONSUMER_KEY": KEY,
        "CONSUMER_SECRET": KEY_SECRET,
        "ACCESS_TOKEN": TOKEN,
        "ACCESS_TOKEN_SECRET": TOKEN_SECRET,
    }


STYLES = {
    "bare": "{}={}",
    "export": "export {}={}",
    "double": '{}="{}"',
    "single": "{}='{}'",
    "spaces": '  {} = "{}"  # what it is',
    "comment": "{}={} # what it is",
    "windows": "set {}={}",
    "setx": "setx {} {}",
    "powershell": '$env:{} = "{}"',
    "compose": "      - {}={}",
    "compose map": "      {}: {}",
    "docker": "ENV {}={}",
    "javascript": "const {} = '{}';",
}


@pytest.mark.parametrize("style", STYLES.values(), ids=STYLES)
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_each_way_of_writing_a_variable_is_read(style: str, end: str) -> None:
    names = ("X_API_KEY", "X_API_SECRET", "X_ACCESS_TOKEN", "X_ACCESS_TOKEN_SECRET")
    lines = [style.format(name, value) for name, value in zip(names, OURS, strict=True)]
    text = "\ufeff# keys" + end + end.join(lines) + end
    taken = env.read(text)
    assert four_of(only(taken)) == OURS
    assert taken.remarks == ()


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ('"{}#x"', "{}#x"), ("'{}$x'", "{}$x"), ("'{}\\x'", "{}\\x"),
        ('"{}\\$x"', "{}$x"), ('"{}\\"x"', '{}"x'), ('"{}\\\\x"', "{}\\x"), ("{}#x", "{}#x"),
        ("{} #x", "{}"), ('"{}\'x"', "{}'x"),
    ],
)  # fmt: skip
def test_values_are_read_as_a_shell_reads_them(written: str, meant: str, tmp_path: Path) -> None:
    line = f"X_API_SECRET={written.format(KEY_SECRET)}\n"
    path = tmp_path / "env"
    path.write_text(line)
    expected = meant.format(KEY_SECRET)
    assert of_bash(path) == {"X_API_SECRET": expected}
    assert secrets_of(only(env.read(line))) == {"api_secret": expected}


@pytest.mark.parametrize("quote", ["'", '"'])
def test_a_value_whose_quote_is_not_closed_is_left_out(quote: str) -> None:
    text = f"X_API_KEY={quote}{KEY}{quote}\nX_API_SECRET={quote}{KEY_SECRET[:20]}"
    assert secrets_of(only(env.read(text))) == {"api_key": KEY}


def test_all_on_one_line_before_a_command() -> None:
    line = f"CONSUMER_KEY={KEY} CONSUMER_SECRET='{KEY_SECRET}' python try.py"
    assert secrets_of(only(env.read(line))) == {"api_key": KEY, "api_secret": KEY_SECRET}


def _block(before: str, values: tuple[str, ...], after: str = "") -> str:
    names = ("CONSUMER_KEY", "CONSUMER_SECRET", "ACCESS_TOKEN", "ACCESS_TOKEN_SECRET")
    return "".join(
        f"{before}{name}{after}={value}\n" for name, value in zip(names, values, strict=True)
    )


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (("X_", ""), ("TWITTER_", "")),
        (("NORTHWIND_", ""), ("CONTOSO_", "")),
        (("", "_NORTHWIND"), ("", "_CONTOSO")),
        (("X_", "_1"), ("X_", "_2")),
        (("", ""), ("X_ADS_", "")),
    ],
)
def test_several_sets_are_told_apart_by_what_is_around_the_names(
    one: tuple[str, str], other: tuple[str, str]
) -> None:
    text = _block(one[0], OURS, one[1]) + _block(other[0], OTHERS, other[1])
    taken = env.read(text)
    assert [four_of(found) for found in taken.sets] == [OURS, OTHERS]
    assert taken.remarks == ()
    assert len({found.at for found in taken.sets}) == 2


def test_users_of_one_app_share_its_keys() -> None:
    text = (
        f"X_API_KEY={KEY}\nX_API_SECRET={KEY_SECRET}\n"
        f"X_NORTHWIND_ACCESS_TOKEN={TOKEN}\nX_NORTHWIND_ACCESS_TOKEN_SECRET={TOKEN_SECRET}\n"
        f"X_CONTOSO_ACCESS_TOKEN={OTHER_TOKEN}\n"
        f"X_CONTOSO_ACCESS_TOKEN_SECRET={OTHER_TOKEN_SECRET}\n"
    )
    assert [four_of(one) for one in env.read(text).sets] == [
        OURS,
        (KEY, KEY_SECRET, OTHER_TOKEN, OTHER_TOKEN_SECRET),
    ]


def test_a_token_between_two_apps_belongs_to_none_and_it_is_said() -> None:
    text = (
        f"ONE_CONSUMER_KEY={KEY}\nONE_CONSUMER_SECRET={KEY_SECRET}\n"
        f"TWO_CONSUMER_KEY={OTHER_KEY}\nTWO_CONSUMER_SECRET={OTHER_KEY_SECRET}\n"
        f"X_ACCESS_TOKEN={TOKEN}\nX_ACCESS_TOKEN_SECRET={TOKEN_SECRET}\n"
    )
    taken = env.read(text)
    assert len(taken.sets) == 3
    assert not any(one.api_key and one.token for one in taken.sets)
    assert "nothing says which" in taken.remarks[0]


def test_of_a_name_that_is_there_twice_the_last_counts_as_in_a_shell(tmp_path: Path) -> None:
    text = f"X_API_KEY={OTHER_KEY}\nX_API_SECRET={KEY_SECRET}\nX_API_KEY={KEY}\n"
    taken = env.read(text)
    assert only(taken).api_key.unwrap() == KEY
    assert any("X_API_KEY is there more than once" in words for words in taken.remarks)
    assert KEY not in words_of(taken)
    assert OTHER_KEY not in words_of(taken)


def test_two_names_for_one_thing_with_two_values_give_neither() -> None:
    text = f"X_API_KEY={KEY}\nX_CONSUMER_KEY={OTHER_KEY}\nX_API_SECRET={KEY_SECRET}\n"
    taken = env.read(text)
    assert secrets_of(only(taken)) == {"api_secret": KEY_SECRET}
    assert "Two names" in taken.remarks[0]


def test_what_is_not_of_x_is_left_alone() -> None:
    text = """
    DATABASE_URL=postgres://u:p@h/db
    API_KEY=12
    STRIPE_API_KEY=sk_live_51H8abcdefghijklmnop
    GITHUB_ACCESS_TOKEN=ghp_16C7e42F292c6912E7710c838347Ae178B4a
    ACCESS_TOKEN_SECRET=0123456789abcdef0123456789abcdef01234567
    REFRESH_TOKEN_SECRET=0123456789abcdef0123456789abcdef01234567
    CLOUDINARY_API_KEY=874837483274837
    CLOUDINARY_API_SECRET=a676b67565c6767a6767d6767f676fe1
    GOOGLE_CLIENT_ID=1234.apps
    X_OAUTH2_ACCESS_TOKEN=abc
    TUMBLR_CONSUMER_KEY=abcdefghijklmnopqrstuvwxyz
    USERNAME=bob
    """
    assert env.read(text).sets == ()


@pytest.mark.parametrize(
    "value",
    ["your_api_key", "<API KEY>", "xxxxxxxx", "${KEY}", "{{key}}", "CHANGE_ME", "•••••", ""],
)
def test_example_text_is_no_key(value: str) -> None:
    taken = env.read(f"X_API_KEY={value}\nX_API_SECRET={KEY_SECRET}\n")
    assert secrets_of(only(taken)) == {"api_secret": KEY_SECRET}
    if value and " " not in value:
        assert any("example" in words for words in taken.remarks)
