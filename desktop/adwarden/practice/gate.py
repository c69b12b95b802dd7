"""Checks who asks: signature, nonce and time of every request, by oauthlib's server side."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable
from enum import Enum
from typing import Any
from urllib.parse import urlsplit

from oauthlib import oauth1
from oauthlib.common import Request as OAuthRequest

from adwarden.practice.people import AppKind, PracticeApp
from adwarden.practice.tokens import AccessToken, AccessTokens, RequestToken, RequestTokens
from adwarden.practice.wire import Request
from adwarden.practice.world import World

CLOCK_TOLERANCE = 300
"""Seconds that a timestamp may be off."""

_MOST_NONCES = 100_000
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


class Nonces:
    """The nonces of the last requests; holds a bounded number."""

    def __init__(self, *, most: int = _MOST_NONCES) -> None:
        self._most = most
        self._lock = threading.Lock()
        self._seen: OrderedDict[int, float] = OrderedDict()

    def take(self, client: str, nonce: str, now: float) -> bool:
        """Return whether this nonce is new; ``now`` is in Unix seconds."""
        mark = hash((client, nonce))
        with self._lock:
            if mark in self._seen:
                return False
            self._seen[mark] = now
            # What is older than this is refused for its timestamp.
            while self._seen and (
                len(self._seen) > self._most
                or next(iter(self._seen.values())) < now - 2 * CLOCK_TOLERANCE
            ):
                self._seen.popitem(last=False)
        return True

    def __len__(self) -> int:
        return len(self._seen)


class Check(oauth1.RequestValidator):
    """Answers oauthlib's questions about one request and keeps what was found out."""

    def __init__(self, gate: Gate) -> None:
        super().__init__()
        self._gate = gate
        self.refusal: Refusal | None = None
        self.app: PracticeApp | None = None
        self.access: AccessToken | None = None
        self.request_token: RequestToken | None = None
        self.nonce_fresh = False
        self.seen: OAuthRequest | None = None

    def _refuse(self, refusal: Refusal) -> bool:
        self.refusal = self.refusal or refusal
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
        return len(client_key) <= 200

    check_request_token = check_client_key
    check_access_token = check_client_key
    check_verifier = check_client_key

    def check_nonce(self, nonce: str) -> bool:
        return nonce.isascii() and nonce.isprintable() and len(nonce) <= 200

    def check_realms(self, realms: list[str]) -> bool:
        return True

    def get_client_secret(self, client_key: str, request: OAuthRequest) -> str:
        return self.app.secret if self.app else _NOTHING

    def get_request_token_secret(
        self, client_key: str, token: str, request: OAuthRequest
    ) -> str:
        return self.request_token.secret if self.request_token else _NOTHING

    def get_access_token_secret(self, client_key: str, token: str, request: OAuthRequest) -> str:
        return self.access.secret if self.access else _NOTHING

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
        self.app = self._gate.world.app(client_key)
        if self.app is None:
            return self._refuse(Refusal.KEYS)
        if self.app.kind is AppKind.SUSPENDED:
            return self._refuse(Refusal.APP_SUSPENDED)
        return True

    def validate_request_token(self, client_key: str, token: str, request: OAuthRequest) -> bool:
        self.request_token = self._gate.request_tokens.find(token)
        if self.request_token is None or self.request_token.app is not self.app:
            return self._refuse(Refusal.REQUEST_TOKEN)
        return True

    def validate_access_token(self, client_key: str, token: str, request: OAuthRequest) -> bool:
        self.access = self._gate.access_tokens.find(self.app, token) if self.app else None
        return self.access is not None or self._refuse(Refusal.TOKEN)

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
        self.nonce_fresh = self._gate.nonces.take(client_key, nonce, now)
        return self.nonce_fresh or self._refuse(Refusal.NONCE)

    def validate_redirect_uri(
        self, client_key: str, redirect_uri: str, request: OAuthRequest
    ) -> bool:
        if self.app is None:
            return False
        if redirect_uri == "oob":
            wrong = self.app.kind is AppKind.CALLBACK_ONLY
            return self._refuse(Refusal.CALLBACK) if wrong else True
        if self.app.kind is AppKind.PIN_ONLY:
            return self._refuse(Refusal.PIN_ONLY)
        try:
            parts = urlsplit(redirect_uri)
        except ValueError:
            return self._refuse(Refusal.CALLBACK)
        loopback = parts.hostname in ("127.0.0.1", "localhost") and parts.scheme == "http"
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
        known = self.request_token
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
        check = Check(self)
        endpoint = oauth1.ResourceEndpoint(check)
        try:
            valid, _ = endpoint.validate_protected_resource_request(**_parts(request))
        except ValueError:
            valid = False  # A query that is not URL-encoded: nobody can have signed that.
        return _conclude(request, check, valid=valid)

    def app_call(self, request: Request) -> Check:
        """Check the call for a request token, which is signed with the app's keys only."""
        check = Check(self)
        endpoint = oauth1.RequestTokenEndpoint(check)
        try:
            _, _, status = endpoint.create_request_token_response(**_parts(request))
        except ValueError:
            status = 400
        return _conclude(request, check, valid=status == 200)

    def exchange(self, request: Request) -> Check:
        """Check the exchange of a request token; a wrong PIN burns it."""
        check = Check(self)
        endpoint = oauth1.AccessTokenEndpoint(check)
        try:
            _, _, status = endpoint.create_access_token_response(**_parts(request))
        except ValueError:
            status = 400
        _conclude(request, check, valid=status == 200)
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


def _conclude(request: Request, check: Check, *, valid: bool) -> Check:
    """Settle which of several reasons counts, and note for the journal what was found."""
    log: dict[str, bool] = check.seen.validator_log if check.seen else {}
    signature = log.get("signature", False)
    if valid:
        check.refusal = None
    elif check.seen is None:
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
