from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adwarden.domain.errors import AdwardenError, ErrorCode
from adwarden.providers.http import Answer
from adwarden.providers.x.problems import Step, read_problem, refusal

FIXTURES = Path(__file__).parent / "fixtures"
STEPS = {"request_token": Step.REQUEST_TOKEN, "access_token": Step.ACCESS_TOKEN}

EXPECTED = {
    ("request_token", "32"): ErrorCode.APP_KEYS,
    ("access_token", "verifier"): ErrorCode.PIN_WRONG,
    ("any", "135"): ErrorCode.CLOCK,
    ("request_token", "415"): ErrorCode.CALLBACK,
    ("request_token", "417"): ErrorCode.CALLBACK,
    ("api", "89"): ErrorCode.REVOKED,
    ("api", "326"): ErrorCode.USER_LOCKED,
    ("api", "453"): ErrorCode.NO_ACCESS,
    ("oauth2/token", "99"): ErrorCode.APP_KEYS,
}

ADS_EXPECTED = {
    "UNAUTHORIZED_ACCESS": ErrorCode.REVOKED,
    "UNAUTHORIZED_CLIENT_APPLICATION": ErrorCode.APP_NOT_APPROVED,
    "INVALID_PARAMETER": ErrorCode.UNEXPECTED_ANSWER,
    "215": ErrorCode.APP_KEYS,
    "ACCOUNT_NOT_FOUND": ErrorCode.NO_ACCESS,
    "NOT_FOUND": ErrorCode.UNEXPECTED_ANSWER,
    "TOO_MANY_REQUESTS": ErrorCode.RATE_LIMITED,
    "88": ErrorCode.RATE_LIMITED,
    "OVER_CAPACITY": ErrorCode.SERVER,
    "": ErrorCode.UNEXPECTED_ANSWER,
}


def _oauth_cases() -> list[dict[str, object]]:
    found: list[dict[str, object]] = json.loads((FIXTURES / "oauth1_errors.json").read_text())
    return found


def _ads_cases() -> list[dict[str, object]]:
    found: list[dict[str, object]] = json.loads((FIXTURES / "ads_errors.json").read_text())
    return found


@pytest.mark.parametrize("case", _oauth_cases(), ids=lambda case: str(case["meaning"]))
def test_every_recorded_refusal_of_oauth_is_understood(case: dict[str, object]) -> None:
    headers = case.get("headers", {})
    assert isinstance(headers, dict)
    answer = Answer(int(str(case["http"])), headers, str(case["body_text"]).encode())
    problem = read_problem(answer)
    step = str(case["step"])
    error = refusal(answer, STEPS.get(step, Step.CALL))
    assert error.code is EXPECTED[(step, problem.code)]
    assert error.title
    assert error.message
    assert error.remedy
    assert str(case["body_text"]) not in str(error)


@pytest.mark.parametrize("case", _ads_cases(), ids=lambda case: str(case["src"])[:40])
def test_every_documented_refusal_of_the_ads_api_is_understood(case: dict[str, object]) -> None:
    body = case.get("body_text") or json.dumps(case.get("body"))
    headers = case.get("headers", {})
    assert isinstance(headers, dict)
    answer = Answer(int(str(case["http"])), headers, str(body).encode())
    problem = read_problem(answer)
    error = refusal(answer, Step.CALL)
    assert error.code is ADS_EXPECTED[problem.code]
    assert error.remedy


def test_the_code_may_be_in_the_header_alone() -> None:
    headers = {"www-authenticate": 'OAuth realm="https://api.x.com", api_error_code=416'}
    error = refusal(Answer(401, headers, b""), Step.REQUEST_TOKEN)
    assert error.code is ErrorCode.APP_SUSPENDED


def test_code_32_with_a_clock_far_off_is_about_the_clock() -> None:
    headers = {"date": "Sun, 26 Apr 2020 00:31:11 GMT"}
    answer = Answer(401, headers, b'{"errors":[{"code":32,"message":"Could not authenticate"}]}')
    error = refusal(answer, Step.REQUEST_TOKEN, now=1587861071 - 600)
    assert error.code is ErrorCode.CLOCK
    assert "10 minutes slow (600 seconds)" in error.message


@pytest.mark.parametrize(
    ("skew", "words"),
    [
        (432, "7 minutes fast (432 seconds), and X"),
        (-45_000, "750 minutes slow (45,000 seconds), and X"),
        (-80, "80 seconds slow, and X"),
        (2, "the time of the request is out of bounds"),
    ],
)
def test_a_wrong_clock_is_told_in_seconds(skew: int, words: str) -> None:
    headers = {"date": "Sun, 26 Apr 2020 00:31:11 GMT"}
    answer = Answer(401, headers, b'{"errors":[{"code":135,"message":"Timestamp out of bounds"}]}')
    assert words in refusal(answer, Step.CALL, now=1587861071 + skew).message


@pytest.mark.parametrize(
    "body", [b"<html><body>Sign in</body></html>", b"  \n<!doctype html>", b"Unauthorized"]
)
def test_a_401_that_is_not_x_s_own_says_nothing_of_the_token(body: bytes) -> None:
    error = refusal(Answer(401, {"content-type": "text/html"}, body), Step.CALL)
    assert error.code is ErrorCode.UNEXPECTED_ANSWER
    assert "Sign in" not in str(error)


@pytest.mark.parametrize("body", [b"", b"{}", b'{"errors":[{"code":89}]}'])
def test_a_401_of_x_is_about_the_token(body: bytes) -> None:
    assert refusal(Answer(401, {}, body), Step.CALL).code is ErrorCode.REVOKED


def test_retry_after_says_when_it_goes_on() -> None:
    problem = read_problem(Answer(503, {"retry-after": "30"}, b""), now=1_000.0)
    assert problem.resets_at == 1_030.0


@given(
    status=st.sampled_from([200, 302, 400, 401, 403, 404, 418, 429, 500, 503]),
    body=st.binary(max_size=300),
    date=st.text(max_size=40),
    step=st.sampled_from(list(Step)),
)
def test_no_body_whatsoever_breaks_the_reading(
    status: int, body: bytes, date: str, step: Step
) -> None:
    error = refusal(Answer(status, {"date": date, "retry-after": date}, body), step)
    assert isinstance(error, AdwardenError)
    assert error.title


@given(
    st.recursive(
        st.none() | st.integers() | st.text(),
        lambda inner: (
            st.lists(inner)
            | (
                st.dictionaries(
                    st.sampled_from(["errors", "error", "code", "message", "type"]), inner
                )
            )
        ),
        max_leaves=8,
    )
)
def test_no_json_whatsoever_breaks_the_reading(value: object) -> None:
    answer = Answer(403, {}, json.dumps(value).encode())
    assert refusal(answer, Step.CALL).title


@pytest.mark.parametrize("status", [401, 403])
def test_a_page_of_the_network_says_nothing_of_the_keys(status: int) -> None:
    page = Answer(status, {"content-type": "text/html"}, b" <!DOCTYPE html><html>Sign in</html>")
    assert refusal(page, Step.REQUEST_TOKEN).code is ErrorCode.UNEXPECTED_ANSWER
    text = Answer(status, {"content-type": "text/html"}, b"Failed to validate oauth signature")
    assert refusal(text, Step.REQUEST_TOKEN).code is ErrorCode.APP_KEYS


def test_a_redirect_names_the_network_that_asks_to_sign_in() -> None:
    error = refusal(Answer(302, {"location": "http://portal.example/login"}, b""), Step.CALL)
    assert error.code is ErrorCode.UNEXPECTED_ANSWER
    assert "asks to sign in first" in error.message
    assert "in your browser" in error.remedy
    assert "portal" not in str(error)
