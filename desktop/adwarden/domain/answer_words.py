"""An answer of a server in words: its status, its rate limits, and its body to look at."""

from __future__ import annotations

import math
from datetime import datetime
from enum import Enum

from adwarden.domain.data import dataclass
from adwarden.domain.model import RateWindow
from adwarden.domain.shown import visible

LONGEST_SHOWN = 2 * 1024 * 1024
"""Characters of a body that are shown; a window can hardly scroll more."""

_STATUS = {
    200: "It worked.",
    201: "It was made.",
    202: "It was taken, and will be done.",
    204: "It worked, and there is nothing to show.",
    400: "X did not understand the request.",
    401: "X did not accept the signature or the token.",
    402: "X wants to be paid for this.",
    403: "X knows who asks, and refuses.",
    404: "There is nothing under this path.",
    405: "This path does not take this method.",
    408: "It took X too long.",
    410: "X has retired this call.",
    423: "X is busy with the same thing.",
    429: "The rate limit is reached.",
    500: "X has a problem of its own.",
    503: "X cannot take requests right now.",
}
_KINDS = {
    2: "It worked.",
    3: "The server sent us elsewhere; that was not followed.",
    4: "X refused the request.",
    5: "X has a problem of its own.",
}


class Kind(Enum):
    """What a body is."""

    EMPTY = "empty"
    JSON = "JSON"
    PAGE = "a web page"
    TEXT = "text"
    BINARY = "binary data"


@dataclass(frozen=True, slots=True)
class Body:
    """A body to look at: JSON indented, other text as it came, of binary data its size alone.

    ``cut`` tells that not all of it is there; ``size`` is what came, in bytes.
    """

    kind: Kind
    text: str
    size: int
    cut: bool = False


def status_words(status: int) -> str:
    """Return what a status means, as one sentence."""
    return _STATUS.get(status) or _KINDS.get(status // 100, "That is no status that X documents.")


def limit_words(
    token: RateWindow | None, account: RateWindow | None, *, now: float, pause: float = 0.0
) -> tuple[str, ...]:
    """Return what X told of its rate limits; the ad account's counts where there are both.

    ``now`` is in Unix seconds, ``pause`` what the server asks to wait, in seconds.
    """
    words = []
    if account is not None:
        words.append(f"This ad account: {_window(account, now)}")
    if token is not None:
        more = " The ad account’s is the one that counts." if account is not None else ""
        words.append(f"This token: {_window(token, now)}{more}")
    if pause > 0:
        words.append(f"X asks to wait {_span(pause)}.")
    return tuple(words) or ("X told nothing of a rate limit.",)


def _window(window: RateWindow, now: float) -> str:
    left = f"{window.remaining:,}" if window.remaining else "none"
    rest = window.resets_at - now
    if rest <= 0:
        return f"{left} of {window.limit:,} requests left; it begins anew now."
    # The full minute after it: what is said to be possible then must be.
    at = datetime.fromtimestamp(math.ceil(window.resets_at / 60) * 60)
    return f"{left} of {window.limit:,} requests left; all again at {at:%H:%M}, in {_span(rest)}."


def _span(seconds: float) -> str:
    whole = math.ceil(seconds)
    if whole < 100:
        return f"{whole} second{'s' if whole != 1 else ''}"
    return f"{math.ceil(whole / 60)} minutes"


def read_body(body: bytes, *, cut: bool = False) -> Body:
    """Make a body fit to look at; never raises, whatever it is. Takes a while for megabytes."""
    size = len(body)
    if not body.strip():
        return Body(Kind.EMPTY, "", size, cut)
    if _is_binary(body, cut=cut):
        return Body(Kind.BINARY, "", size, cut)
    text = body.decode("utf-8", "replace").removeprefix("\ufeff")
    start = text.lstrip()[:500].lower()
    if start.startswith(("<!doctype html", "<html")) or "<html" in start:
        kind = Kind.PAGE
    elif start[:1] in ("{", "[") and (pretty := _indented(text)):
        kind, text = Kind.JSON, pretty
    else:
        kind = Kind.TEXT
    shown = text[:LONGEST_SHOWN]
    lines = shown.replace("\r\n", "\n").split("\n")
    # Nothing in it may act: a name could turn the direction of what follows.
    return Body(kind, "\n".join(map(_line, lines)), size, cut or len(shown) < len(text))


def _line(line: str) -> str:
    return "\t".join(map(visible, line.split("\t")))


def _indented(text: str) -> str:
    """Return JSON indented, every value as it was written; empty where it is none."""
    import json

    import msgspec

    try:
        return msgspec.json.format(text, indent=2)
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        pass
    try:
        # Half a surrogate in one name is refused above, and should not hide that it is JSON.
        return json.dumps(json.loads(text, parse_constant=_refuse), indent=2)
    except (ValueError, RecursionError):
        return ""


def _refuse(constant: str) -> None:
    """Take NaN and its like for what they are: no JSON."""
    raise ValueError


def _is_binary(body: bytes, *, cut: bool) -> bool:
    if b"\0" in body:
        return True
    try:
        body.decode()
    except UnicodeDecodeError as error:
        # The end may have been cut off within a character; a few wrong ones do not make it binary.
        if cut and error.start >= len(body) - 3:
            return False
        wrong = body[:4_096].decode("utf-8", "replace").count("\ufffd")
        return wrong * 10 > len(body[:4_096])
    return False
