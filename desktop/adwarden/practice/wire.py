"""Requests, answers, and X's four shapes of an error body, without any server around them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from urllib.parse import parse_qsl
from xml.sax.saxutils import escape

JSON = "application/json;charset=utf-8"
FORM_TEXT = "text/html;charset=utf-8"
HTML = "text/html;charset=utf-8"
XML = "application/xml;charset=utf-8"
REALM = 'OAuth realm="https://api.x.com"'


@dataclass(slots=True)
class Trace:
    """What the journal notes of one request; filled in while it is answered."""

    app: str = ""
    user_id: str = ""
    signed: bool = False
    nonce_fresh: bool = False


@dataclass(frozen=True, slots=True)
class Request:
    """One request as it came; ``url`` is the one that was signed, ``headers`` in lower case."""

    method: str
    url: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes = b""
    trace: Trace = field(default_factory=Trace)

    def form(self) -> dict[str, str]:
        """Return the fields of a form body; empty when the body is something else."""
        try:
            return dict(parse_qsl(self.body.decode(), keep_blank_values=True))
        except (UnicodeDecodeError, ValueError):
            return {}

    def cookies(self) -> dict[str, str]:
        """Return the cookies that were sent."""
        pairs = (part.split("=", 1) for part in self.headers.get("cookie", "").split(";"))
        return {pair[0].strip(): pair[1].strip() for pair in pairs if len(pair) == 2}


@dataclass(frozen=True, slots=True)
class Response:
    """One answer; ``sent`` limits how many bytes of the body leave before the line is cut."""

    status: int
    body: bytes = b""
    content_type: str = JSON
    headers: Mapping[str, str] = field(default_factory=dict)
    sent: int | None = None
    dropped: bool = False

    def with_headers(self, headers: Mapping[str, str]) -> Response:
        """Return the same answer with further headers."""
        return replace(self, headers={**self.headers, **headers})


def encode(value: object) -> bytes:
    """Write JSON as the API does: short, UTF-8."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()


def answer_json(value: object, *, headers: Mapping[str, str] | None = None) -> Response:
    """Return a successful JSON answer."""
    return Response(200, encode(value), headers=headers or {})


def answer_text(status: int, text: str, *, headers: Mapping[str, str] | None = None) -> Response:
    """Return plain text, which X labels ``text/html`` on its token endpoints."""
    return Response(status, text.encode(), FORM_TEXT, headers or {})


def gateway_error(status: int, code: int, message: str, **more: str) -> Response:
    """Return the JSON shape with a numeric code."""
    headers = {"www-authenticate": f"{REALM}, api_error_code={code}"} if status == 401 else {}
    error = {"code": code, "message": message, **more}
    return Response(status, encode({"errors": [error]}), headers=headers)


def ads_error(
    status: int, code: str, message: str, params: Mapping[str, object] | None = None, **more: str
) -> Response:
    """Return the Ads API's JSON shape with a code in capitals."""
    error = {**more, "code": code, "message": message}
    body = {"errors": [error], "request": {"params": dict(params or {})}}
    return Response(status, encode(body))


def xml_errors(status: int, code: int, message: str) -> Response:
    """Return the XML shape ``errors``/``error`` with a code attribute."""
    text = (
        "<?xml version='1.0' encoding='UTF-8'?><errors>"
        f'<error code="{code}">{escape(message)}</error></errors>'
    )
    headers = {"www-authenticate": REALM} if status == 401 else {}
    return Response(status, text.encode(), XML, headers)


def xml_hash(status: int, message: str, path: str, *, code: int = 0) -> Response:
    """Return the older XML shape ``hash``; a code can stand in the header only."""
    text = (
        '<?xml version="1.0" encoding="UTF-8"?><hash>'
        f"<error>{escape(message)}</error><request>{escape(path)}</request></hash>"
    )
    mark = f"{REALM}, api_error_code={code}" if code else REALM
    headers = {"www-authenticate": mark} if status == 401 else {}
    return Response(status, text.encode(), XML, headers)


def plain_error(status: int, message: str) -> Response:
    """Return the plain-text shape."""
    headers = {"www-authenticate": REALM} if status == 401 else {}
    return answer_text(status, message, headers=headers)


def is_ads(path: str) -> bool:
    """Tell the Ads API's paths, which begin with a version number, from all others."""
    head = path.split("/", 2)[1] if path.startswith("/") else ""
    return head.isdigit() and int(head) >= 5
