"""Checks who asks: signature, nonce and time of every request, by oauthlib's server side."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from typing import Any
from urllib.parse import urlsplit

from oauthlib import oauth1
from oauthlib.common import Request as OAuthRequest

from adwarden.practice.nonces import CLOCK_TOLERANCE, Nonces
from adwarden.practice.people import AppKind, PracticeApp
from adwarden.practice.tokens import AccessToken, AccessTokens, RequestToken, RequestTokens
from adwarden.practice.wire import Request
from adwarden.practice.world import World

_LONGEST = 200
_NOTHING = "-"


class Refusal(Enum):
    """Why a request is not let in."""

    MISSING = "missing"
    KEYS = "keys"
    APP_SUSPENDED = "app-suspended"
    TOKEN = "token"  # noqa: S105
    CLOCK = "clock"
    NONCE = "nonce"
    CALLBACK = "callback"
    PIN_ONLY = "pin-only"
    REQUEST_TOKEN = "request-token"  # noqa: S105
    VERIFIER = "verifier"


@dataclass(slots=True)
class Check:
    """What was found out about one request; ``refusal`` is ``None`` when it may pass."""

    refusal: Refusal | None = None
    app: PracticeApp | None = None
    access: AccessToken | None = None
    request_token: RequestToken | None = None
    callback: str = ""
    nonce_fresh: bool = False


class _Validator(oauth1.RequestValidator):
    """Answers oauthlib's questions about one request; the names are oauthlib's."""

    def __init__(self, gate: Gate) -> None:
        super().__init__()
        self._gate = gate
        self.check = Check()
        self.seen: OAuthRequest | None = None

    def _refuse(self, refusal: Refusal) -> bool:
        self.check.refusal = self.check.refusal or refusal
        return False

    @property
    def allowed_signature_methods(self) -> tuple[str, ...]:
        return (oauth1.SIGNATURE_HMAC_SHA1,)

    @property
    def timestamp_lifetime(self) -> int:
        # oauthlib looks at the real clock; ours may be moved, so it is compared below.
        return 10**11

    @property
    def enforce_ssl(self) -> bool:
        return False

    @property
    def dummy_client(self) -> str:
        return _NOTHING

    dummy_request_token = dummy_client
    dummy_access_token = dummy_client

    def check_client_key(self, client_key: str) -> bool:
        return len(client_key) <= _LONGEST

    def check_request_token(self, request_token: str) -> bool:
        return len(request_token) <= _LONGEST

    def check_access_token(self, request_token: str) -> bool:
        return len(request_token) <= _LONGEST

    def check_verifier(self, verifier: str) -> bool:
        return len(verifier) <= _LONGEST

    def check_nonce(self, nonce: str) -> bool:
        return nonce.isascii() and nonce.isprintable() and len(nonce) <= _LONGEST

    def check_realms(self, realms: list[str]) -> bool:
        return True

    def get_client_secret(self, client_key: str, request: OAuthRequest) -> str:
        return self.check.app.secret if self.check.app else _NOTHING

    def get_request_token_secret(self, client_key: str, token: str, request: OAuthRequest) -> str:
        return self.check.request_token.secret if self.check.request_token else _NOTHING

    def get_access_token_secret(self, client_key: str, token: str, request: OAuthRequest) -> str:
        return self.check.access.secret if self.check.access else _NOTHING

    def get_realms(self, token: str, request: OAuthRequest) -> list[str]:
        return []

    def save_request_token(self, token: str, request: OAuthRequest) -> None:
        """Do nothing: the routes make the token themselves."""

    def save_access_token(self, token: str, request: OAuthRequest) -> None:
        """Do nothing: the routes make the token themselves."""

    def invalidate_request_token(
        self, client_key: str, request_token: str, request: OAuthRequest
    ) -> None:
        """Do nothing: the routes burn the token themselves."""

    def get_default_realms(self, client_key: str, request: OAuthRequest) -> list[str]:
        return []

    def validate_client_key(self, client_key: str, request: OAuthRequest) -> bool:
        self.check.app = self._gate.world.app(client_key)
        if self.check.app is None:
            return self._refuse(Refusal.KEYS)
        if self.check.app.kind is AppKind.SUSPENDED:
            return self._refuse(Refusal.APP_SUSPENDED)
        return True

    def validate_request_token(self, client_key: str, token: str, request: OAuthRequest) -> bool:
        self.check.request_token = self._gate.request_tokens.find(token)
        if self.check.request_token is None or self.check.request_token.app is not self.check.app:
            return self._refuse(Refusal.REQUEST_TOKEN)
        return True

    def validate_access_token(self, client_key: str, token: str, request: OAuthRequest) -> bool:
        self.check.access = (
            self._gate.access_tokens.find(self.check.app, token) if self.check.app else None
        )
        return self.check.access is not None or self._refuse(Refusal.TOKEN)

    def validate_timestamp_and_nonce(
        self,
        client_key: str,
        timestamp: str,
        nonce: str,
        request: OAuthRequest,
        request_token: str | None = None,
        access_token: str | None = None,
    ) -> bool:
        self.seen = request
        now = self._gate.now()
        if abs(now - int(timestamp)) > CLOCK_TOLERANCE:
            return self._refuse(Refusal.CLOCK)
        self.check.nonce_fresh = self._gate.nonces.take(client_key, nonce, now)
        return self.check.nonce_fresh or self._refuse(Refusal.NONCE)

    def validate_redirect_uri(
        self, client_key: str, redirect_uri: str, request: OAuthRequest
    ) -> bool:
        if self.check.app is None:
            return False
        self.check.callback = redirect_uri
        if redirect_uri == "oob":
            wrong = self.check.app.kind is AppKind.CALLBACK_ONLY
            return self._refuse(Refusal.CALLBACK) if wrong else True
        if self.check.app.kind is AppKind.PIN_ONLY:
            return self._refuse(Refusal.PIN_ONLY)
        try:
            parts = urlsplit(redirect_uri)
        except ValueError:
            return self._refuse(Refusal.CALLBACK)
        loopback = parts.hostname in ("127.0.0.1", "localhost") and parts.scheme == "http"
        # It becomes a header line later.
        loopback = loopback and redirect_uri.isascii() and redirect_uri.isprintable()
        return loopback or self._refuse(Refusal.CALLBACK)

    def validate_requested_realms(
        self, client_key: str, realms: list[str], request: OAuthRequest
    ) -> bool:
        return True

    def validate_realms(
        self,
        client_key: str,
        token: str,
        request: OAuthRequest,
        uri: str | None = None,
        realms: list[str] | None = None,
    ) -> bool:
        return True

    def validate_verifier(
        self, client_key: str, token: str, verifier: str, request: OAuthRequest
    ) -> bool:
        known = self.check.request_token
        return known is not None and bool(known.pin) and known.pin == verifier


class Gate:
    """Lets signed requests in; shared by all threads."""

    def __init__(
        self,
        world: World,
        access_tokens: AccessTokens,
        request_tokens: RequestTokens,
        now: Callable[[], float],
    ) -> None:
        self.world = world
        self.access_tokens = access_tokens
        self.request_tokens = request_tokens
        self.now = now
        self.nonces = Nonces()

    def user_call(self, request: Request) -> Check:
        """Check a call that is made with an access token."""
        validator = _Validator(self)
        endpoint = oauth1.ResourceEndpoint(validator)
        try:
            valid, _ = endpoint.validate_protected_resource_request(**_parts(request))
        except ValueError:
            valid = False  # A query that is not URL-encoded: nobody can have signed that.
        return _conclude(request, validator, valid=valid)

    def app_call(self, request: Request) -> Check:
        """Check the call for a request token, which is signed with the app's keys only."""
        validator = _Validator(self)
        endpoint = oauth1.RequestTokenEndpoint(validator)
        try:
            _, _, status = endpoint.create_request_token_response(**_parts(request))
        except ValueError:
            status = 400
        return _conclude(request, validator, valid=status == 200)

    def exchange(self, request: Request) -> Check:
        """Check the exchange of a request token; a wrong PIN burns it."""
        validator = _Validator(self)
        endpoint = oauth1.AccessTokenEndpoint(validator)
        try:
            _, _, status = endpoint.create_access_token_response(**_parts(request))
        except ValueError:
            status = 400
        check = _conclude(request, validator, valid=status == 200)
        if check.refusal is Refusal.VERIFIER and check.request_token:
            self.request_tokens.burn(check.request_token.token)
        return check


def _parts(request: Request) -> dict[str, Any]:
    names = ("authorization", "content-type")
    return {
        "uri": request.url,
        "http_method": request.method,
        "body": request.body.decode("utf-8", "replace"),
        "headers": {name: request.headers[name] for name in names if name in request.headers},
    }


def _conclude(request: Request, validator: _Validator, *, valid: bool) -> Check:
    """Settle which of several reasons counts, and note for the journal what was found."""
    check, seen = validator.check, validator.seen
    log: dict[str, bool] = seen.validator_log if seen else {}
    signature = log.get("signature", False)
    if valid:
        check.refusal = None
    elif seen is None:
        check.refusal = Refusal.MISSING
    elif check.refusal in (None, Refusal.CALLBACK, Refusal.PIN_ONLY, Refusal.APP_SUSPENDED):
        # X looks at the signature first, and says nothing more when that is wrong.
        check.refusal = (check.refusal or Refusal.VERIFIER) if signature else Refusal.KEYS
    trace = request.trace
    trace.signed = signature
    trace.nonce_fresh = check.nonce_fresh
    trace.app = check.app.label if check.app else ""
    trace.user_id = check.access.person.user_id if check.access else ""
    return check
