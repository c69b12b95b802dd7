"""Whatever can go wrong can be made to, in process and by the control address."""

from __future__ import annotations

import json
import threading
import time
from email.utils import parsedate_to_datetime
from xml.etree import ElementTree

import pytest
import requests
from requests_oauthlib import OAuth1

from adwarden.practice.faults import Kind, Shape
from tests.practice.conftest import CONTROL, TIMEOUT, MakePractice, Practice

ACCOUNTS = "/12/accounts"
VERIFY = "/1.1/account/verify_credentials.json"


def statuses(practice: Practice, path: str, times: int) -> list[int]:
    session = practice.user("contoso")
    return [session.get(practice.url(path), timeout=TIMEOUT).status_code for _ in range(times)]


def test_a_rule_skips_and_counts(practice: Practice) -> None:
    practice.server.faults.add(Kind.ERROR, VERIFY, status=503, skip=1, times=2)
    assert statuses(practice, VERIFY, 5) == [200, 503, 503, 200, 200]


def test_rules_take_turns(practice: Practice) -> None:
    practice.server.faults.add(Kind.ERROR, VERIFY, status=502)
    practice.server.faults.add(Kind.ERROR, VERIFY, status=500)
    practice.server.faults.add(Kind.ERROR, "/2/", status=503, times=0)
    assert statuses(practice, VERIFY, 3) == [502, 500, 200]
    assert statuses(practice, "/2/users/me", 3) == [503, 503, 503]
    practice.server.faults.clear()
    assert statuses(practice, "/2/users/me", 1) == [200]


@pytest.mark.parametrize("status", [401, 403, 429, 500, 503])
@pytest.mark.parametrize("shape", Shape)
def test_errors_in_every_shape(practice: Practice, status: int, shape: Shape) -> None:
    practice.server.faults.add(
        Kind.ERROR, "/oauth/request_token", method="POST", status=status, shape=shape,
        text="Out <of> order", headers={"retry-after": "30"},
    )  # fmt: skip
    answer = practice.plain().post(practice.url("/oauth/request_token"), timeout=TIMEOUT)
    assert answer.status_code == status
    assert answer.headers["retry-after"] == "30"
    kind = answer.headers.get("content-type", "")
    if shape is Shape.JSON:
        assert isinstance(answer.json()["errors"][0]["code"], int)
    elif shape is Shape.ADS:
        assert answer.json()["errors"][0]["code"].isupper()
        assert answer.json()["request"] == {"params": {}}
    elif shape is Shape.XML:
        error = ElementTree.fromstring(answer.text)[0]
        assert (error.tag, error.text) == ("error", "Out <of> order")
        assert error.attrib["code"].isdigit()
    elif shape is Shape.HASH:
        tree = ElementTree.fromstring(answer.text)
        assert (tree.tag, tree[1].text) == ("hash", "/oauth/request_token")
    elif shape is Shape.TEXT:
        assert (answer.text, kind) == ("Out <of> order", "text/html;charset=utf-8")
    else:
        assert answer.text == ""


@pytest.mark.parametrize("code", [89, "89"])
def test_a_code_may_be_written_as_a_number(practice: Practice, code: object) -> None:
    practice.server.faults.add(Kind.ERROR, VERIFY, status=401, code=code)
    answer = practice.user("contoso").get(practice.url(VERIFY), timeout=TIMEOUT)
    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (401, 89)


def test_pages_bodies_and_redirects(practice: Practice) -> None:
    faults, session = practice.server.faults, practice.plain()
    faults.add(Kind.HTML, ACCOUNTS, status=200)
    faults.add(Kind.BODY, ACCOUNTS, status=200, text="[]", content_type="application/json")
    faults.add(Kind.REDIRECT, ACCOUNTS, location="https://elsewhere.example/x")
    url = practice.url(ACCOUNTS)
    page = session.get(url, timeout=TIMEOUT)
    assert page.headers["content-type"].startswith("text/html")
    assert session.get(url, timeout=TIMEOUT).json() == []
    moved = session.get(url, timeout=TIMEOUT, allow_redirects=False)
    assert (moved.status_code, moved.headers["location"]) == (302, "https://elsewhere.example/x")


def test_dropped_and_cut(practice: Practice) -> None:
    faults, session = practice.server.faults, practice.user("contoso")
    url = practice.url(ACCOUNTS)
    faults.add(Kind.DROP, ACCOUNTS)
    with pytest.raises(requests.ConnectionError):
        session.get(url, timeout=TIMEOUT)
    faults.add(Kind.CUT_JSON, ACCOUNTS)
    with pytest.raises(json.JSONDecodeError):
        json.loads(session.get(url, timeout=TIMEOUT).text)
    faults.add(Kind.SHORT_BODY, ACCOUNTS)
    with pytest.raises((requests.ConnectionError, requests.exceptions.ChunkedEncodingError)):
        session.get(url, timeout=TIMEOUT)
    assert session.get(url, timeout=TIMEOUT).status_code == 200
    assert [e.status for e in practice.server.journal.entries(ACCOUNTS)] == [0, 200, 200, 200]


def test_the_answer_can_be_lost_after_the_work(practice: Practice) -> None:
    session = practice.user("contoso")
    practice.server.faults.add(Kind.DROP_AFTER, "/1.1/oauth/invalidate_token.json")
    with pytest.raises(requests.ConnectionError):
        session.post(practice.url("/1.1/oauth/invalidate_token.json"), timeout=TIMEOUT)
    assert session.get(practice.url(VERIFY), timeout=TIMEOUT).status_code == 401


@pytest.mark.parametrize(
    ("kind", "field"),
    [(Kind.UNCONFIRMED, "oauth_callback_confirmed"), (Kind.NO_SECRET, "oauth_token_secret")],
)
def test_a_token_answer_can_lack_a_field(practice: Practice, kind: Kind, field: str) -> None:
    practice.server.faults.add(kind, "/oauth/request_token")
    session = practice.session(practice.app.key, practice.app.secret, callback_uri="oob")
    answer = session.post(practice.url("/oauth/request_token"), timeout=TIMEOUT)
    assert answer.status_code == 200
    assert field not in answer.text
    assert "oauth_token=" in answer.text


def test_a_cursor_can_repeat(practice: Practice) -> None:
    practice.server.faults.add(Kind.SAME_CURSOR, ACCOUNTS, times=0)
    session, cursors = practice.user("agency_ops"), [""]
    for _ in range(3):
        query = {"count": "10", "cursor": cursors[-1]} if cursors[-1] else {"count": "10"}
        body = session.get(practice.url(ACCOUNTS), params=query, timeout=TIMEOUT).json()
        assert len(body["data"]) == 10
        cursors.append(body["next_cursor"])
    assert cursors[1]
    assert cursors[1] == cursors[2] == cursors[3]


def test_latency_delays_and_ends_with_the_server(practice: Practice) -> None:
    faults = practice.server.faults
    faults.add(Kind.LATENCY, VERIFY, seconds=0.05)
    faults.add(Kind.LATENCY, VERIFY, seconds=0.05)
    started = time.monotonic()
    assert statuses(practice, VERIFY, 1) == [200]
    assert time.monotonic() - started >= 0.1
    faults.add(Kind.LATENCY, "/2/users/me", seconds=600.0)
    failed: list[bool] = []

    def ask() -> None:
        try:
            practice.user("contoso").get(practice.url("/2/users/me"), timeout=60)
            failed.append(False)
        except requests.ConnectionError:
            failed.append(True)

    waiting = threading.Thread(target=ask)
    waiting.start()
    deadline = time.monotonic() + TIMEOUT
    while not faults.hits("/2/users/me") and time.monotonic() < deadline:
        waiting.join(0.01)
    started = time.monotonic()
    practice.server.stop()
    waiting.join(TIMEOUT)
    assert not waiting.is_alive()
    assert time.monotonic() - started < 5


def test_the_clock_can_be_wrong(practice: Practice) -> None:
    practice.server.faults.skew = 420.0
    answer = practice.user("contoso").get(practice.url(VERIFY), timeout=TIMEOUT)
    assert answer.json()["errors"][0]["code"] == 135
    ahead = parsedate_to_datetime(answer.headers["date"]).timestamp() - time.time()
    assert 415 < ahead < 425
    token = practice.token("contoso")
    right = OAuth1(
        token.app.key, token.app.secret, token.token, token.secret,
        timestamp=str(int(time.time()) + 420),
    )  # fmt: skip
    answer = practice.plain().get(practice.url(VERIFY), auth=right, timeout=TIMEOUT)
    assert answer.status_code == 200


def test_facts_can_change(practice: Practice) -> None:
    faults, world = practice.server.faults, practice.server.world
    faults.limits.be_generous()
    contoso, session = practice.person("contoso"), practice.user("contoso")

    def names() -> set[str]:
        body = session.get(practice.url(ACCOUNTS), timeout=TIMEOUT).json()
        return {account["id"] for account in body["data"]}

    def access(index: int) -> list[str]:
        path = f"{ACCOUNTS}/{world.account_id(index)}/authenticated_user_access"
        body = session.get(practice.url(path), timeout=TIMEOUT).json()
        permissions: list[str] = body["data"]["permissions"] if "data" in body else ["refused"]
        return permissions

    before = names()
    faults.remove_access(contoso, world.account_id(3))
    faults.set_permissions(contoso, world.account_id(4), "ANALYST", "NEW_ROLE")
    faults.set_permissions(contoso, world.account_id(20), "AD_MANAGER")
    faults.delete_account(world.account_id(5))
    gone = {world.account_id(3), world.account_id(5)}
    assert names() == before - gone | {world.account_id(20)}
    assert access(3) == access(5) == ["refused"]
    assert access(4) == ["ANALYST", "NEW_ROLE"]
    assert access(20) == ["AD_MANAGER"]
    faults.suspend(contoso)
    assert session.get(practice.url(VERIFY), timeout=TIMEOUT).status_code == 403
    faults.unsuspend(contoso)
    faults.revoke(practice.app, contoso)
    assert session.get(practice.url(VERIFY), timeout=TIMEOUT).status_code == 401
    with pytest.raises(KeyError):
        faults.remove_access(contoso, "nothing")


def test_request_tokens_can_expire(practice: Practice) -> None:
    session = practice.request_token()
    practice.server.faults.expire_request_tokens()
    answer = practice.plain().get(practice.authorize_url(session), timeout=TIMEOUT)
    assert "Whoa there!" in answer.text


def test_the_control_address(practice: Practice) -> None:
    world = practice.server.world
    calls = {
        "generous": {},
        "limit": {"endpoint": "GET accounts", "limit": 7},
        "fault": {"kind": "error", "path": "/2/", "status": 503, "shape": "xml"},
        "permissions": {
            "screen_name": "contoso",
            "account_id": world.account_id(3),
            "permissions": ["ANALYST"],
        },
        "remove-access": {"screen_name": "contoso", "account_id": world.account_id(4)},
        "delete-account": {"account_id": world.account_id(5)},
        "suspend": {"screen_name": "contoso"},
        "unsuspend": {"screen_name": "contoso"},
        "revoke": {"screen_name": "northwind_ads", "key": practice.app.key},
        "expire-request-tokens": {},
        "pin": {"pin": "0000007"},
        "clear-journal": {},
    }
    for switch, body in calls.items():
        assert practice.control(switch, body).status_code == 200, switch
    assert statuses(practice, "/2/users/me", 2) == [503, 200]
    answer = practice.user("contoso").get(practice.url(ACCOUNTS), timeout=TIMEOUT)
    assert answer.headers["x-rate-limit-limit"] == "7"
    assert world.account_id(3) in answer.text
    assert world.account_id(4) not in answer.text
    assert practice.control("reset-limits").status_code == 200
    assert practice.control("skew", {"seconds": 400}).status_code == 200
    assert statuses(practice, VERIFY, 1) == [401]
    assert practice.control("clear").status_code == 200
    assert statuses(practice, VERIFY, 1) == [200]
    headers = {"X-Control-Token": CONTROL}
    address = practice.url("/_control/journal?prefix=/2/")
    journal = practice.plain().get(address, headers=headers, timeout=TIMEOUT).json()
    assert [entry["status"] for entry in journal] == [503, 200]


@pytest.mark.parametrize(
    ("switch", "body"),
    [
        ("fault", {"kind": "nonsense"}),
        ("fault", {"kind": "error", "nonsense": 1}),
        ("suspend", {"screen_name": "nobody"}),
        ("suspend", []),
        ("limit", {"endpoint": "nothing", "limit": 1}),
        ("skew", {"seconds": "soon"}),
    ],
)
def test_nonsense_at_the_control_address(practice: Practice, switch: str, body: object) -> None:
    assert practice.control(switch, body).status_code == 400


def test_the_control_address_is_locked_or_off(make_practice: MakePractice) -> None:
    locked, off = make_practice(), make_practice(control="")
    assert locked.plain().post(locked.url("/_control/clear"), timeout=TIMEOUT).status_code == 403
    assert locked.control("nothing").status_code == 404
    assert off.control("clear").status_code == 404
    assert off.control("clear").json()["errors"][0]["code"] == 34
