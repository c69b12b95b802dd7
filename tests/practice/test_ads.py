"""The Ads API answers with the documented fields, pages, filters, and refuses as documented."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from requests_oauthlib import OAuth1Session

from adwarden.practice.paging import BadParameterError, Cursors
from adwarden.practice.people import AppKind
from tests.practice.conftest import FIXTURES, TIMEOUT, MakePractice, Practice


def documented(name: str) -> dict[str, Any]:
    body: dict[str, Any] = json.loads((FIXTURES / name).read_text())
    return body


def get(practice: Practice, session: OAuth1Session, path: str, **query: str) -> Any:  # noqa: ANN401
    answer = session.get(practice.url(f"/12/accounts{path}"), params=query, timeout=TIMEOUT)
    assert answer.status_code == 200, answer.text
    return answer.json()


def refused(practice: Practice, session: OAuth1Session, path: str, **query: str) -> tuple[int, Any]:
    answer = session.get(practice.url(path), params=query, timeout=TIMEOUT)
    return answer.status_code, answer.json()["errors"][0]["code"]


def test_the_fields_are_the_documented_ones(practice: Practice) -> None:
    agency = practice.user("agency_ops")
    listed = get(practice, agency, "", account_ids=practice.server.world.account_id(0))
    assert listed.keys() == documented("docs_v12_accounts.json").keys()
    example = documented("docs_v12_accounts.json")["data"][0]
    assert listed["data"][0].keys() == example.keys()
    place = "/" + listed["data"][0]["id"]
    for path, name in (
        ("", "docs_v12_account.json"),
        ("/authenticated_user_access", "docs_v12_authenticated_user_access.json"),
        ("/promotable_users", "docs_v12_promotable_users.json"),
    ):
        body, expected = get(practice, agency, place + path), documented(name)
        assert body.keys() == expected.keys()
        one, other = body["data"], expected["data"]
        if isinstance(other, list):
            one, other = one[0], other[0]
        assert one.keys() == other.keys()
        types = {k: type(v) for k, v in one.items() if v is not None and other[k] is not None}
        assert types == {k: type(v) for k, v in other.items() if k in types}


def test_funding_instruments_and_features(practice: Practice) -> None:
    agency = practice.user("agency_ops")
    expected = documented("docs_v12_funding_instruments.json")["data"][0]
    counts = set()
    for index in range(12):
        place = "/" + practice.server.world.account_id(index)
        data = get(practice, agency, place + "/funding_instruments", with_deleted="true")["data"]
        counts.add(len(data))
        assert all(item.keys() == expected.keys() for item in data)
        features = get(practice, agency, place + "/features", with_deleted="true")["data"]
        assert all(isinstance(feature, str) for feature in features)
    assert counts == {0, 1, 2}


def test_everybody_sees_their_own(practice: Practice) -> None:
    names = {}
    for handle in ("agency_ops", "northwind_ads", "proseware", "fabrikam_eu"):
        body = get(practice, practice.user(handle), "")
        names[handle] = [account["name"] for account in body["data"]]
    assert len(names["agency_ops"]) == 29, "all but the deleted one"
    assert "Northwind Outdoor" in names["northwind_ads"]
    assert names["proseware"] == []
    assert "Fabrikam (old)" not in names["fabrikam_eu"]
    body = get(practice, practice.user("fabrikam_eu"), "", with_deleted="true")
    assert [a["name"] for a in body["data"] if a["deleted"]] == ["Fabrikam (old)"]
    assert body["request"]["params"] == {"with_deleted": True}


def every_page(practice: Practice, session: OAuth1Session, path: str, **query: str) -> list[Any]:
    pages = [get(practice, session, path, **query)]
    while pages[-1]["next_cursor"]:
        pages.append(get(practice, session, path, **query, cursor=pages[-1]["next_cursor"]))
    return pages


def test_all_pages_together_are_everything_once(make_practice: MakePractice) -> None:
    practice = make_practice(accounts=2345)
    practice.server.faults.limits.be_generous()
    agency = practice.user("agency_ops")
    pages = every_page(practice, agency, "", count="1000", with_deleted="true")
    ids = [account["id"] for page in pages for account in page["data"]]
    assert [len(page["data"]) for page in pages] == [1000, 1000, 345]
    assert ids == [practice.server.world.account_id(index) for index in range(2345)]
    pages = every_page(practice, agency, "")
    assert [len(page["data"]) for page in pages] == [200] * 11 + [144]


def test_promotable_users_come_in_pages_too(practice: Practice) -> None:
    agency = practice.user("agency_ops")
    place = "/" + practice.server.world.account_id(12)
    pages = every_page(practice, agency, place + "/promotable_users")
    assert [len(page["data"]) for page in pages] == [200, 60]
    one = pages[0]["data"][7]
    found = get(practice, agency, f"{place}/promotable_users/{one['id']}")
    assert found["data"] == one
    wanted = get(practice, agency, place + "/promotable_users", promotable_user_ids=one["id"])
    assert wanted["data"] == [one]


def test_a_deleted_promotable_user_is_hidden(practice: Practice) -> None:
    agency = practice.user("agency_ops")
    path = f"/{practice.server.world.account_id(10)}/promotable_users"
    shown = get(practice, agency, path)["data"]
    everything = get(practice, agency, path, with_deleted="true")["data"]
    gone = [user for user in everything if user not in shown]
    assert [user["deleted"] for user in gone] == [True]
    assert {user["promotable_user_type"] for user in shown} >= {"FULL", "BRAND_PARTNER"}
    missing = refused(practice, agency, f"/12/accounts{path}/{gone[0]['id']}")
    assert missing == (404, "PROMOTABLE_USER_NOT_FOUND")


def test_removing_an_account_between_two_pages_shifts_nothing(practice: Practice) -> None:
    agency = practice.user("agency_ops")
    first = get(practice, agency, "", count="10")
    world = practice.server.world
    practice.server.faults.remove_access(practice.person("agency_ops"), world.account_id(0))
    second = get(practice, agency, "", count="10", cursor=first["next_cursor"])
    last = world.index_of(first["data"][-1]["id"])
    assert last is not None
    assert second["data"][0]["id"] == world.account_id(last + 1)


def test_search_and_sort(practice: Practice) -> None:
    agency = practice.user("agency_ops")
    names = [a["name"] for a in get(practice, agency, "", q="nORTH")["data"]]
    assert names == ["Northwind Outdoor", "Northwind EU", "Northwind Winter Sale"]
    rising = [a["name"] for a in get(practice, agency, "", sort_by="name-asc")["data"]]
    assert rising == sorted(rising, key=str.casefold)
    practice.server.faults.limits.reset()
    falling = get(practice, agency, "", sort_by="created_at-desc")["data"]
    dates = [account["created_at"] for account in falling]
    assert dates == sorted(dates, reverse=True)
    total = get(practice, agency, "", with_total_count="true", count="3")
    assert (total["total_count"], len(total["data"])) == (29, 3)


@pytest.mark.parametrize(
    ("query", "parameter"),
    [
        ({"count": "0"}, "count"),
        ({"count": "1001"}, "count"),
        ({"count": "²"}, "count"),
        ({"cursor": "made-up"}, "cursor"),
        ({"cursor": "00000000" + "z" * 400}, "cursor"),
        ({"cursor": "é"}, "cursor"),
        ({"sort_by": "salt-asc"}, "sort_by"),
        ({"sort_by": "name"}, "sort_by"),
        ({"with_deleted": "yes"}, "with_deleted"),
        ({"q": ""}, "q"),
        ({"q": "x" * 256}, "q"),
        ({"with_total_count": "true", "cursor": "abc"}, "with_total_count"),
        ({"account_ids": "a," * 201}, "account_ids"),
    ],
)
def test_bad_parameters(practice: Practice, query: dict[str, str], parameter: str) -> None:
    session = practice.user("agency_ops")
    answer = session.get(practice.url("/12/accounts"), params=query, timeout=TIMEOUT)
    assert answer.status_code == 400
    error = answer.json()["errors"][0]
    assert (error["code"], error["parameter"]) == ("INVALID_PARAMETER", parameter)


def test_a_cursor_of_another_user_is_refused(practice: Practice) -> None:
    practice.server.faults.limits.be_generous()
    cursor = get(practice, practice.user("agency_ops"), "", count="2")["next_cursor"]
    other = practice.user("contoso")
    assert refused(practice, other, "/12/accounts", cursor=cursor)[0] == 400


@given(st.integers(), st.text(max_size=20), st.integers(0, 36**8 - 1))
def test_cursors_lead_back(seed: int, collection: str, place: int) -> None:
    cursors = Cursors(seed)
    assert cursors.read(collection, cursors.write(collection, place)) == place
    with pytest.raises(BadParameterError):
        cursors.read(collection + "x", cursors.write(collection, place))


@given(st.text(max_size=40))
@settings(suppress_health_check=[HealthCheck.too_slow])
def test_no_made_up_cursor_is_read(text: str) -> None:
    with pytest.raises(BadParameterError):
        Cursors(1).read("accounts", text)


def test_refusals(practice: Practice) -> None:
    world = practice.server.world
    proseware, fabrikam = practice.user("proseware"), practice.user("fabrikam_eu")
    place = f"/12/accounts/{world.account_id(0)}"
    for below in ("", "/authenticated_user_access", "/promotable_users", "/features"):
        assert refused(practice, proseware, place + below) == (403, "ACCOUNT_NOT_FOUND")
    deleted = f"/12/accounts/{world.account_id(6)}"
    assert refused(practice, fabrikam, deleted) == (404, "NOT_FOUND")
    assert get(practice, fabrikam, "/" + world.account_id(6), with_deleted="true")
    assert refused(practice, fabrikam, "/12/accounts/nonsense") == (403, "ACCOUNT_NOT_FOUND")
    for path in ("/12/nothing", "/13/accounts", "/10/accounts", place + "/campaigns"):
        assert refused(practice, fabrikam, path) == (404, "ROUTE_NOT_FOUND")
    answer = fabrikam.post(practice.url("/12/accounts"), timeout=TIMEOUT)
    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (405, "METHOD_NOT_ALLOWED")


def test_refused_apps_and_users(practice: Practice) -> None:
    apps = {app.kind: app for app in practice.server.world.apps}
    token = practice.user("contoso", apps[AppKind.NOT_APPROVED])
    expected = (403, "UNAUTHORIZED_CLIENT_APPLICATION")
    assert refused(practice, token, "/12/accounts") == expected
    reader = practice.user("contoso", apps[AppKind.READ_ONLY])
    answer = reader.get(practice.url("/12/accounts"), timeout=TIMEOUT)
    assert (answer.status_code, answer.headers["x-access-level"]) == (200, "read")
    answer = reader.post(practice.url("/12/accounts"), timeout=TIMEOUT)
    assert answer.json()["errors"][0]["code"] == "READONLY_CLIENT_APPLICATION"
    gone = practice.connect("tailspin_travel")
    assert refused(practice, gone, "/12/accounts") == (403, "CURRENT_USER_SUSPENDED")
    assert refused(practice, gone, "/1.1/account/verify_credentials.json") == (403, 64)
    assert refused(practice, gone, "/2/users/me") == (403, 64)


def test_the_version_is_told(practice: Practice) -> None:
    session = practice.user("contoso")
    new = session.get(practice.url("/12/accounts"), timeout=TIMEOUT)
    old = session.get(practice.url("/11/accounts"), timeout=TIMEOUT)
    assert new.headers["x-current-api-version"] == old.headers["x-current-api-version"] == "12"
    assert "x-api-warn" not in new.headers
    assert old.headers["x-api-warn"] == "deprecated"
    assert old.json() == new.json()
