"""X's token endpoints: request token, access token, invalidation, app-only bearer token."""

from __future__ import annotations

import base64
import binascii
from urllib.parse import parse_qsl, unquote_plus, urlencode

from adwarden.practice import users
from adwarden.practice.gate import Gate, Refusal
from adwarden.practice.people import AppKind, PracticeApp
from adwarden.practice.wire import (
    Request,
    Response,
    answer_json,
    answer_text,
    gateway_error,
    plain_error,
    xml_errors,
    xml_hash,
)

CALLBACK_REFUSED = (
    "Callback URL not approved for this client application. Approved callback URLs can be "
    "adjusted in your application settings"
)
ONLY_OOB = "Desktop applications only support the oauth_callback value 'oob'"


class OAuthApi:
    """Answers the calls that give out and take back tokens."""

    def __init__(self, gate: Gate) -> None:
        self._gate = gate
        self._routes = {
            "/oauth/request_token": self._request_token,
            "/oauth/access_token": self._access_token,
            "/1.1/oauth/invalidate_token.json": self._invalidate,
            "/1.1/oauth/invalidate_token": self._invalidate,
            "/oauth2/token": self._bearer,
            "/oauth2/invalidate_token": self._invalidate_bearer,
        }

    def answer(self, request: Request) -> Response | None:
        """Answer one request; ``None`` when the path or method is not one of these."""
        handler = self._routes.get(request.path)
        return handler(request) if handler and request.method == "POST" else None

    def _request_token(self, request: Request) -> Response:
        check = self._gate.app_call(request)
        if check.refusal is Refusal.CALLBACK:
            return xml_errors(403, 415, CALLBACK_REFUSED)
        if check.refusal is Refusal.PIN_ONLY:
            return xml_errors(401, 417, ONLY_OOB)
        if check.refusal or not check.app:
            return users.refused(check)
        wanted = _parameter(request, "x_auth_access_type")
        level = "read" if wanted == "read" else ""
        made = self._gate.request_tokens.create(check.app, check.callback, level)
        fields = {
            "oauth_token": made.token,
            "oauth_token_secret": made.secret,
            "oauth_callback_confirmed": "true",
        }
        return answer_text(200, urlencode(fields))

    def _access_token(self, request: Request) -> Response:
        check = self._gate.exchange(request)
        if check.refusal is Refusal.VERIFIER:
            return plain_error(
                401, "Error processing your OAuth request: Invalid oauth_verifier parameter"
            )
        if check.refusal is Refusal.REQUEST_TOKEN:
            return xml_hash(401, "Invalid / expired Token", request.path, code=89)
        known = check.request_token
        if check.refusal or not known or not known.person:
            return users.refused(check)
        self._gate.request_tokens.burn(known.token)
        granted = self._gate.access_tokens.grant(known.app, known.person, level=known.level)
        request.trace.user_id = known.person.user_id
        fields = {
            "oauth_token": granted.token,
            "oauth_token_secret": granted.secret,
            "user_id": known.person.user_id,
            "screen_name": known.person.screen_name,
        }
        return answer_text(200, urlencode(fields))

    def _invalidate(self, request: Request) -> Response:
        check = self._gate.user_call(request)
        if check.refusal or not check.access or not check.app:
            return users.refused(check)
        self._gate.access_tokens.revoke(check.app, check.access.person)
        return answer_json({"access_token": check.access.token})

    def _bearer(self, request: Request) -> Response:
        app = self._basic(request)
        if app is None or request.form().get("grant_type") != "client_credentials":
            return gateway_error(
                403, 99, "Unable to verify your credentials", label="authenticity_token_error"
            )
        if app.kind is AppKind.SUSPENDED:
            return gateway_error(401, 416, "Invalid / suspended application")
        bearer = self._gate.access_tokens.bearer(app)
        return answer_json({"token_type": "bearer", "access_token": bearer})

    def _invalidate_bearer(self, request: Request) -> Response:
        app = self._basic(request) or self._gate.user_call(request).app
        # The token is URL-encoded as it is; X takes it once or twice encoded.
        sent = request.form().get("access_token", "").replace("/", "%2F").replace("=", "%3D")
        if app is None or self._gate.access_tokens.bearer(app) != sent:
            return gateway_error(
                403, 99, "Unable to verify your credentials", label="authenticity_token_error"
            )
        self._gate.access_tokens.revoke_bearer(app)
        return answer_json({"access_token": sent})

    def _basic(self, request: Request) -> PracticeApp | None:
        scheme, _, text = request.headers.get("authorization", "").partition(" ")
        if scheme.lower() != "basic":
            return None
        try:
            key, _, secret = base64.b64decode(text, validate=True).decode().partition(":")
        except (binascii.Error, UnicodeDecodeError):
            return None
        app = self._gate.world.app(unquote_plus(key))
        if app is None or app.secret != unquote_plus(secret):
            return None
        request.trace.app = app.label
        return app


def _parameter(request: Request, name: str) -> str:
    """Read a parameter that may be in the query, the form or the signed header."""
    if name in request.query:
        return request.query[name]
    form = request.form()
    if name in form:
        return form[name]
    header = request.headers.get("authorization", "").partition(" ")[2]
    fields = dict(parse_qsl(header.replace('"', "").replace(", ", "&").replace(",", "&")))
    return fields.get(name, "")
