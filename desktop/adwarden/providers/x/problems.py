"""X's refusals, in whichever of their shapes, turned into words and a remedy.

X's own text is never shown: it can repeat what was sent, and some of it is HTML.
"""

from __future__ import annotations

import re
import time
from email.utils import parsedate_to_datetime
from enum import Enum

import msgspec

from adwarden.domain.data import dataclass
from adwarden.domain.errors import (
    AdwardenError,
    AuthorizationError,
    ErrorCode,
    NetworkError,
    OverCapacityError,
    RateLimitedError,
    ServerError,
)
from adwarden.providers.http import Answer
from adwarden.providers.x.headers import is_number, retry_after
from adwarden.providers.x.words import WORDS, said

# <error code="415">…</error> and the older <hash><error>…</error></hash>. Two flat elements are
# all there ever is, so no XML parser (and none of its entity expansion) is let near the network.
_XML_ERROR = re.compile(r"<error(?:\s+code=[\"'](\d+)[\"'])?\s*>(.*?)</error>", re.DOTALL)
_HEADER_CODE = re.compile(r"api_error_code=(\d+)")

_CODE_OF_TEXT = (
    ("oauth_verifier", "verifier"),
    ("request token", "request-token"),
    ("only support the oauth_callback value", "417"),
    ("callback url not approved", "415"),
    ("timestamp out of bounds", "135"),
    ("could not authenticate", "32"),
    ("invalid or expired token", "89"),
    ("rate limit exceeded", "88"),
)


class Step(Enum):
    """What was being done; the same code means different things at different steps."""

    REQUEST_TOKEN = "request token"  # noqa: S105 - the name of a step
    ACCESS_TOKEN = "access token"  # noqa: S105
    CALL = "call"


@dataclass(frozen=True, slots=True)
class Problem:
    """A refusal as read: HTTP status, and X's code as text (empty when it gave none)."""

    status: int
    code: str
    skew: float
    """Seconds by which this computer's clock is ahead of the server's; negative is slow."""
    resets_at: float
    """Unix seconds at which a limit or a pause ends by the headers, 0 when they do not say."""

    @property
    def detail(self) -> str:
        """The technical part, free of anything X repeated."""
        return f"HTTP {self.status}" + (f", code {self.code}" if self.code else "")


class _JsonError(msgspec.Struct):
    code: str | int = ""
    message: str = ""


class _JsonBody(msgspec.Struct):
    errors: list[_JsonError] = []
    error: str = ""
    reason: str = ""
    type: str = ""
    title: str = ""


def read_problem(answer: Answer, *, now: float | None = None) -> Problem:
    """Read a refusal of any of X's shapes; never raises, whatever the body holds."""
    now = time.time() if now is None else now
    return Problem(answer.status, _code(answer), _skew(answer, now), _resets_at(answer, now))


def refusal(answer: Answer, step: Step, *, now: float | None = None) -> AdwardenError:
    """Return the error that ``answer`` stands for, in words for a person."""
    problem = read_problem(answer, now=now)
    if 300 <= problem.status < 400:
        return NetworkError(
            ErrorCode.UNEXPECTED_ANSWER,
            "The server sent us elsewhere",
            "The answer was a redirect. It was not followed, because the signature would have "
            "been handed to another host. A network that asks to sign in first (hotel, airport) "
            "does this.",
            "Open any page in your browser to see whether the network wants something, then try "
            "again; if it stays, check the API address in the settings.",
            detail=problem.detail,
        )
    if problem.status == 503 and problem.resets_at:
        return _over_capacity(problem)
    by_code = _by_code(problem, step)
    if by_code is not None:
        return by_code
    if _is_somebody_else(answer, step):
        return NetworkError(
            ErrorCode.UNEXPECTED_ANSWER,
            "Somebody other than X has answered",
            "The answer asks for a sign-in, but is not X's: perhaps a proxy or a network's page.",
            "Open a page in your browser to see what the network wants, then try again.",
            detail=problem.detail,
        )
    return _by_status(problem, step)


def _is_somebody_else(answer: Answer, step: Step) -> bool:
    """Tell whether a refusal comes from a proxy or a hotel, which knows nothing of tokens."""
    start = answer.body.strip()[:500].lower()
    if step is Step.CALL:
        return answer.status == 401 and start[:1] not in (b"", b"{")  # X refuses in JSON
    # Keys are refused in JSON, XML or plain text, but never with a page to look at.
    is_page = start.startswith(b"<!doctype html") or b"<html" in start
    return step is Step.REQUEST_TOKEN and answer.status in (401, 403) and is_page


def _code(answer: Answer) -> str:
    text = answer.text[:20_000]
    code = _json_code(text) or _xml_code(text)
    if not code:
        header = _HEADER_CODE.search(answer.headers.get("www-authenticate", ""))
        code = header.group(1) if header else ""
    if not code and "<html" not in text[:500].lower():
        code = _text_code(text)
    return code


def _json_code(text: str) -> str:
    try:
        body = msgspec.json.decode(text, type=_JsonBody)
    except (msgspec.DecodeError, UnicodeError):
        return ""
    if body.errors:
        first = body.errors[0]
        return str(first.code) or _text_code(first.message)
    return body.reason or body.type.rsplit("/", 1)[-1] or _text_code(body.error or body.title)


def _xml_code(text: str) -> str:
    found = _XML_ERROR.search(text)
    if found is None:
        return ""
    return found.group(1) or _text_code(found.group(2))


def _text_code(text: str) -> str:
    lowered = text.lower()
    return next((code for part, code in _CODE_OF_TEXT if part in lowered), "")


def _skew(answer: Answer, now: float) -> float:
    try:
        return now - parsedate_to_datetime(answer.headers.get("date", "")).timestamp()
    except (ValueError, TypeError, OverflowError):
        return 0.0


def _resets_at(answer: Answer, now: float) -> float:
    for name in ("x-account-rate-limit-reset", "x-rate-limit-reset"):
        value = answer.headers.get(name, "")
        if answer.status != 503 and is_number(value):
            return float(value)
    after = retry_after(answer.headers, now)
    return now + after if after else 0.0


def _by_code(problem: Problem, step: Step) -> AdwardenError | None:
    code, detail = problem.code, problem.detail
    # A request signed with a wrong clock is refused with 32 as well as with 135.
    if code == "135" or (code == "32" and abs(problem.skew) > 300):
        return _clock(problem)
    if code == "verifier":
        return AuthorizationError(
            ErrorCode.PIN_WRONG,
            "X did not accept this PIN",
            "The PIN was wrong or had been used before. X ends the attempt then.",
            "Authorize once more and use the new PIN.",
            detail=detail,
        )
    if code == "request-token" or (code == "89" and step is Step.ACCESS_TOKEN):
        return AuthorizationError(
            ErrorCode.REQUEST_EXPIRED,
            "This attempt has expired",
            "X no longer knows the request it belongs to.",
            "Authorize once more and use the new PIN.",
            detail=detail,
        )
    if code in ("32", "215", "99") and step is Step.CALL:
        return AuthorizationError(
            ErrorCode.APP_KEYS,
            "X did not accept the keys and token",
            "The token and the X app's keys do not fit together any more; the API keys may have "
            "been regenerated.",
            "Check the app's keys in the developer console, then reconnect.",
            detail=detail,
        )
    if code in ("", "88") and problem.status == 429:
        return None
    return said(code, detail) if code in WORDS else None


def _over_capacity(problem: Problem) -> AdwardenError:
    return OverCapacityError(
        "X is over capacity",
        "The server cannot take requests right now, and says when it can again.",
        "It goes on then; nothing is lost.",
        resets_at=problem.resets_at,
        detail=problem.detail,
    )


def _clock(problem: Problem) -> AdwardenError:
    seconds = round(abs(problem.skew))
    minutes = round(seconds / 60)
    way = "fast" if problem.skew > 0 else "slow"
    if seconds < 5:
        message = "X says that the time of the request is out of bounds."
    elif minutes < 2:
        message = f"The clock of this computer is {seconds} seconds {way}"
    else:
        message = f"The clock of this computer is {minutes} minutes {way} ({seconds:,} seconds)"
    if not message.endswith("."):
        message += ", and X refuses requests with a wrong time."
    return AuthorizationError(
        ErrorCode.CLOCK,
        "The clock is wrong",
        message,
        "Set the clock (best: by the network) and try again.",
        detail=problem.detail,
    )


def _by_status(problem: Problem, step: Step) -> AdwardenError:
    status, detail = problem.status, problem.detail
    if status == 429:
        return RateLimitedError(
            "X's rate limit is reached",
            "No more requests of this kind are allowed for now.",
            "Wait until the limit is reset; nothing is lost.",
            resets_at=problem.resets_at,
            detail=detail,
        )
    if status in (402, 410):
        return said(str(status), detail)
    if status >= 500 or status in (408, 423):
        # The two others are X's own, too: it took too long, or was busy with the same thing.
        return ServerError(
            ErrorCode.SERVER,
            "X has a problem of its own",
            f"The server answered with an error ({status}).",
            "Try again in a few minutes.",
            detail=detail,
        )
    if step is Step.ACCESS_TOKEN and status in (400, 401, 403):
        # X answers a wrong PIN in more than one way, and each of them ends the attempt.
        return AuthorizationError(
            ErrorCode.PIN_WRONG,
            "X did not accept this PIN",
            "X refused the exchange. A PIN works once, and a refused one ends the attempt.",
            "Authorize once more and use the new PIN.",
            detail=detail,
        )
    if step is Step.REQUEST_TOKEN and status in (400, 401, 403):
        return said("32", detail)
    if status == 401:
        return said("89", detail)
    if status == 403:
        return AuthorizationError(
            ErrorCode.NO_ACCESS,
            "X refused the request",
            "This token may not do that.",
            "Check the permissions of the user and of the X app.",
            detail=detail,
        )
    return ServerError(
        ErrorCode.UNEXPECTED_ANSWER,
        "X did not understand the request",
        f"The server answered with an unexpected status ({status}).",
        "Check the addresses and the API version in the settings.",
        detail=detail,
    )
