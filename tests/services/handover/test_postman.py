from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given

from adwarden.domain.errors import InputError
from adwarden.domain.handover import CredentialSet
from adwarden.services.handover import postman
from tests.services.handover.keys import (
    ALL,
    BEARER,
    FOUR,
    KEY,
    KEY_SECRET,
    OTHER_TOKEN,
    OTHER_TOKEN_SECRET,
    TOKEN,
    TOKEN_SECRET,
    four_of,
    only,
    secrets_of,
    sets,
)

OURS = (KEY, KEY_SECRET, TOKEN, TOKEN_SECRET)
OF_X = ["account_id", "version", "consumer_key", "consumer_secret", "access_token", "token_secret"]
"""The variables of the environment beside X's own Postman collection, in its order."""


def environment(**values: str) -> dict[str, Any]:
    listed = [{"key": key, "value": value, "enabled": True} for key, value in values.items()]
    return {"name": "Ads", "values": listed, "_postman_variable_scope": "environment"}


def oauth1(*values: str) -> dict[str, Any]:
    names = ("consumerKey", "consumerSecret", "token", "tokenSecret")
    listed = [{"key": key, "value": value} for key, value in zip(names, values, strict=False)]
    listed.append({"key": "signatureMethod", "value": "HMAC-SHA1"})
    return {"type": "oauth1", "oauth1": listed}


def collection(**parts: object) -> dict[str, Any]:
    schema = "https://schema.getpostman.com/json/collection/v2.1.0/collection.json"
    return {"info": {"_postman_id": "1", "name": "Mine", "schema": schema}, "item": [], **parts}


@given(sets())
def test_what_is_written_is_read_back(one: CredentialSet) -> None:
    assert secrets_of(only(postman.read(postman.render(one)))) == secrets_of(one)


def test_all_of_a_set_comes_back() -> None:
    taken = postman.read(postman.render(ALL))
    assert secrets_of(only(taken)) == secrets_of(ALL)
    assert only(taken).account_id == ALL.account_id
    assert taken.format == "postman"


def test_an_environment_has_the_variables_of_x_s_own_with_secrets_marked_as_such() -> None:
    document = json.loads(postman.render(FOUR))
    assert [one["key"] for one in document["values"]] == OF_X
    kinds = {one["key"]: one["type"] for one in document["values"]}
    assert {key for key, kind in kinds.items() if kind == "secret"} == set(OF_X[2:])
    assert all(one["enabled"] is True for one in document["values"])
    assert document["_postman_variable_scope"] == "environment"
    assert set(document) == {"name", "values", "_postman_variable_scope"}


def test_the_environment_beside_x_s_collection_holds_example_text_alone() -> None:
    names = dict.fromkeys(OF_X, "")
    names = {name: f"your_{name}" for name in names} | {"version": "7"}
    taken = postman.read(json.dumps(environment(**names)))
    assert taken.sets == ()
    assert "example" in taken.remarks[0]


def test_several_users_in_one_environment() -> None:
    document = environment(
        consumer_key=KEY, consumer_secret=KEY_SECRET,
        northwind_access_token=TOKEN, northwind_token_secret=TOKEN_SECRET,
        contoso_access_token=OTHER_TOKEN, contoso_token_secret=OTHER_TOKEN_SECRET,
    )  # fmt: skip
    assert [four_of(one) for one in postman.read(json.dumps(document)).sets] == [
        OURS,
        (KEY, KEY_SECRET, OTHER_TOKEN, OTHER_TOKEN_SECRET),
    ]


def test_what_is_switched_off_is_left_out_and_told() -> None:
    document = environment(consumer_key=KEY, consumer_secret=KEY_SECRET, bearer_token=BEARER)
    document["values"][2]["enabled"] = False
    taken = postman.read(json.dumps(document))
    assert secrets_of(only(taken)) == {"api_key": KEY, "api_secret": KEY_SECRET}
    assert "switched off" in taken.remarks[0]


def test_the_settings_of_a_collection_its_folders_and_its_requests() -> None:
    inner = {"auth": oauth1(KEY, KEY_SECRET, OTHER_TOKEN, OTHER_TOKEN_SECRET), "method": "GET"}
    folder = {"name": "Folder", "item": [{"name": "Accounts", "request": inner}]}
    taken = postman.read(json.dumps(collection(auth=oauth1(*OURS), item=[folder])))
    assert [four_of(one) for one in taken.sets] == [
        OURS,
        (KEY, KEY_SECRET, OTHER_TOKEN, OTHER_TOKEN_SECRET),
    ]
    assert [one.at for one in taken.sets] == [
        "the collection Mine",
        "the collection Mine, Accounts",
    ]


def test_settings_as_an_object_as_older_exports_have_them() -> None:
    listed = {one["key"]: one["value"] for one in oauth1(*OURS)["oauth1"]}
    document = collection(auth={"type": "oauth1", "oauth1": listed})
    assert four_of(only(postman.read(json.dumps(document)))) == OURS


def test_variables_of_the_collection_are_put_in() -> None:
    document = collection(
        variable=[{"key": "ck", "value": KEY}, {"key": "cs", "value": KEY_SECRET}],
        auth=oauth1("{{ck}}", "{{ cs }}", TOKEN, TOKEN_SECRET),
    )
    assert four_of(only(postman.read(json.dumps(document)))) == OURS


def test_variables_from_elsewhere_are_told() -> None:
    taken = postman.read(json.dumps(collection(auth=oauth1("{{consumer_key}}", "{{x}}"))))
    assert taken.sets == ()
    assert "environment" in taken.remarks[0]


def test_a_dump_of_everything_has_a_set_for_each_environment() -> None:
    names = ("consumer_key", "consumer_secret", "access_token", "token_secret")
    one = {**environment(**dict(zip(names, OURS, strict=True))), "name": "One"}
    values = (KEY, KEY_SECRET, OTHER_TOKEN, OTHER_TOKEN_SECRET)
    two = {**environment(**dict(zip(names, values, strict=True))), "name": "Two"}
    document = {"version": 1, "collections": [collection()], "environments": [one, two]}
    taken = postman.read(json.dumps(document))
    assert [four_of(found) for found in taken.sets] == [OURS, values]
    assert [found.at for found in taken.sets] == ["the environment One", "the environment Two"]


@pytest.mark.parametrize(
    ("document", "is_one"),
    [
        (environment(), True), (collection(), True), ({"values": []}, False), ([], False),
        ({"collections": [], "environments": []}, True), ({"info": 1}, False), (None, False),
        ({"info": {"schema": 7}}, False),
    ],
)  # fmt: skip
def test_what_is_postman_s(document: object, is_one: bool) -> None:
    assert postman.is_postman(document) is is_one


@pytest.mark.parametrize(
    "document",
    [
        {"values": [None, 1, "a", {"key": 1}, {"key": "consumer_key"}, {"value": KEY}, []]},
        {"values": 5, "_postman_variable_scope": 1},
        {"item": {"item": {"item": 1}}, "auth": {"type": "oauth1", "oauth1": 7}},
        {"item": [{"request": "GET"}, {"request": {"auth": 1}}], "variable": "x"},
        {"environments": [1, None], "collections": {"a": 1}},
        [],
    ],
)
def test_odd_documents_give_nothing(document: object) -> None:
    assert postman.read(json.dumps(document)).sets == ()


def test_deep_folders_end_somewhere() -> None:
    node: dict[str, Any] = {"name": "inmost", "request": {"auth": oauth1(*OURS)}}
    for _ in range(150):
        node = {"name": "folder", "item": [node]}
    assert postman.read(json.dumps(collection(item=[node]))).sets == ()


def test_what_is_no_json_is_told() -> None:
    with pytest.raises(InputError):
        postman.read("{")


def test_a_name_cannot_break_the_environment() -> None:
    text = postman.render(replace(FOUR, app_name='a"\n\u202e', handle="b"))
    assert "\u202e" not in json.loads(text)["name"]
    assert four_of(only(postman.read(text))) == OURS
