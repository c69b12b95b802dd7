from __future__ import annotations

import contextlib
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adwarden.domain.errors import ErrorCode, NetworkError
from adwarden.providers.http import Answer
from adwarden.providers.x import ads

FIXTURES = Path(__file__).parent / "fixtures"


def _answer(name: str, part: str = "") -> Answer:
    data = json.loads((FIXTURES / name).read_text())
    return Answer(200, {}, json.dumps(data[part] if part else data).encode())


def test_the_documented_accounts() -> None:
    page = ads.read_accounts(_answer("docs_v12_accounts.json"))
    (account,) = page.items
    assert (account.id, account.name) == ("18k3m9q7w2a", "Northwind Outdoor")
    assert (account.approval_status, account.deleted) == ("ACCEPTED", False)
    assert account.business_name == ""
    assert page.next_cursor == ""


def test_pages_and_their_cursors() -> None:
    first = ads.read_accounts(_answer("made_accounts_two_pages.json", "page1"))
    second = ads.read_accounts(_answer("made_accounts_two_pages.json", "page2"))
    assert first.next_cursor == "c-3yvu1pzhd3i7"
    assert second.next_cursor == ""
    assert second.items[0].deleted


def test_recordings_of_older_versions_still_read() -> None:
    assert ads.read_accounts(_answer("sdk_accounts_all.json")).items
    users = ads.read_promotable_users(_answer("sdk_promotable_users_all.json"))
    assert {user.type for user in users.items} <= {"FULL", "RETWEETS_ONLY"}


def test_the_documented_promotable_users() -> None:
    (user,) = ads.read_promotable_users(_answer("docs_v12_promotable_users.json")).items
    assert (user.user_id, user.type, user.handle) == ("891340027715584001", "FULL", "")


@pytest.mark.parametrize(
    ("part", "permissions"),
    [
        ("admin", ("ACCOUNT_ADMIN", "TWEET_COMPOSER")),
        ("unknown_value", ("SOMETHING_NEW",)),
        ("empty", ()),
        ("legacy_int_user_id", ("ACCOUNT_ADMIN",)),
    ],
)
def test_access_of_every_kind(part: str, permissions: tuple[str, ...]) -> None:
    access = ads.read_access(_answer("made_authenticated_user_access_variants.json", part))
    assert access.permissions == permissions
    assert access.user_id == "2417045708"


def test_a_collection_may_come_as_one_object() -> None:
    page = ads.read_accounts(Answer(200, {}, b'{"data":{"id":"a1","name":"One"}}'))
    assert [account.id for account in page.items] == ["a1"]


@pytest.mark.parametrize(
    "body", [b"", b"<html>Sign in</html>", b'{"data":', b"[]", b'{"data":7}', b"\xff\xfe", b"null"]
)
def test_what_is_no_page_is_an_error_in_words(body: bytes) -> None:
    with pytest.raises(NetworkError) as caught:
        ads.read_accounts(Answer(200, {}, body))
    assert caught.value.code is ErrorCode.UNEXPECTED_ANSWER
    assert caught.value.__cause__ is None


_VALUES = st.none() | st.booleans() | st.integers() | st.text(max_size=20)
_OBJECTS = st.dictionaries(
    st.sampled_from(["id", "name", "approval_status", "user_id", "deleted", "more"]), _VALUES
)


@given(
    st.fixed_dictionaries({"data": st.lists(_OBJECTS) | _OBJECTS | _VALUES, "next_cursor": _VALUES})
)
def test_any_json_is_read_or_refused_in_words(document: dict[str, object]) -> None:
    answer = Answer(200, {}, json.dumps(document).encode())
    for read in (ads.read_accounts, ads.read_promotable_users, ads.read_access):
        # Any other exception than the one in words fails this test.
        with contextlib.suppress(NetworkError):
            assert read(answer) is not None


def test_what_is_of_another_kind_than_documented_hides_nothing() -> None:
    body = (
        b'{"data":[{"id":"a1","name":"One","industry_type":["A"],"deleted":"no"},'
        b'{"id":7,"name":{"odd":1}},"no object",{"name":"no id"},{"id":""},'
        b'{"id":"a2","name":"half \\ud800 \\u202e","timezone":1e400}],"next_cursor":5}'
    )
    page = ads.read_accounts(Answer(200, {}, body))
    assert [account.id for account in page.items] == ["a1", "7", "a2"]
    assert page.items[0].industry_type == "['A']"
    assert not page.items[0].deleted
    assert page.items[2].name.encode()
    assert page.next_cursor == "5"


def test_no_list_at_all_is_not_an_empty_list() -> None:
    with pytest.raises(NetworkError):
        ads.read_accounts(Answer(200, {}, b'{"data":null}'))
    assert ads.read_accounts(Answer(200, {}, b'{"data":[]}')).items == ()


def test_a_web_page_says_that_the_network_may_want_something() -> None:
    with pytest.raises(NetworkError) as caught:
        ads.read_accounts(Answer(200, {}, b" <!doctype html><html>Welcome to the hotel</html>"))
    assert caught.value.code is ErrorCode.UNEXPECTED_ANSWER
    assert "Somebody other than X" in caught.value.title
    assert "asks to sign in first" in caught.value.message
    assert "in your browser" in caught.value.remedy
