"""Who a token belongs to, and which handle a user id has."""

from __future__ import annotations

import json

from tests.practice.conftest import FIXTURES, TIMEOUT, Practice


def test_verify_credentials_has_the_recorded_fields(practice: Practice) -> None:
    session = practice.user("litware_jp")
    answer = session.get(
        practice.url("/1.1/account/verify_credentials.json"),
        params={"include_email": "true"},
        timeout=TIMEOUT,
    )
    person, body = practice.person("litware_jp"), answer.json()
    recorded = json.loads((FIXTURES / "recorded_verify_credentials_200.json").read_text())
    real = recorded["response"]["json"]
    assert body["id_str"] == person.user_id == str(body["id"])
    assert (body["screen_name"], body["name"]) == ("litware_jp", person.name)
    assert body.keys() <= real.keys()
    assert answer.headers["x-access-level"] == "read-write"
    assert answer.headers["x-rate-limit-limit"] == "75"


def test_me(practice: Practice) -> None:
    body = practice.user("contoso").get(practice.url("/2/users/me"), timeout=TIMEOUT).json()
    recorded = json.loads((FIXTURES / "recorded_v2_users_me.json").read_text())
    assert body["data"].keys() == recorded["response"]["json"]["data"].keys()
    assert body["data"]["username"] == "contoso"


def test_some_users_are_found_and_some_are_not(practice: Practice) -> None:
    world = practice.server.world
    ids = [user.user_id for user in world.promotable_users(12)][:99]
    answer = practice.user("contoso").get(
        practice.url("/2/users"), params={"ids": ",".join([*ids, "42"])}, timeout=TIMEOUT
    )
    assert answer.status_code == 200
    found = {user["id"] for user in answer.json()["data"]}
    missing = {error["resource_id"] for error in answer.json()["errors"]}
    assert found | missing == {*ids, "42"}
    assert found
    assert len(missing) > 1
    assert answer.headers["x-rate-limit-limit"] == "900"


def test_too_many_or_strange_ids_are_refused(practice: Practice) -> None:
    session = practice.user("contoso")
    for ids in ("", "abc", ",".join(str(i) for i in range(101))):
        answer = session.get(practice.url("/2/users"), params={"ids": ids}, timeout=TIMEOUT)
        assert answer.status_code == 400
        assert answer.json()["type"].endswith("/invalid-request")
