from __future__ import annotations

import ast
import asyncio
import json
import os
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from adwarden.domain.answer_words import Kind as BodyKind
from adwarden.domain.checks import Finding, Way
from adwarden.domain.errors import AdwardenError, ErrorCode, InputError, RateLimitedError
from adwarden.domain.model import Connection, ConnectionState
from adwarden.domain.secret import Secret
from adwarden.domain.tried import Part, Verdict
from adwarden.practice.faults import Kind
from adwarden.services.request_copies import as_curl, as_python, as_signed_curl
from adwarden.services.trying import Trying, Wish, plan_of
from tests.services.conftest import House, OpenHouse

HANDLE = "wingtip_toys"


def trying_of(house: House) -> Trying:
    return house.accounts.trying


async def connected(house: House, place: int = 0) -> Connection:
    return await house.connect(await house.add_app(place), HANDLE)


async def test_a_request_shows_what_came_of_it(open_house: OpenHouse) -> None:
    async with open_house() as house:
        one = await connected(house)
        wish = Wish(one.id, "/12/accounts?with_deleted=true", parameters=(("count", "2"),))
        outcome = await trying_of(house).send(wish)
        assert (outcome.status, outcome.line, outcome.worked) == (200, "200 OK", True)
        assert outcome.words == "It worked."
        assert outcome.problem is None
        assert outcome.ways == ()
        assert outcome.limits[0].startswith("This token: 4 of 5 requests left; all again at ")
        assert outcome.body.kind is BodyKind.JSON
        assert outcome.body.text.startswith('{\n  "request": {')
        assert "This token may read and write." in outcome.remarks
        assert outcome.milliseconds >= 0
        assert dict(outcome.headers)["x-current-api-version"] == "12"
        (asked,) = house.server.journal.entries("/12/accounts")
        assert asked.query == {"with_deleted": "true", "count": "2"}


async def test_the_ad_account_takes_its_place(open_house: OpenHouse) -> None:
    async with open_house() as house:
        one = await connected(house)
        trying = trying_of(house)
        found = json.loads((await trying.send(Wish(one.id, "accounts"))).body.text)
        account = found["data"][0]["id"]
        path = "accounts/:account_id/authenticated_user_access"
        outcome = await trying.send(Wish(one.id, path, account))
        assert outcome.worked
        assert account in outcome.explained.url
        with pytest.raises(InputError) as caught:
            await trying.send(Wish(one.id, path))
        assert caught.value.field == "account"


async def test_a_change_is_sent_only_when_it_is_unlocked_for_this_one_use(
    open_house: OpenHouse,
) -> None:
    async with open_house() as house:
        one = await connected(house)
        trying = trying_of(house)
        wish = Wish(one.id, "accounts", method="POST")
        for _ in range(2):
            with pytest.raises(InputError) as caught:
                await trying.send(wish)
            assert caught.value.field == "method"
            asked = len(house.server.journal.entries("/12/accounts", method="POST"))
            outcome = await trying.send(wish, unlocked=True)
            assert outcome.status == 405
            assert len(house.server.journal.entries("/12/accounts", method="POST")) == asked + 1
        with pytest.raises(InputError):
            await trying.send(replace(wish, method="BREW"), unlocked=True)


async def test_a_dead_token_is_explained_and_noted(open_house: OpenHouse) -> None:
    async with open_house() as house:
        one = await connected(house)
        app = house.server.world.apps[0]
        person = next(p for p in house.server.world.people if p.screen_name == HANDLE)
        house.server.faults.revoke(app, person)
        outcome = await trying_of(house).send(Wish(one.id, "accounts"))
        assert outcome.status == 401
        assert outcome.words == "X did not accept the signature or the token."
        assert outcome.problem is not None
        assert outcome.problem.code is ErrorCode.REVOKED
        assert outcome.finding is Finding.REVOKED
        assert outcome.ways == (Way.RECONNECT,)
        assert not outcome.worked
        assert house.accounts.roster.connection(one.id).state is ConnectionState.REVOKED


async def test_what_an_unknown_path_meets_says_nothing_of_the_connection(
    open_house: OpenHouse,
) -> None:
    async with open_house() as house:
        one = await connected(house)
        for path in ("accounts/a/b/c", "2/tweets"):
            house.server.faults.add(Kind.ERROR, "/", status=401, code="89", times=1)
            outcome = await trying_of(house).send(Wish(one.id, path))
            assert outcome.status == 401
        assert house.accounts.roster.connection(one.id).state is one.state


async def test_code_32_leads_to_the_comparison_of_signatures(open_house: OpenHouse) -> None:
    async with open_house() as house:
        one = await connected(house)
        house.server.faults.add(Kind.ERROR, "/12/accounts", status=401, code="32")
        outcome = await trying_of(house).send(Wish(one.id, "accounts"))
        assert outcome.about_signature
        assert Way.KEYS in outcome.ways


async def test_a_used_up_limit_is_said_before_anything_is_sent(open_house: OpenHouse) -> None:
    async with open_house() as house:
        one = await connected(house)
        trying = trying_of(house)
        for _ in range(5):
            assert (await trying.send(Wish(one.id, "accounts"))).worked
        with pytest.raises(RateLimitedError, match="Nothing was sent"):
            await trying.send(Wish(one.id, "accounts"))
        assert len(house.server.journal.entries("/12/accounts")) == 5
        # The others of the same token do not wait for it.
        assert (await trying.send(Wish(one.id, "1.1/account/verify_credentials.json"))).worked


@pytest.mark.parametrize(
    ("kind", "rule", "body"),
    [
        (Kind.HTML, {"status": 502}, BodyKind.PAGE),
        (Kind.CUT_JSON, {}, BodyKind.TEXT),
        (Kind.BODY, {"status": 200, "text": "oauth_problem", "content_type": "text/plain"},
         BodyKind.TEXT),
        (Kind.BODY, {"status": 200, "text": "\0\1\2", "content_type": "image/png"},
         BodyKind.BINARY),
        (Kind.BODY, {"status": 500, "text": ""}, BodyKind.EMPTY),
    ],
)  # fmt: skip
async def test_whatever_comes_is_shown(
    open_house: OpenHouse, kind: Kind, rule: dict[str, object], body: BodyKind
) -> None:
    async with open_house() as house:
        one = await connected(house)
        house.server.faults.add(kind, "/12/accounts", **rule)
        outcome = await trying_of(house).send(Wish(one.id, "accounts"))
        assert outcome.body.kind is body
        assert outcome.words


async def test_no_connection_and_no_keys_are_errors(open_house: OpenHouse) -> None:
    async with open_house() as house:
        one = await connected(house)
        trying = trying_of(house)
        with pytest.raises(AdwardenError) as caught:
            await trying.send(Wish("nobody", "accounts"))
        assert caught.value.code is ErrorCode.NOT_FOUND
        house.server.faults.add(Kind.DROP, "/12/accounts")
        with pytest.raises(AdwardenError) as caught:
            await trying.send(Wish(one.id, "accounts"))
        assert caught.value.code is ErrorCode.NO_NETWORK


async def test_a_foreign_header_is_compared_without_being_sent(open_house: OpenHouse) -> None:
    async with open_house() as house:
        one = await connected(house)
        trying, wish = trying_of(house), Wish(one.id, "accounts", parameters=(("q", "a b"),))
        before = len(house.server.journal.entries())
        explained = await trying.explain(wish)
        found = await trying.compare(wish, explained.header)
        assert found.verdict is Verdict.RIGHT
        damaged = explained.header.unwrap().replace('oauth_version="1.0"', 'oauth_version="2.0"')
        found = await trying.compare(wish, Secret(damaged))
        assert Part.VERSION in {one.part for one in found.differences}
        assert len(house.server.journal.entries()) == before


async def test_nothing_that_is_shown_has_a_secret(open_house: OpenHouse) -> None:
    async with open_house() as house:
        one = await connected(house)
        trying, wish = trying_of(house), Wish(one.id, "accounts", parameters=(("q", "a b"),))
        outcome = await trying.send(wish)
        token = outcome.explained.header.unwrap().partition('oauth_token="')[2].partition('"')[0]
        app = house.server.world.apps[0]
        assert token.startswith(f"{one.user_id}-")
        shown = [
            repr(outcome),
            repr(outcome.explained.masked),
            as_curl(outcome.explained),
            as_python(outcome.explained),
            repr(as_signed_curl(outcome.explained)),
            (await trying.compare(wish, Secret(f'OAuth oauth_token="{app.secret}"'))).text,
        ]
        for text in shown:
            for secret in (token, app.key, app.secret):
                assert secret not in text


def ran(command: list[str], **variables: str) -> str:
    """Run a program to its end, and return what it printed."""
    done = subprocess.run(
        command, env={**os.environ, **variables}, capture_output=True, text=True, check=True,
        timeout=60,
    )  # fmt: skip
    return done.stdout


async def test_the_copies_work(open_house: OpenHouse, tmp_path: Path) -> None:
    """The program gets its keys as the child of another program does; curl is sent as it is."""
    async with open_house() as house:
        one = await connected(house)
        trying = trying_of(house)
        wish = Wish(one.id, "accounts", parameters=(("q", 'it\'s "a" $b'), ("count", "2")))
        program = as_python(await trying.explain(wish))
        ast.parse(program)
        path = tmp_path / "copied.py"
        path.write_text(program)
        app = house.server.world.apps[0]
        held = await house.keychain.get(one.entry, f"@{HANDLE}")
        names = {
            "NO_PROXY": "127.0.0.1",
            "X_API_KEY": app.key,
            "X_API_SECRET": app.secret,
            "X_ACCESS_TOKEN": held.secrets["token"].unwrap(),
            "X_ACCESS_TOKEN_SECRET": held.secrets["secret"].unwrap(),
        }
        printed = await asyncio.to_thread(ran, [sys.executable, str(path)], **names)
        assert printed.startswith("200 OK")
        if shutil.which("curl") is None:
            pytest.skip("there is no curl here")
        command = as_signed_curl(await trying.explain(wish)).unwrap()
        shell = ["sh", "-c", f"{command.rstrip()} --silent --noproxy '*'"]
        printed = await asyncio.to_thread(ran, shell)
        assert json.loads(printed)["request"]["params"]["count"] == 2
        asked = house.server.journal.entries("/12/accounts")
        assert [entry.query["q"] for entry in asked] == ['it\'s "a" $b'] * 2
        assert all(entry.signed for entry in asked)


@pytest.mark.parametrize(
    ("path", "endpoint", "account"),
    [
        ("accounts", "GET accounts", ""),
        ("accounts/:account_id", "GET accounts/:account_id", "abc1"),
        ("accounts/xyz9", "GET accounts/:account_id", "xyz9"),
        ("11/accounts/:account_id/features", "GET features", "abc1"),
        ("accounts/xyz9/campaigns/8wku2", "GET campaigns/:campaign_id", "xyz9"),
        ("accounts/xyz9/cards/all", "GET cards/all", "xyz9"),
        ("stats/accounts/:account_id", "GET stats/accounts/:account_id", "abc1"),
        ("1.1/account/verify_credentials.json", "GET verify_credentials", ""),
        ("2/users", "GET users", ""),
        ("2/users/123/tweets", "GET 2/users/:id/tweets", ""),
        ("unheard/of/x9", "GET unheard/of/:id", ""),
    ],
)
def test_limits_are_counted_by_what_they_are_of(path: str, endpoint: str, account: str) -> None:
    wanted = plan_of(Wish("c", path, "abc1")).wanted
    assert (wanted.endpoint, wanted.account_id) == (endpoint, account)


@pytest.mark.parametrize(
    ("wish", "words"),
    [
        (Wish("c", "accounts/a1/targeting_criteria"), "line_item_ids"),
        (Wish("c", "2/users/me"), "may charge"),
        (Wish("c", "unheard/of"), "not among those"),
        (Wish("c", "accounts", method="DELETE"), "no way back"),
        (Wish("c", "accounts?q=a&q=b"), "twice"),
    ],
)
def test_what_there_is_to_know_before_is_said_before(wish: Wish, words: str) -> None:
    assert any(words in remark for remark in plan_of(wish).remarks)
    assert plan_of(Wish("c", "accounts")).remarks == ()
