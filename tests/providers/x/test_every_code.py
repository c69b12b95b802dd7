"""Every code that X's documents list, from a server that answers with it, and what is said then.

Sources: X's table of response codes, the OAuth reference, "Error codes and responses" of the Ads
API; what is marked so was seen in the field only.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import pytest

from adwarden.domain.errors import AdwardenError, ErrorCode
from adwarden.practice.faults import Kind, Shape
from tests.providers.x.conftest import Bench

CALL, REQUEST, ACCESS = "/12/accounts", "/oauth/request_token", "/oauth/access_token"


class Refusal(NamedTuple):
    """What X answers to a step, and what people read then."""

    path: str
    status: int
    code: str
    shape: Shape
    means: ErrorCode
    title: str


OAUTH = (
    Refusal(REQUEST, 401, "32", Shape.JSON, ErrorCode.APP_KEYS, "not accepted"),
    Refusal(CALL, 401, "32", Shape.JSON, ErrorCode.APP_KEYS, "keys and token"),
    Refusal(CALL, 404, "34", Shape.JSON, ErrorCode.UNEXPECTED_ANSWER, "did not understand"),
    Refusal(CALL, 404, "50", Shape.JSON, ErrorCode.UNEXPECTED_ANSWER, "did not understand"),
    Refusal(CALL, 403, "63", Shape.JSON, ErrorCode.USER_SUSPENDED, "user is suspended"),
    Refusal(CALL, 403, "64", Shape.JSON, ErrorCode.USER_SUSPENDED, "user is suspended"),
    Refusal(CALL, 410, "68", Shape.JSON, ErrorCode.UNEXPECTED_ANSWER, "retired"),
    Refusal(CALL, 410, "251", Shape.JSON, ErrorCode.UNEXPECTED_ANSWER, "retired"),
    Refusal(CALL, 410, "", Shape.EMPTY, ErrorCode.UNEXPECTED_ANSWER, "retired"),
    Refusal(CALL, 403, "87", Shape.JSON, ErrorCode.NO_ACCESS, "Not part of this app's access"),
    Refusal(CALL, 429, "88", Shape.JSON, ErrorCode.RATE_LIMITED, "rate limit"),
    Refusal(CALL, 401, "89", Shape.JSON, ErrorCode.REVOKED, "authorization has ended"),
    Refusal(CALL, 403, "89", Shape.JSON, ErrorCode.REVOKED, "authorization has ended"),
    Refusal(ACCESS, 401, "89", Shape.JSON, ErrorCode.REQUEST_EXPIRED, "attempt has expired"),
    Refusal(CALL, 403, "92", Shape.JSON, ErrorCode.UNEXPECTED_ANSWER, "encrypted requests only"),
    Refusal(CALL, 403, "93", Shape.JSON, ErrorCode.NO_ACCESS, "refused the request"),
    Refusal(CALL, 403, "99", Shape.JSON, ErrorCode.APP_KEYS, "keys and token"),
    Refusal(REQUEST, 403, "99", Shape.JSON, ErrorCode.APP_KEYS, "not accepted"),
    Refusal(CALL, 503, "130", Shape.JSON, ErrorCode.SERVER, "over capacity"),
    Refusal(CALL, 500, "131", Shape.JSON, ErrorCode.SERVER, "problem of its own"),
    Refusal(REQUEST, 401, "135", Shape.JSON, ErrorCode.CLOCK, "clock is wrong"),
    Refusal(CALL, 401, "135", Shape.JSON, ErrorCode.CLOCK, "clock is wrong"),
    Refusal(CALL, 400, "215", Shape.JSON, ErrorCode.APP_KEYS, "keys and token"),
    Refusal(CALL, 403, "220", Shape.JSON, ErrorCode.NO_ACCESS, "Not part of this app's access"),
    Refusal(CALL, 403, "226", Shape.JSON, ErrorCode.DENIED, "automated"),
    Refusal(CALL, 403, "261", Shape.JSON, ErrorCode.APP_READ_ONLY, "may only read"),
    Refusal(CALL, 403, "326", Shape.JSON, ErrorCode.USER_LOCKED, "user is locked"),
    Refusal(REQUEST, 403, "415", Shape.XML, ErrorCode.CALLBACK, "does not allow the PIN"),
    Refusal(REQUEST, 401, "416", Shape.JSON, ErrorCode.APP_SUSPENDED, "app is suspended"),
    Refusal(CALL, 401, "416", Shape.JSON, ErrorCode.APP_SUSPENDED, "app is suspended"),
    Refusal(REQUEST, 401, "417", Shape.XML, ErrorCode.CALLBACK, "no callback URL"),
    Refusal(CALL, 403, "453", Shape.JSON, ErrorCode.NO_ACCESS, "Not part of this app's access"),
    # Seen in the field.
    Refusal(CALL, 402, "", Shape.EMPTY, ErrorCode.APP_NOT_ENROLLED, "be paid"),
)

ADS = tuple(
    Refusal(CALL, status, code, Shape.ADS, means, title)
    for status, code, means, title in (
        (401, "UNAUTHORIZED_ACCESS", ErrorCode.REVOKED, "does not accept this token"),
        (403, "UNAUTHORIZED_CLIENT_APPLICATION", ErrorCode.APP_NOT_APPROVED, "not approved"),
        (403, "READONLY_CLIENT_APPLICATION", ErrorCode.ADS_READ_ONLY, "may only read"),
        (403, "ACCOUNT_NOT_FOUND", ErrorCode.NO_ACCESS, "No access to this ad account"),
        (403, "USER_NOT_FOUND", ErrorCode.NO_ACCESS, "No access to this ad account"),
        (403, "CURRENT_USER_SUSPENDED", ErrorCode.USER_SUSPENDED, "user is suspended"),
        (403, "ACCOUNT_LOCKED_OUT", ErrorCode.USER_LOCKED, "user is locked"),
        (403, "ACTION_NOT_ALLOWED", ErrorCode.NO_ACCESS, "No access to this ad account"),
        (404, "NOT_FOUND", ErrorCode.UNEXPECTED_ANSWER, "did not understand"),
        (404, "ROUTE_NOT_FOUND", ErrorCode.UNEXPECTED_ANSWER, "did not understand"),
        (404, "PROMOTABLE_USER_NOT_FOUND", ErrorCode.UNEXPECTED_ANSWER, "did not understand"),
        (400, "INVALID_PARAMETER", ErrorCode.UNEXPECTED_ANSWER, "did not understand"),
        (400, "MISSING_PARAMETER", ErrorCode.UNEXPECTED_ANSWER, "did not understand"),
        (400, "FEATURE_NOT_AVAILABLE", ErrorCode.UNEXPECTED_ANSWER, "did not understand"),
        (400, "INVALID_ACCOUNT_SERVICE_LEVEL", ErrorCode.UNEXPECTED_ANSWER, "did not understand"),
        (405, "METHOD_NOT_ALLOWED", ErrorCode.UNEXPECTED_ANSWER, "did not understand"),
        (408, "CANCELLED_REQUEST", ErrorCode.SERVER, "problem of its own"),
        (423, "LOCK_ACQUISITION_TIMEOUT", ErrorCode.SERVER, "problem of its own"),
        (429, "TOO_MANY_REQUESTS", ErrorCode.RATE_LIMITED, "rate limit"),
        (500, "INTERNAL_ERROR", ErrorCode.SERVER, "problem of its own"),
        (503, "SERVICE_UNAVAILABLE", ErrorCode.SERVER, "problem of its own"),
        (503, "OVER_CAPACITY", ErrorCode.SERVER, "problem of its own"),
    )
)

PROBLEMS = (
    (
        '{"title":"Client Forbidden","reason":"client-not-enrolled","status":403,'
        '"type":"https://api.x.com/2/problems/client-forbidden"}',
        ErrorCode.APP_NOT_ENROLLED,
        "not enrolled",
    ),
    (
        '{"title":"Client Forbidden","status":403,'
        '"type":"https://api.x.com/2/problems/client-forbidden"}',
        ErrorCode.APP_NOT_ENROLLED,
        "not enrolled",
    ),
    (
        '{"title":"Forbidden","status":403,'
        '"type":"https://api.x.com/2/problems/oauth1-permissions"}',
        ErrorCode.APP_READ_ONLY,
        "token may only read",
    ),
)


def _asked(bench: Bench, path: str) -> AdwardenError:
    """Do the step that the server refuses; a good answer fails the test."""
    if path == CALL:
        user = bench.connect("contoso")[1]
        return _refused(lambda: bench.provider.accounts(bench.app, user))
    if path == ACCESS:
        return _refused(lambda: bench.connect("contoso"))
    return _refused(lambda: bench.provider.begin(bench.app))


def _refused(call: Callable[[], object]) -> AdwardenError:
    with pytest.raises(AdwardenError) as caught:
        call()
    return caught.value


@pytest.mark.parametrize("one", [*OAUTH, *ADS], ids=lambda one: f"{one.path[1:]}-{one.code}")
def test_every_code_of_the_documents_is_said_in_words(bench: Bench, one: Refusal) -> None:
    bench.server.faults.add(
        Kind.ERROR, one.path, times=0, status=one.status, shape=one.shape, code=one.code
    )
    error = _asked(bench, one.path)
    assert error.code is one.means
    assert one.title in error.title
    assert error.message
    assert error.remedy


@pytest.mark.parametrize(("body", "means", "title"), PROBLEMS)
def test_every_problem_of_the_second_version_is_said_in_words(
    bench: Bench, body: str, means: ErrorCode, title: str
) -> None:
    bench.server.faults.add(
        Kind.BODY, CALL, status=403, text=body, content_type="application/problem+json"
    )
    error = _asked(bench, CALL)
    assert error.code is means
    assert title in error.title
    assert error.remedy
