"""The pages have X's structure, need no script, escape what they show, and say what they are."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from urllib.parse import parse_qsl, urlsplit

import pytest
import requests

from tests.fakes.person import _hidden, authorize
from tests.practice.conftest import TIMEOUT, MakePractice, Practice, signing

AUTHORIZE = "/oauth/authorize"


class Page(HTMLParser):
    """Collects the tags of a page with their attributes."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str]]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, {name: value or "" for name, value in attrs}))

    def all(self, tag: str) -> list[dict[str, str]]:
        return [attributes for name, attributes in self.tags if name == tag]

    def one(self, element_id: str) -> dict[str, str]:
        return next(a for _, a in self.tags if a.get("id") == element_id)


def steps(practice: Practice, handle: str, *, decision: str) -> list[requests.Response]:
    """Walk through all pages and return the answers."""
    url = practice.authorize_url(practice.request_token(), force_login="true")
    browser = practice.plain()
    answers = [browser.get(url, timeout=TIMEOUT)]
    for more in ({"session[username_or_email]": handle}, {decision: "true"}):
        fields = {**_hidden(answers[-1].text), **more}
        answers.append(browser.post(practice.url(AUTHORIZE), data=fields, timeout=TIMEOUT))
    return answers


@pytest.mark.parametrize("decision", ["allow", "cancel"])
def test_every_page_is_calm_and_safe(practice: Practice, decision: str) -> None:
    answers = steps(practice, "wingtip_toys", decision=decision)
    answers.append(practice.plain().get(practice.url(AUTHORIZE), timeout=TIMEOUT))
    answers.append(practice.plain().get(practice.url("/"), timeout=TIMEOUT))
    for answer in answers:
        assert "Practice server: nothing here is X" in answer.text
        assert answer.headers["cache-control"] == "no-store"
        policy = answer.headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "script-src 'none'" in policy
        assert "unsafe-inline" not in policy
        page = Page(answer.text)
        assert not page.all("script")
        assert not any(name.startswith("on") for _, a in page.tags for name in a)
        assert not any("style" in a for _, a in page.tags)
        assert not any(a.get("type") == "password" for a in page.all("input"))
        assert "<b>Wingtip</b>" not in answer.text, "names are escaped"
        labelled = {a["for"] for a in page.all("label")}
        asked = [a for a in page.all("input") if a.get("type") != "hidden"]
        assert all(a["id"] in labelled for a in asked)
        assert page.all("html") == [{"lang": "en"}]


def test_the_consent_form_has_the_fields_of_x(practice: Practice) -> None:
    page = Page(steps(practice, "contoso", decision="allow")[1].text)
    assert page.one("oauth_form")["action"] == AUTHORIZE
    names = {a["name"] for a in page.all("input") if a.get("type") == "hidden"}
    assert names == {"authenticity_token", "redirect_after_login", "oauth_token"}
    assert page.one("allow")["type"] == page.one("cancel")["type"] == "submit"


def test_the_pin_page_has_the_structure_of_x(practice: Practice) -> None:
    answer = steps(practice, "contoso", decision="allow")[2]
    assert answer.url == practice.url(AUTHORIZE)
    page = Page(answer.text)
    assert page.one("oauth_pin")
    assert page.one("code-desc")
    assert page.all("kbd") == [{"aria-labelledby": "code-desc"}]
    assert re.search(r'<kbd aria-labelledby="code-desc"><code>\d{7}</code></kbd>', answer.text)
    assert "process:" in answer.text


def test_an_unknown_handle_is_said_and_kept(practice: Practice) -> None:
    url = practice.authorize_url(practice.request_token())
    browser = practice.plain()
    fields = _hidden(browser.get(url, timeout=TIMEOUT).text)
    fields["session[username_or_email]"] = "<nobody>"
    answer = browser.post(practice.url(AUTHORIZE), data=fields, timeout=TIMEOUT)
    assert "There is no practice user “&lt;nobody&gt;”" in answer.text
    assert Page(answer.text).one("username_or_email")["value"] == "<nobody>"


def test_a_handle_may_be_typed_with_an_at_sign(practice: Practice) -> None:
    url = practice.authorize_url(practice.request_token())
    assert authorize(url, " @Contoso ")


def test_the_wanted_user_comes_first(practice: Practice) -> None:
    url = practice.authorize_url(practice.request_token(), screen_name="litware_jp")
    page = Page(practice.plain().get(url, timeout=TIMEOUT).text)
    handles = [a["data-handle"] for a in page.all("button") if "data-handle" in a]
    assert handles[0] == "litware_jp"
    assert len(handles) == len(practice.server.world.people)
    assert page.one("username_or_email")["value"] == "litware_jp"


def test_cancelling_ends_the_request(practice: Practice) -> None:
    session = practice.request_token()
    url = practice.authorize_url(session)
    assert authorize(url, "contoso", allow=False) == ""
    answer = practice.plain().get(url, timeout=TIMEOUT)
    assert answer.status_code == 403
    assert "Whoa there! The request token for this page is invalid" in answer.text


def test_a_used_or_unknown_request_token_is_refused(practice: Practice) -> None:
    url = practice.authorize_url(practice.request_token())
    assert authorize(url, "contoso")
    for address in (url, practice.url(AUTHORIZE), practice.url(AUTHORIZE + "?oauth_token=x")):
        assert "Whoa there!" in practice.plain().get(address, timeout=TIMEOUT).text


def test_a_foreign_form_cannot_allow(practice: Practice) -> None:
    session = practice.request_token()
    url = practice.authorize_url(session)
    fields = _hidden(practice.plain().get(url, timeout=TIMEOUT).text)
    fields |= {"authenticity_token": "é", "session[username_or_email]": "contoso"}
    answer = practice.plain().post(practice.url(AUTHORIZE), data=fields, timeout=TIMEOUT)
    assert answer.status_code == 403
    assert "Whoa there!" in answer.text


def test_allowing_without_signing_in_asks_who_it_is(practice: Practice) -> None:
    url = practice.authorize_url(practice.request_token())
    browser = practice.plain()
    fields = _hidden(browser.get(url, timeout=TIMEOUT).text) | {"allow": "true"}
    answer = browser.post(practice.url(AUTHORIZE), data=fields, timeout=TIMEOUT)
    assert Page(answer.text).one("sign_in_form")


def test_the_session_is_remembered_unless_a_login_is_forced(practice: Practice) -> None:
    browser = practice.plain()
    first = practice.authorize_url(practice.request_token())
    fields = _hidden(browser.get(first, timeout=TIMEOUT).text)
    fields["session[username_or_email]"] = "contoso"
    browser.post(practice.url(AUTHORIZE), data=fields, timeout=TIMEOUT)
    second = practice.authorize_url(practice.request_token())
    assert Page(browser.get(second, timeout=TIMEOUT).text).one("oauth_form")
    third = practice.authorize_url(practice.request_token(), force_login="true")
    assert Page(browser.get(third, timeout=TIMEOUT).text).one("sign_in_form")
    assert practice.plain().get(second, timeout=TIMEOUT).text.count("oauth_form") == 0


def test_authenticate_skips_the_question_when_it_was_answered(practice: Practice) -> None:
    browser = practice.plain()
    url = practice.authorize_url(practice.request_token())
    fields = _hidden(browser.get(url, timeout=TIMEOUT).text)
    fields["session[username_or_email]"] = "contoso"
    browser.post(practice.url(AUTHORIZE), data=fields, timeout=TIMEOUT)
    again = practice.authorize_url(practice.request_token()).replace("authorize", "authenticate")
    assert Page(browser.get(again, timeout=TIMEOUT).text).one("oauth_form")
    practice.connect("contoso")
    again = practice.authorize_url(practice.request_token()).replace("authorize", "authenticate")
    assert Page(browser.get(again, timeout=TIMEOUT).text).one("oauth_pin")


@pytest.mark.parametrize("decision", ["allow", "cancel"])
def test_a_callback_is_called(practice: Practice, decision: str) -> None:
    session = practice.request_token(callback="http://127.0.0.1:9/done?x=1")
    browser = practice.plain()
    fields = _hidden(browser.get(practice.authorize_url(session), timeout=TIMEOUT).text)
    fields["session[username_or_email]"] = "contoso"
    asked = browser.post(practice.url(AUTHORIZE), data=fields, timeout=TIMEOUT)
    assert "form-action 'self' http://127.0.0.1:9" in asked.headers["content-security-policy"]
    answer = browser.post(
        practice.url(AUTHORIZE),
        data={**_hidden(asked.text), decision: "true"},
        timeout=TIMEOUT,
        allow_redirects=False,
    )
    assert answer.status_code == 302
    target = urlsplit(answer.headers["location"])
    query = dict(parse_qsl(target.query))
    token = signing(session).resource_owner_key
    assert (target.netloc, target.path, query.pop("x")) == ("127.0.0.1:9", "/done", "1")
    if decision == "cancel":
        assert query == {"denied": token}
        return
    assert query["oauth_token"] == token
    found = session.fetch_access_token(
        practice.url("/oauth/access_token"), verifier=query["oauth_verifier"], timeout=TIMEOUT
    )
    assert found["screen_name"] == "contoso"


def test_the_front_page_shows_the_keys(make_practice: MakePractice) -> None:
    practice = make_practice()
    text = practice.plain().get(practice.url("/"), timeout=TIMEOUT).text
    assert all(app.key in text and app.secret in text for app in practice.server.world.apps)
    assert all(f"@{person.screen_name}" in text for person in practice.server.world.people)
