from __future__ import annotations

from adwarden.services.handover.assembling import DOUBTFUL, EXAMPLES, Named, assemble
from tests.services.handover.keys import (
    BEARER,
    KEY,
    KEY_SECRET,
    OTHER_KEY,
    OTHER_KEY_SECRET,
    TOKEN,
    TOKEN_SECRET,
    four_of,
    secrets_of,
)

APP = (("consumer_key", KEY), ("consumer_secret", KEY_SECRET))
OTHER_APP = (("consumer_key", OTHER_KEY), ("consumer_secret", OTHER_KEY_SECRET))
USER = (("access_token", TOKEN), ("access_token_secret", TOKEN_SECRET))


def named(pairs: tuple[tuple[str, str], ...], *path: str) -> list[Named]:
    return [Named(name, value, path) for name, value in pairs]


def test_nothing_makes_nothing() -> None:
    assert assemble([]) == ((), ())


def test_the_nearest_app_around_a_token_is_its_app() -> None:
    pairs = [*named(APP), *named(OTHER_APP, "b"), *named(USER, "b", "c")]
    sets, remarks = assemble(pairs)
    assert [one.api_key.unwrap() for one in sets] == [KEY, OTHER_KEY]
    assert four_of(sets[1]) == (OTHER_KEY, OTHER_KEY_SECRET, TOKEN, TOKEN_SECRET)
    assert remarks == ()


def test_the_only_app_is_that_of_every_token() -> None:
    sets, remarks = assemble([*named(APP, "app"), *named(USER, "user")])
    assert [four_of(one) for one in sets] == [(KEY, KEY_SECRET, TOKEN, TOKEN_SECRET)]
    assert remarks == ()


def test_the_same_app_twice_is_one_app() -> None:
    sets, _ = assemble([*named(APP, "a"), *named(APP, "b"), *named(USER, "user")])
    assert (KEY, KEY_SECRET, TOKEN, TOKEN_SECRET) in [four_of(one) for one in sets]
    assert all(one.api_key.unwrap() == KEY for one in sets)


def test_between_two_apps_nothing_is_guessed() -> None:
    sets, remarks = assemble([*named(APP, "a"), *named(OTHER_APP, "b"), *named(USER, "user")])
    assert {tuple(secrets_of(one)) for one in sets} == {
        ("api_key", "api_secret"),
        ("token", "token_secret"),
    }
    assert remarks == (DOUBTFUL,)


def test_a_bearer_token_goes_with_the_only_app() -> None:
    sets, _ = assemble([*named(APP, "a"), Named("X_BEARER_TOKEN", BEARER)])
    assert [set(secrets_of(one)) for one in sets] == [{"api_key", "api_secret", "bearer"}]


def test_the_same_set_in_two_places_is_taken_once() -> None:
    sets, _ = assemble([*named((*APP, *USER), "a"), *named((*APP, *USER), "b")])
    assert len(sets) == 1


def test_what_a_set_is_about() -> None:
    about = (("screen_name", "@northwind"), ("user_id", "370773112"), ("app_name", "Agency"),
             ("account_id", "18ce54d4x5t"))  # fmt: skip
    (one,), _ = assemble(named((*APP, *USER, *about)))
    assert (one.handle, one.user_id) == ("northwind", "370773112")
    assert (one.app_name, one.account_id) == ("Agency", "18ce54d4x5t")


def test_what_cannot_be_a_handle_or_an_id_is_left_out() -> None:
    about = (("screen_name", "not a handle"), ("user_id", "abc"), ("account_id", "18ce,18cf"),
             ("app_name", KEY_SECRET))  # fmt: skip
    (one,), _ = assemble(named((*APP, *about)))
    assert (one.handle, one.user_id, one.app_name, one.account_id) == ("", "", "", "")


def test_the_user_id_is_in_the_token() -> None:
    (one,), _ = assemble(named(USER))
    assert one.user_id == "370773112"


def test_example_text_is_told_once() -> None:
    sets, remarks = assemble(named((("consumer_key", "your_key"), ("access_token", "<token>"))))
    assert (sets, remarks) == ((), (EXAMPLES,))
