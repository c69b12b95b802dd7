"""What a refusal means to a person who wrote the request by hand.

Refusals of keys, token, app and user have the words they have everywhere; what is added is about
the request itself. Source: "Error codes and responses" of the X Ads API.
"""

from __future__ import annotations

from typing import Any

import msgspec

from adwarden.domain.errors import (
    AdwardenError,
    AuthorizationError,
    ErrorCode,
    InputError,
    NetworkError,
    NotFoundError,
)
from adwarden.domain.requests import catalog
from adwarden.domain.tried import Wanted
from adwarden.providers.http import Answer
from adwarden.providers.x.problems import Step, read_problem, refusal


class _Error(msgspec.Struct):
    code: Any = ""
    parameter: Any = ""


class _Errors(msgspec.Struct):
    errors: list[_Error] = []


_OF_REQUEST = {
    "INVALID_PARAMETER": (
        "X does not take a parameter",
        "has a value that X does not take",
        "Look at what the parameter takes; times are like 2026-05-26T07:00:00Z.",
    ),
    "MISSING_PARAMETER": (
        "A parameter is missing",
        "has to be there",
        "Fill in the parameters that are marked as required.",
    ),
    "UNKNOWN_PARAMETER": (
        "X does not know a parameter",
        "is not known here",
        "Take it away, or compare its name with the documentation of this path.",
    ),
}
_NOT_THERE = {
    "NOT_FOUND": (
        "X has not found it",
        "There is no such object in this ad account, or it was deleted.",
        "Compare the IDs; with with_deleted=true deleted objects are found as well.",
    ),
    "ROUTE_NOT_FOUND": (
        "X has no such path",
        "The path, or the version in front of it, is not one of the Ads API’s.",
        "Choose the path from the list, or compare it with the documentation.",
    ),
    "PROMOTABLE_USER_NOT_FOUND": (
        "X has not found this promotable user",
        "There is none with this ID in the ad account.",
        "List the ad account’s promotable users to see their IDs.",
    ),
}
_NOT_FOR_THIS_ACCOUNT = {"FEATURE_NOT_AVAILABLE", "INVALID_ACCOUNT_SERVICE_LEVEL"}


def meaning(answer: Answer, wanted: Wanted, *, now: float) -> AdwardenError | None:
    """Return what an answer means that is not what was asked for; ``None`` where it is."""
    if 200 <= answer.status < 300:
        return _page(answer)
    problem = read_problem(answer, now=now)
    code, detail = problem.code, problem.detail
    if code in _OF_REQUEST:
        return _of_parameter(code, answer, wanted, detail)
    if code in _NOT_THERE or answer.status == 404:
        return NotFoundError(
            ErrorCode.NOT_FOUND, *_NOT_THERE.get(code, _NOT_THERE["ROUTE_NOT_FOUND"]), detail=detail
        )
    if code in _NOT_FOR_THIS_ACCOUNT:
        return AuthorizationError(
            ErrorCode.NO_ACCESS,
            "Not open to this ad account",
            "X offers this to some ad accounts only.",
            "Ask for the ad account’s features to see what it has; X’s contact can open more.",
            detail=detail,
        )
    if code == "METHOD_NOT_ALLOWED" or answer.status == 405:
        return InputError(
            "This path does not take this method",
            f"X does not take {wanted.method} here.",
            "Try GET.",
            field="method",
            detail=detail,
        )
    if answer.status == 400 and code in ("", "BAD_REQUEST"):
        return InputError(
            "X did not understand the request",
            "The server does not say which part of it.",
            "Compare the parameters with the documentation of this path.",
            field="parameters",
            detail=detail,
        )
    return refusal(answer, Step.CALL, now=now)


def _of_parameter(code: str, answer: Answer, wanted: Wanted, detail: str) -> InputError:
    title, message, remedy = _OF_REQUEST[code]
    name = _parameter(answer, wanted)
    return InputError(
        title, f"{name or 'One of them'} {message}.", remedy, field=name, detail=detail
    )


def _parameter(answer: Answer, wanted: Wanted) -> str:
    """Return the name of the parameter that X blames, if it is one that is known or was sent."""
    try:
        found = msgspec.json.decode(answer.body, type=_Errors).errors
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        return ""
    name = found[0].parameter if found else ""
    known = {one.name for endpoint in catalog() for one in endpoint.parameters}
    sent = {name for name, _ in wanted.parameters}
    return name if isinstance(name, str) and name in known | sent else ""


def _page(answer: Answer) -> AdwardenError | None:
    if not answer.body.lstrip().startswith(b"<"):
        return None
    return NetworkError(
        ErrorCode.UNEXPECTED_ANSWER,
        "Somebody other than X may have answered",
        "A web page came back instead of data: perhaps a proxy’s or a network’s own.",
        "Open a page in your browser to see what the network wants, and check the addresses in "
        "the settings.",
        detail=f"HTTP {answer.status}",
    )
