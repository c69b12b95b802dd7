from __future__ import annotations

import json
import re
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler

import pytest

from adwarden.domain.errors import ErrorCode, InputError, NetworkError, RateLimitedError
from adwarden.domain.model import Credential
from adwarden.domain.secret import MASK, Secret
from adwarden.domain.tried import Verdict, Wanted
from adwarden.practice.faults import Kind, Shape
from adwarden.providers.http import Answer, HttpClient
from adwarden.providers.x import trying
from adwarden.providers.x.limits import Limits
from adwarden.providers.x.provider import XProvider
from adwarden.providers.x.tried_words import meaning
from tests.fakes.other_x import KEY, PIN, SECRET, OtherX
from tests.providers.test_http import Reply, Server, plain
from tests.providers.x.conftest import Bench, credential_of

ACCOUNTS = Wanted("accounts", "GET accounts")


def connected(bench: Bench) -> Credential:
    person = next(one for one in bench.server.world.people if not one.suspended)
    return bench.connect(person.screen_name)[1]


def test_a_request_is_signed_so_that_it_is_let_in_whatever_its_parameters(bench: Bench) -> None:
    user = connected(bench)
    parameters = (("q", "Ünï cöde + %41 a:b,c&d=e~"), ("count", "7"), ("with_deleted", "true"))
    tried = bench.provider.trying().send(
        bench.app, user, Wanted("accounts", "GET accounts", parameters=parameters)
    )
    assert (tried.status, tried.reason, tried.problem) == (200, "OK", None)
    assert tried.body.startswith(b'{"request"')
    assert tried.milliseconds > 0
    assert not tried.cut
    (entry,) = bench.server.journal.entries("/12/accounts")
    assert entry.query == dict(parameters)
    assert entry.signed
    # What is shown is what was sent.
    assert tried.explained.url.endswith(
        "/12/accounts?q=%C3%9Cn%C3%AF%20c%C3%B6de%20%2B%20%2541%20a%3Ab%2Cc%26d%3De~&count=7"
        "&with_deleted=true"
    )
    assert "oauth_signature=" in tried.explained.header.unwrap()


def test_it_counts_with_the_other_calls(bench: Bench) -> None:
    user = connected(bench)
    tried = bench.provider.trying().send(bench.app, user, ACCOUNTS)
    assert tried.token is not None
    assert (tried.token.limit, tried.token.remaining) == (5, 4)
    bench.provider.accounts(bench.app, user)
    assert bench.told[-1].window.remaining == 3
    for _ in range(3):
        bench.provider.trying().send(bench.app, user, ACCOUNTS)
    asked = len(bench.server.journal.entries("/12/accounts"))
    with pytest.raises(RateLimitedError):
        bench.provider.trying().send(bench.app, user, ACCOUNTS)
    with pytest.raises(RateLimitedError):
        bench.provider.accounts(bench.app, user)
    assert len(bench.server.journal.entries("/12/accounts")) == asked == 5


def test_an_ad_accounts_own_limit_is_told(bench: Bench) -> None:
    user = connected(bench)
    account = bench.provider.accounts(bench.app, user).items[0]
    wanted = Wanted(
        f"accounts/{account.id}/authenticated_user_access",
        "GET authenticated_user_access",
        account.id,
    )
    tried = bench.provider.trying().send(bench.app, user, wanted)
    assert tried.status == 200
    assert tried.token is not None or tried.account is not None
    assert any(known.endpoint == "GET authenticated_user_access" for known in bench.told)


def test_the_other_host_and_other_versions_are_reached(bench: Bench) -> None:
    user = connected(bench)
    bench_trying = bench.provider.trying()
    verify = Wanted("account/verify_credentials.json", "GET verify_credentials", version="1.1")
    assert bench_trying.send(bench.app, user, verify).status == 200
    old = bench_trying.send(bench.app, user, Wanted("accounts", "GET accounts", version="11"))
    assert old.header("x-api-warn")


@pytest.mark.parametrize(
    ("wanted", "status", "code", "words"),
    [
        (Wanted("accounts/zzz9/campaigns", "GET campaigns", "zzz9"), 404, ErrorCode.NOT_FOUND,
         "no such path"),
        (Wanted("nothing", "GET nothing"), 404, ErrorCode.NOT_FOUND, "no such path"),
        (Wanted("accounts", "GET accounts", version="99"), 404, ErrorCode.NOT_FOUND, "path"),
        (Wanted("accounts", "POST accounts", method="POST"), 405, ErrorCode.INPUT, "method"),
        (Wanted("accounts", "DELETE accounts", method="DELETE"), 405, ErrorCode.INPUT, "method"),
    ],
)  # fmt: skip
def test_a_refusal_is_an_answer_with_words(
    bench: Bench, wanted: Wanted, status: int, code: ErrorCode, words: str
) -> None:
    tried = bench.provider.trying().send(bench.app, connected(bench), wanted)
    assert tried.status == status
    assert tried.problem is not None
    assert tried.problem.code is code
    assert words in tried.problem.title
    assert tried.problem.remedy


def test_wrong_secrets_and_a_dead_token_are_answers(bench: Bench) -> None:
    user = connected(bench)
    secrets = {"token": user.secrets["token"], "secret": Secret("wrong" * 9)}
    wrong = Credential("x-oauth1-token", secrets, user.facts)
    tried = bench.provider.trying().send(bench.app, wrong, ACCOUNTS)
    assert tried.status == 401
    assert tried.problem is not None
    assert tried.problem.code in (ErrorCode.APP_KEYS, ErrorCode.REVOKED)
    foreign = bench.provider.trying().send(credential_of("A" * 25, "B" * 50), user, ACCOUNTS)
    assert foreign.status == 401


@pytest.mark.parametrize(
    ("rule", "status", "code"),
    [
        ({"kind": Kind.ERROR, "status": 400, "shape": Shape.ADS, "code": "INVALID_PARAMETER"},
         400, ErrorCode.INPUT),
        ({"kind": Kind.ERROR, "status": 400, "shape": Shape.ADS, "code": "MISSING_PARAMETER"},
         400, ErrorCode.INPUT),
        ({"kind": Kind.ERROR, "status": 400, "shape": Shape.ADS, "code": "FEATURE_NOT_AVAILABLE"},
         400, ErrorCode.NO_ACCESS),
        ({"kind": Kind.ERROR, "status": 400, "shape": Shape.EMPTY}, 400, ErrorCode.INPUT),
        ({"kind": Kind.ERROR, "status": 401, "code": "32"}, 401, ErrorCode.APP_KEYS),
        ({"kind": Kind.ERROR, "status": 401, "code": "135"}, 401, ErrorCode.CLOCK),
        ({"kind": Kind.ERROR, "status": 429, "shape": Shape.EMPTY}, 429, ErrorCode.RATE_LIMITED),
        ({"kind": Kind.ERROR, "status": 503, "headers": {"retry-after": "7"}}, 503,
         ErrorCode.SERVER),
        ({"kind": Kind.HTML, "status": 502}, 502, ErrorCode.SERVER),
        ({"kind": Kind.HTML, "status": 200}, 200, ErrorCode.UNEXPECTED_ANSWER),
        ({"kind": Kind.REDIRECT, "location": "https://evil.example/"}, 302,
         ErrorCode.UNEXPECTED_ANSWER),
    ],
)  # fmt: skip
def test_what_servers_do_instead_is_told(
    bench: Bench, rule: dict[str, object], status: int, code: ErrorCode
) -> None:
    user = connected(bench)
    kind = rule.pop("kind")
    assert isinstance(kind, Kind)
    bench.server.faults.add(kind, "/12/accounts", **rule)
    tried = bench.provider.trying().send(bench.app, user, ACCOUNTS)
    assert tried.status == status
    assert tried.problem is not None
    assert tried.problem.code is code
    if status == 503:
        assert tried.pause == 7


def test_half_an_answer_and_none_are_told_apart(bench: Bench) -> None:
    user = connected(bench)
    bench.server.faults.add(Kind.CUT_JSON, "/12/accounts")
    assert bench.provider.trying().send(bench.app, user, ACCOUNTS).status == 200
    for kind in (Kind.DROP, Kind.SHORT_BODY):
        bench.server.faults.add(kind, "/12/accounts")
        with pytest.raises(NetworkError):
            bench.provider.trying().send(bench.app, user, ACCOUNTS)


def test_a_server_that_is_not_there_is_no_answer(bench: Bench) -> None:
    user = connected(bench)
    bench.server.stop()
    with pytest.raises(NetworkError) as caught:
        bench.provider.trying().send(bench.app, user, ACCOUNTS)
    assert caught.value.code is ErrorCode.NO_NETWORK
    bench.server.start()


def served(*replies: Reply) -> tuple[Server, XProvider]:
    server = Server(*replies)
    url = f"http://127.0.0.1:{server.port}"
    limits = Limits(lambda known: None)
    return server, XProvider(HttpClient(), limits, api_url=url, ads_url=url)


APP = credential_of("key" * 8, "secret" * 8)
USER = Credential(
    "x-oauth1-token", {"token": Secret("123-" + "tok" * 12), "secret": Secret("owner" * 9)}
)


def test_of_a_huge_body_the_beginning_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trying, "MOST", 100_000)
    server, provider = served(plain(b"x" * 3_000_000), plain(b"y" * 100_000))
    try:
        cut = provider.trying().send(APP, USER, ACCOUNTS)
        whole = provider.trying().send(APP, USER, ACCOUNTS)
    finally:
        provider.close()
        server.stop()
    assert (cut.cut, len(cut.body)) == (True, 100_000)
    assert (whole.cut, len(whole.body)) == (False, 100_000)


def test_what_repeats_our_secrets_is_shown_without_them() -> None:
    values = [one.unwrap() for one in (*APP.secrets.values(), *USER.secrets.values())]

    def echo(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(200, "Fine")
        body = b"\xff\0" + " ".join(values).encode() + handler.headers["Authorization"].encode()
        handler.send_header("X-Echo", values[2])
        handler.send_header("Set-Cookie", "guest=1")
        handler.send_header("Content-Length", str(len(body)))
        handler.end_headers()
        handler.wfile.write(body)

    server, provider = served(echo)
    try:
        tried = provider.trying().send(APP, USER, ACCOUNTS)
    finally:
        provider.close()
        server.stop()
    assert tried.reason == "Fine"
    assert tried.header("x-echo") == MASK
    assert tried.header("set-cookie") == MASK
    assert tried.header("nothing") == ""
    for value in values:
        assert value.encode() not in tried.body
        assert value not in repr(tried)
    assert tried.body.startswith(b"\xff\0" + MASK.encode())


def test_a_parameter_is_named_only_where_it_is_known() -> None:
    def about(parameter: str) -> InputError:
        body = json.dumps({"errors": [{"code": "INVALID_PARAMETER", "parameter": parameter}]})
        found = meaning(Answer(400, {}, body.encode()), ACCOUNTS, now=0)
        assert isinstance(found, InputError)
        return found

    assert about("count").field == "count"
    assert "count has" in about("count").message
    assert about("evil words").field == ""
    assert "evil" not in str(about("evil words"))


@pytest.mark.parametrize(
    "body", [b"", b"null", b"[]", b'{"errors":{}}', b'{"errors":[1]}', b"\xff"]
)
@pytest.mark.parametrize("status", [301, 400, 401, 403, 404, 405, 408, 410, 418, 423, 500])
def test_every_refusal_means_something(status: int, body: bytes) -> None:
    found = meaning(Answer(status, {}, body), ACCOUNTS, now=0)
    assert found is not None
    assert found.title
    assert found.remedy


def test_our_own_header_is_right_when_it_is_pasted(make_bench: Callable[..., Bench]) -> None:
    bench = make_bench()
    user = connected(bench)
    wanted = Wanted("accounts", "GET accounts", parameters=(("q", "a b"),))
    sent = bench.provider.trying().send(bench.app, user, wanted).explained
    found = bench.provider.trying().compare(bench.app, user, wanted, sent.header)
    assert found.verdict is Verdict.RIGHT
    curl = Secret(f"curl '{sent.url}' -H 'Authorization: {sent.header.unwrap()}'")
    assert bench.provider.trying().compare(bench.app, user, wanted, curl).verdict is Verdict.RIGHT
    shown = bench.provider.trying().explain(bench.app, user, wanted)
    assert shown.url == sent.url
    assert re.sub(r"\d{9,}", "", shown.masked.header) == re.sub(r"\d{9,}", "", sent.masked.header)


def test_each_path_goes_to_its_own_host() -> None:
    """Against another implementation of the signature, with two hosts."""
    other = OtherX()
    try:
        provider = XProvider(
            HttpClient(), Limits(lambda known: None), api_url=other.api_url, ads_url=other.ads_url
        )
        app = credential_of(KEY, SECRET)
        request = provider.begin(app)
        user = provider.finish(app, request, PIN).credential
        wanted = Wanted("accounts", "GET accounts", parameters=(("q", "a+b c~*'"), ("q", "ü")))
        assert provider.trying().send(app, user, wanted).status == 200
        v1 = Wanted("account/settings.json", "GET settings", version="1.1")
        assert provider.trying().send(app, user, v1).explained.url.startswith(other.api_url)
        assert other.bad == []
        assert other.calls[-2:] == ["GET /12/accounts", "GET /1.1/account/settings.json"]
        wrong = Credential("x", {**user.secrets, "secret": Secret("wrong" * 9)}, user.facts)
        assert provider.trying().send(app, wrong, wanted).status == 401
        assert len(other.bad) == 1
        provider.close()
    finally:
        other.stop()
