from __future__ import annotations

from dataclasses import replace

import pytest

from adwarden.domain.errors import InputError
from adwarden.domain.handover import CredentialSet, Taken
from adwarden.domain.secret import Secret
from adwarden.services.handover import reading
from adwarden.services.handover.formats import FORMATS, Options
from adwarden.services.handover.mix_ups import without_mix_ups
from tests.services.handover.keys import (
    BEARER,
    FOUR,
    KEY,
    KEY_SECRET,
    TOKEN,
    TOKEN_SECRET,
    only,
    secrets_of,
)

OPTIONS = Options(now=1_800_000_000.0, app_name="agency")
EXCHANGED = replace(FOUR, api_key=FOUR.api_secret, api_secret=FOUR.api_key)


def of(one: CredentialSet) -> Taken:
    return without_mix_ups(Taken("env", (one,), ("before",)))


def test_what_is_right_stays_as_it_is() -> None:
    assert of(FOUR) == Taken("env", (FOUR,), ("before",))


@pytest.mark.parametrize("name", ["env", "json", "twurlrc", "xurl", "tap", "postman"])
def test_an_exchanged_key_and_secret_are_left_out_of_every_format(name: str) -> None:
    taken = reading.take("", FORMATS[name].render(EXCHANGED, OPTIONS))
    assert secrets_of(only(taken)) == {"token": TOKEN, "token_secret": TOKEN_SECRET}
    (remark,) = [words for words in taken.remarks if "left out" in words]
    assert "API key: This looks like the API key secret." in remark
    assert remark.endswith("Both were left out.")
    assert KEY not in remark
    assert KEY_SECRET not in remark


@pytest.mark.parametrize(
    ("changes", "left", "words"),
    [
        ({"token": TOKEN_SECRET, "token_secret": TOKEN}, {"api_key", "api_secret"}, "access token"),
        ({"token": BEARER}, {"api_key", "api_secret", "token_secret"}, "This is a bearer token"),
        ({"api_key": TOKEN}, {"api_secret", "token", "token_secret"}, "an access token of a user"),
        ({"token_secret": TOKEN}, {"api_key", "api_secret", "token"}, "the same text"),
        ({"api_secret": BEARER}, {"api_key", "token", "token_secret"}, "not the API key secret"),
    ],
)
def test_what_is_certainly_something_else_is_left_out(
    changes: dict[str, str], left: set[str], words: str
) -> None:
    held = {name: Secret(value) for name, value in changes.items()}
    taken = of(replace(FOUR, **held, at="profile 1"))  # type: ignore[arg-type]
    assert secrets_of(only(taken)).keys() == left
    assert taken.remarks[0] == "before"
    assert taken.remarks[1].startswith("Profile 1, ")
    assert words in taken.remarks[1]
    assert not any(value in taken.remarks[1] for value in changes.values())


def test_where_nothing_else_is_in_it_the_error_says_why() -> None:
    text = f"X_API_KEY={KEY_SECRET}\nX_API_SECRET={KEY}\n"
    with pytest.raises(InputError, match="This looks like the API key secret"):
        reading.take(".env", text)


def test_hints_are_for_people_who_type() -> None:
    # Keys of other lengths than today's have been given out as well.
    one = replace(FOUR, api_key=Secret("k" * 30), token_secret=Secret("short"))
    assert of(one).sets == (one,)
