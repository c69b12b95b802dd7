"""Tokens are given out and taken back as X does it, and every signature is checked."""

from __future__ import annotations

import base64
import json
import re
from typing import Any
from urllib.parse import parse_qsl, quote

import pytest
import requests
from requests_oauthlib import OAuth1, OAuth1Session

from adwarden.practice.nonces import CLOCK_TOLERANCE, Nonces
from adwarden.practice.people import AppKind, PracticeApp
from adwarden.practice.tokens import REQUEST_TOKEN_LIFE
from adwarden.practice.world import World
from tests.fakes.person import authorize
from tests.practice.conftest import FIXTURES, TIMEOUT, Clock, MakePractice, Practice, signing

REQUEST = "/oauth/request_token"
ACCESS = "/oauth/access_token"
VERIFY = "/1.1/account/verify_credentials.json"


def recorded(name: str) -> dict[str, Any]:
    answer: dict[str, Any] = json.loads((FIXTURES / name).read_text())["response"]
    return answer


def kind_of(world: World, kind: AppKind) -> PracticeApp:
    return next(app for app in world.apps if app.kind is kind)


def test_a_request_token_has_the_recorded_shape(practice: Practice) -> None:
    session = practice.session(practice.app.key, practice.app.secret, callback_uri="oob")
    answer = session.post(practice.url(REQUEST), timeout=TIMEOUT)
    real = recorded("recorded_request_token_200.json")
    assert answer.status_code == real["http"]
    assert answer.headers["content-type"] == real["headers"]["content-type"]
    fields, expected = dict(parse_qsl(answer.text)), dict(parse_qsl(real["body_text"]))
    assert list(fields) == list(expected)
    assert {k: len(v) for k, v in fields.items()} == {k: len(v) for k, v in expected.items()}
    assert fields["oauth_callback_confirmed"] == "true"


def test_a_wrong_secret_is_answered_as_recorded(practice: Practice) -> None:
    session = practice.session(practice.app.key, "x" * 50, callback_uri="oob")
    answer = session.post(practice.url(REQUEST), timeout=TIMEOUT)
    real = recorded("recorded_request_token_401.json")
    assert answer.status_code == real["http"]
    assert answer.text == real["body_text"]
    assert answer.headers["www-authenticate"] == real["headers"]["www-authenticate"]


@pytest.mark.parametrize(
    ("kind", "callback", "status", "text"),
    [
        (AppKind.CALLBACK_ONLY, "oob", 403, '<error code="415">Callback URL not approved'),
        (AppKind.READY, "https://evil.example/cb", 403, '<error code="415">Callback URL not'),
        (AppKind.READY, "http://127.0.0.1/\r\nx: y", 403, '<error code="415">'),
        (AppKind.PIN_ONLY, "http://127.0.0.1:1/cb", 401, '<error code="417">Desktop applic'),
        (AppKind.SUSPENDED, "oob", 401, '"code":416'),
    ],
)
def test_apps_that_may_not(
    practice: Practice, kind: AppKind, callback: str, status: int, text: str
) -> None:
    app = kind_of(practice.server.world, kind)
    session = practice.session(app.key, app.secret, callback_uri=callback)
    answer = session.post(practice.url(REQUEST), timeout=TIMEOUT)
    assert answer.status_code == status
    assert text in answer.text
    wrong = practice.session(app.key, "w" * 50, callback_uri=callback)
    answer = wrong.post(practice.url(REQUEST), timeout=TIMEOUT)
    assert answer.json()["errors"][0]["code"] == 32, "the signature counts first"


def test_the_callback_is_required(practice: Practice) -> None:
    session = practice.session(practice.app.key, practice.app.secret)
    answer = session.post(practice.url(REQUEST), timeout=TIMEOUT)
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["code"] == 215


def test_an_unknown_key(practice: Practice) -> None:
    session = practice.session("k" * 25, practice.app.secret, callback_uri="oob")
    answer = session.post(practice.url(REQUEST), timeout=TIMEOUT)
    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (401, 32)


def test_the_whole_pin_flow(practice: Practice) -> None:
    session = practice.request_token()
    pin = authorize(practice.authorize_url(session, force_login="true"), "northwind_ads")
    assert re.fullmatch(r"[0-9]{7}", pin)
    signing(session).verifier = pin
    answer = session.post(practice.url(ACCESS), timeout=TIMEOUT)
    fields = dict(parse_qsl(answer.text))
    person = practice.person("northwind_ads")
    assert answer.headers["content-type"] == "text/html;charset=utf-8"
    assert fields["user_id"] == person.user_id
    assert fields["screen_name"] == "northwind_ads"
    assert re.fullmatch(rf"{person.user_id}-[0-9A-Za-z]{{40}}", fields["oauth_token"])
    assert re.fullmatch(r"[0-9A-Za-z]{45}", fields["oauth_token_secret"])


def test_a_pin_may_begin_with_zeros(practice: Practice) -> None:
    practice.server.faults.next_pin("0001234")
    session = practice.request_token()
    assert authorize(practice.authorize_url(session), "contoso") == "0001234"
    found = session.fetch_access_token(practice.url(ACCESS), verifier="0001234", timeout=TIMEOUT)
    assert found["screen_name"] == "contoso"


def test_a_wrong_pin_burns_the_request_token(practice: Practice) -> None:
    session = practice.request_token()
    pin = authorize(practice.authorize_url(session), "contoso")
    signing(session).verifier = "0000000" if pin != "0000000" else "1111111"
    answer = session.post(practice.url(ACCESS), timeout=TIMEOUT)
    real = recorded("recorded_access_token_401.json")
    assert (answer.status_code, answer.text) == (real["http"], real["body_text"])
    assert answer.headers["content-type"] == real["headers"]["content-type"]
    assert answer.headers["www-authenticate"] == real["headers"]["www-authenticate"]
    signing(session).verifier = pin
    again = session.post(practice.url(ACCESS), timeout=TIMEOUT)
    assert again.status_code == 401
    assert "<hash><error>" in again.text


def test_a_badly_signed_exchange_burns_nothing(practice: Practice) -> None:
    session = practice.request_token()
    pin = authorize(practice.authorize_url(session), "contoso")
    keys = signing(session)
    forged = practice.session(
        practice.app.key, practice.app.secret, keys.resource_owner_key, "w" * 32, verifier="1"
    )
    assert forged.post(practice.url(ACCESS), timeout=TIMEOUT).json()["errors"][0]["code"] == 32
    found = session.fetch_access_token(practice.url(ACCESS), verifier=pin, timeout=TIMEOUT)
    assert found["screen_name"] == "contoso"


def test_a_pin_is_used_once(practice: Practice) -> None:
    session = practice.request_token()
    pin = authorize(practice.authorize_url(session), "contoso")
    keys = signing(session)
    token, secret = keys.resource_owner_key, keys.resource_owner_secret
    session.fetch_access_token(practice.url(ACCESS), verifier=pin, timeout=TIMEOUT)
    second = practice.session(practice.app.key, practice.app.secret, token, secret, verifier=pin)
    assert second.post(practice.url(ACCESS), timeout=TIMEOUT).status_code == 401


def test_a_request_token_grows_old(make_practice: MakePractice) -> None:
    clock = Clock()
    practice = make_practice(clock=clock)
    app = practice.app

    def post(path: str, token: str = "", secret: str = "", pin: str = "") -> requests.Response:
        auth = OAuth1(
            app.key,
            app.secret,
            token or None,
            secret or None,
            callback_uri="oob",
            verifier=pin or None,
            timestamp=str(int(clock.now)),
        )
        return practice.plain().post(practice.url(path), auth=auth, timeout=TIMEOUT)

    fields = dict(parse_qsl(post(REQUEST).text))
    url = practice.url(f"/oauth/authorize?oauth_token={fields['oauth_token']}")
    pin = authorize(url, "contoso")
    clock.now += REQUEST_TOKEN_LIFE + 1
    answer = post(ACCESS, fields["oauth_token"], fields["oauth_token_secret"], pin)
    assert answer.status_code == 401
    assert "Whoa there!" in practice.plain().get(url, timeout=TIMEOUT).text


def access_of(session: OAuth1Session) -> str:
    return str(signing(session).resource_owner_key)


def test_authorizing_again_gives_the_same_token_until_it_is_revoked(practice: Practice) -> None:
    first, second = practice.connect("contoso"), practice.connect("contoso")
    assert access_of(first) == access_of(second)
    answer = first.post(practice.url("/1.1/oauth/invalidate_token.json"), timeout=TIMEOUT)
    assert answer.json() == {"access_token": access_of(first)}
    dead = second.get(practice.url(VERIFY), timeout=TIMEOUT)
    assert dead.status_code == 401
    error = {"errors": [{"code": 89, "message": "Invalid or expired token."}]}
    assert dead.json() == error
    third = practice.connect("contoso")
    assert access_of(third) != access_of(first)
    assert third.get(practice.url(VERIFY), timeout=TIMEOUT).status_code == 200


def test_a_token_lives_through_a_restart(make_practice: MakePractice) -> None:
    first = make_practice(seed=3)
    session = first.connect("northwind_ads")
    first.server.stop()
    second = make_practice(seed=3)
    assert session.get(second.url(VERIFY), timeout=TIMEOUT).status_code == 200
    other = make_practice(seed=4)
    assert session.get(other.url(VERIFY), timeout=TIMEOUT).status_code == 401


def test_every_app_has_its_own_token(practice: Practice) -> None:
    world = practice.server.world
    tokens = {practice.token("contoso", app).token for app in world.apps}
    assert len(tokens) == len(world.apps)
    token = practice.token("contoso", world.apps[1])
    mixed = practice.session(practice.app.key, practice.app.secret, token.token, token.secret)
    assert mixed.get(practice.url(VERIFY), timeout=TIMEOUT).status_code == 401


def test_a_replayed_nonce_is_refused(practice: Practice) -> None:
    auth = practice.signer("contoso", nonce="used-once")
    session = practice.plain()
    first = session.get(practice.url(VERIFY), auth=auth, timeout=TIMEOUT)
    second = session.get(practice.url(VERIFY), auth=auth, timeout=TIMEOUT)
    assert (first.status_code, second.status_code) == (200, 401)
    assert second.json()["errors"][0]["code"] == 32
    fresh = [entry.nonce_fresh for entry in practice.server.journal.entries(VERIFY)]
    assert fresh == [True, False]


@pytest.mark.parametrize("off", [-CLOCK_TOLERANCE - 2, CLOCK_TOLERANCE + 2])
@pytest.mark.parametrize("path", [VERIFY, "/12/accounts"])
def test_a_clock_that_is_off_is_told(make_practice: MakePractice, off: int, path: str) -> None:
    clock = Clock()
    practice = make_practice(clock=clock)
    auth = practice.signer("contoso", timestamp=str(int(clock.now) + off))
    answer = practice.plain().get(practice.url(path), auth=auth, timeout=TIMEOUT)
    assert answer.status_code == 401
    assert answer.json() == {"errors": [{"code": 135, "message": "Timestamp out of bounds"}]}
    auth = practice.signer("contoso", timestamp=str(int(clock.now) + off // 2))
    answer = practice.plain().get(practice.url(path), auth=auth, timeout=TIMEOUT)
    assert answer.status_code == 200


@pytest.mark.parametrize(
    "header",
    ["", "OAuth", "OAuth oauth_token=", 'OAuth oauth_consumer_key="a",oauth_consumer_key="b"',
     "Bearer x", "Basic !!", 'OAuth oauth_timestamp="soon"', "OAuth %%%=,,,"],
)  # fmt: skip
def test_a_header_that_is_no_signature(practice: Practice, header: str) -> None:
    for path in (VERIFY, "/12/accounts"):
        answer = practice.plain().get(
            practice.url(path), headers={"Authorization": header}, timeout=TIMEOUT
        )
        assert answer.status_code == 400
        assert answer.json()["errors"][0]["code"] == 215


def test_a_changed_query_breaks_the_signature(practice: Practice) -> None:
    token = practice.token("contoso")
    auth = OAuth1(token.app.key, token.app.secret, token.token, token.secret)
    session = practice.plain()
    signed = session.prepare_request(
        requests.Request("GET", practice.url("/12/accounts?count=2"), auth=auth)
    )
    assert signed.url is not None
    signed.url = signed.url.replace("count=2", "count=3")
    answer = session.send(signed, timeout=TIMEOUT)
    assert answer.status_code == 401
    assert answer.json()["errors"][0]["code"] == "UNAUTHORIZED_ACCESS"


def test_a_form_body_is_part_of_the_signature(practice: Practice) -> None:
    session = practice.session(practice.app.key, practice.app.secret, callback_uri="oob")
    body = {"x_auth_access_type": "read"}
    answer = session.post(practice.url(REQUEST), data=body, timeout=TIMEOUT)
    fields = dict(parse_qsl(answer.text))
    pin = authorize(
        practice.url(f"/oauth/authorize?oauth_token={fields['oauth_token']}"), "contoso"
    )
    second = practice.session(
        practice.app.key,
        practice.app.secret,
        fields["oauth_token"],
        fields["oauth_token_secret"],
        verifier=pin,
    )
    second.fetch_access_token(practice.url(ACCESS), timeout=TIMEOUT)
    answer = second.get(practice.url(VERIFY), timeout=TIMEOUT)
    assert answer.headers["x-access-level"] == "read", "the app asked for less than it may"


def basic(key: str, secret: str) -> dict[str, str]:
    pair = f"{quote(key)}:{quote(secret)}".encode()
    return {"Authorization": "Basic " + base64.b64encode(pair).decode()}


def test_the_bearer_token(practice: Practice) -> None:
    app, session = practice.app, practice.plain()
    headers = basic(app.key, app.secret)

    def ask() -> str:
        answer = session.post(
            practice.url("/oauth2/token"),
            data={"grant_type": "client_credentials"},
            headers=headers,
            timeout=TIMEOUT,
        ).json()
        assert answer["token_type"] == "bearer"
        return str(answer["access_token"])

    first = ask()
    assert first.startswith("A" * 20)
    assert len(first) >= 104
    assert "%2F" in first
    assert "%3D" in first
    assert ask() == first
    lookup = practice.url(f"/2/users?ids={practice.person('contoso').user_id}")
    bearer = {"Authorization": f"Bearer {first}"}
    assert session.get(lookup, headers=bearer, timeout=TIMEOUT).status_code == 200
    accounts = session.get(practice.url("/12/accounts"), headers=bearer, timeout=TIMEOUT)
    assert accounts.status_code == 400, "the Ads API needs a user"
    answer = session.post(
        practice.url("/oauth2/invalidate_token"),
        data=f"access_token={first}",
        headers={**headers, "Content-Type": "application/x-www-form-urlencoded"},
        timeout=TIMEOUT,
    )
    assert answer.json() == {"access_token": first}
    assert session.get(lookup, headers=bearer, timeout=TIMEOUT).status_code == 401
    assert ask() != first


def test_wrong_keys_get_no_bearer_token(practice: Practice) -> None:
    answer = practice.plain().post(
        practice.url("/oauth2/token"),
        data={"grant_type": "client_credentials"},
        headers=basic(practice.app.key, "nonsense"),
        timeout=TIMEOUT,
    )
    documented = next(
        case
        for case in json.loads((FIXTURES / "oauth1_errors.json").read_text())
        if case["step"] == "oauth2/token"
    )
    assert answer.status_code == documented["http"]
    assert answer.json() == json.loads(documented["body_text"])


def test_nonces_are_bounded() -> None:
    nonces = Nonces(most=100)
    assert all(nonces.take("app", f"n{i}", 1000.0) for i in range(1000))
    assert len(nonces) == 100
    assert not nonces.take("app", "n999", 1000.0)
    assert nonces.take("other", "n999", 1000.0)
    assert nonces.take("app", "late", 1000.0 + 3 * CLOCK_TOLERANCE)
    assert len(nonces) == 1, "what the timestamp refuses need not be remembered"
