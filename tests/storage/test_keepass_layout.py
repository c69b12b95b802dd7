"""The text of an entry and the fields of the file: readable there, and exactly the same back."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adwarden.domain.model import Credential
from adwarden.domain.secret import Secret
from adwarden.storage import keepass_layout as layout
from adwarden.storage.keychain_codec import FACTS, decode, encode, to_json
from adwarden.storage.keychain_status import EntryName
from tests.storage.keepass_parts import app_text, text_of

FACT = st.sampled_from(sorted(FACTS))
FIELD = st.from_regex(r"[a-z][a-z0-9_]{0,12}", fullmatch=True).filter(
    lambda name: name not in FACTS | {"v", "kind"}
)
VALUE = st.text(max_size=40)


def values(text: str) -> dict[str, str]:
    return {field.key: field.value for field in layout.split(text)}


@given(
    kind=st.text(max_size=12),
    secrets=st.dictionaries(FIELD, VALUE, max_size=4),
    facts=st.dictionaries(FACT, VALUE, max_size=4),
)
def test_every_credential_comes_back_to_the_letter(
    kind: str, secrets: Mapping[str, str], facts: Mapping[str, str]
) -> None:
    credential = Credential(kind, {n: Secret(v) for n, v in secrets.items()}, dict(facts))
    text = encode(credential)
    assert layout.join(values(text)) == text
    assert all(layout.is_storable(value) for value in values(text).values())


@given(st.text(max_size=200) | st.builds(to_json, st.dictionaries(VALUE, VALUE | st.integers())))
def test_every_other_text_comes_back_to_the_letter(text: str) -> None:
    assert layout.join(values(text)) == text
    assert all(layout.is_storable(value) for value in values(text).values())


def test_the_password_is_the_main_secret_and_the_rest_has_names() -> None:
    fields = {field.key: field for field in layout.split(text_of("1-abc"))}
    assert fields["Password"] == ("Password", "secret-of-1-abc", True)
    assert fields["token"] == ("token", "1-abc", True)
    assert fields["user_id"] == ("user_id", "1234567890", False)
    assert fields[layout.KIND].value == "x-oauth1-token"
    assert fields[layout.FORMAT].value == "1"
    assert not any("{" in field.value for field in fields.values())


@pytest.mark.parametrize("text", [text_of(), app_text()])
def test_no_secret_is_unprotected(text: str) -> None:
    open_values = {field.value for field in layout.split(text) if not field.protected}
    assert not open_values & {s.unwrap() for s in decode(text).secrets.values()}


def test_attributes_that_a_person_adds_are_not_part_of_the_text() -> None:
    text = app_text()
    assert layout.join(values(text) | {"Recovery question": "blue", "zone": "EU"}) == text
    assert "zone" not in layout.owned(values(text) | {"zone": "EU"})


def test_a_value_changed_in_another_program_counts() -> None:
    text = layout.join(values(app_text()) | {"Password": "new one"})
    assert text is not None
    assert decode(text).secrets["secret"] == Secret("new one")


def test_an_entry_that_lost_an_attribute_is_none() -> None:
    rest = values(app_text())
    del rest["key"]
    assert layout.join(rest) is None
    assert layout.join({}) is None
    assert layout.join({layout.FIELDS: "whole text, base64", "Password": "?"}) is None


@pytest.mark.parametrize(
    ("service", "username", "title", "kind", "groups"),
    [
        ("Adwarden · A · B · 1234abcd", "@nw", "@nw · A · B", "x-oauth1-token",
         ("Adwarden", "Connections")),
        ("Adwarden practice · App · 1234abcd", "App", "App", "x-app",
         ("Adwarden practice", "X apps")),
        ("Adwarden · App · 1234abcd", "App", "App", "x-app-bearer", ("Adwarden", "X apps")),
        ("Adwarden · App · 1234abcd", "App", "App", "note", ("Adwarden",)),
        ("Adwarden · self-test", "self-test", "Adwarden · self-test", "self-test", ()),
        ("other", "me", "other", "", ("Adwarden",)),
    ],
)  # fmt: skip
def test_titles_and_groups_are_for_people(
    service: str, username: str, title: str, kind: str, groups: tuple[str, ...]
) -> None:
    name = EntryName(service, username)
    assert layout.title(name) == title
    assert layout.groups(name, kind) == groups
