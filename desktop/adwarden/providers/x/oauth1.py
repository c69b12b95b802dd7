"""The PIN flow of OAuth 1.0a (RFC 5849) at X, and the signature of every other call.

``requests-oauthlib`` signs; what it leaves open (redirects, missing fields, raw errors) is not
left to it, because every answer is read here.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from types import MappingProxyType
from urllib.parse import parse_qsl, urlencode

from requests_oauthlib import OAuth1

from adwarden.domain.errors import ErrorCode, NetworkError
from adwarden.domain.model import Credential
from adwarden.domain.secret import Secret
from adwarden.providers.base import AuthorizationRequest, Grant
from adwarden.providers.http import Answer, HttpClient
from adwarden.providers.x.problems import Step, refusal

OUT_OF_BAND = "oob"

_USER_ID = re.compile(r"[0-9]{1,20}")
_HANDLE = re.compile(r"[A-Za-z0-9_]{1,50}")


def signed(
    app: Credential,
    user: Credential | None = None,
    *,
    callback_uri: str | None = None,
    verifier: str | None = None,
) -> OAuth1:
    """Return the signer of one request; a new nonce is made each time it signs."""
    return OAuth1(
        app.secrets["key"].unwrap(),
        client_secret=app.secrets["secret"].unwrap(),
        resource_owner_key=user.secrets["token"].unwrap() if user else None,
        resource_owner_secret=user.secrets["secret"].unwrap() if user else None,
        callback_uri=callback_uri,
        verifier=verifier,
    )


class PinFlow:
    """Three-legged OAuth with a PIN; all three steps on the one API host.

    X forgets a request token when the steps are spread over api.x.com and api.twitter.com.
    """

    def __init__(
        self, http: HttpClient, api_url: str, *, clock: Callable[[], float] = time.time
    ) -> None:
        self._http = http
        self._api_url = api_url
        self._clock = clock

    def begin(self, app: Credential, *, screen_name: str = "") -> AuthorizationRequest:
        """Fetch a request token and return the page to open; raises ``AdwardenError``."""
        answer = self._http.post(
            f"{self._api_url}/oauth/request_token", auth=signed(app, callback_uri=OUT_OF_BAND)
        )
        fields = self._fields(answer, Step.REQUEST_TOKEN)
        if fields.get("oauth_callback_confirmed") != "true":
            raise _not_a_token("oauth_callback_confirmed is not true")
        token, secret = self._pair(fields)
        # force_login: the page would otherwise use whatever session it finds.
        query = {"oauth_token": token, "force_login": "true"}
        if screen_name:
            query["screen_name"] = screen_name
        return AuthorizationRequest(
            url=f"{self._api_url}/oauth/authorize?{urlencode(query)}",
            token=Secret(token),
            secret=Secret(secret),
            made_at=self._clock(),
        )

    def finish(self, app: Credential, request: AuthorizationRequest, verifier: str) -> Grant:
        """Exchange the PIN for the access token; raises ``AdwardenError``."""
        pending = Credential("x-request-token", {"token": request.token, "secret": request.secret})
        answer = self._http.post(
            f"{self._api_url}/oauth/access_token", auth=signed(app, pending, verifier=verifier)
        )
        fields = self._fields(answer, Step.ACCESS_TOKEN)
        token, secret = self._pair(fields)
        # The digits before the dash are the user's id, should the field ever be missing.
        user_id = fields.get("user_id", "") or token.partition("-")[0]
        if not _USER_ID.fullmatch(user_id):
            raise _not_a_token("it does not say whose token it is")
        screen_name = fields.get("screen_name", "")
        if not _HANDLE.fullmatch(screen_name):
            screen_name = ""
        credential = Credential(
            "x-oauth1-token",
            MappingProxyType({"token": Secret(token), "secret": Secret(secret)}),
            MappingProxyType({"user_id": user_id, "screen_name": screen_name}),
        )
        return Grant(credential, user_id, screen_name)

    def revoke(self, app: Credential, user: Credential) -> Answer:
        """Ask X to forget the token; the caller reads the answer."""
        return self._http.post(
            f"{self._api_url}/1.1/oauth/invalidate_token.json", auth=signed(app, user)
        )

    def _fields(self, answer: Answer, step: Step) -> dict[str, str]:
        """Read the form text that X sends, with the content type text/html."""
        if answer.status != 200:
            raise refusal(answer, step, now=self._clock())
        try:
            pairs = parse_qsl(answer.text.strip(), strict_parsing=True, max_num_fields=50)
        except ValueError:
            raise _not_a_token("the body is not form text") from None
        return dict(pairs)

    def _pair(self, fields: dict[str, str]) -> tuple[str, str]:
        token, secret = fields.get("oauth_token", ""), fields.get("oauth_token_secret", "")
        if not token or not secret:
            raise _not_a_token("oauth_token or oauth_token_secret is missing")
        return token, secret


def _not_a_token(detail: str) -> NetworkError:
    return NetworkError(
        ErrorCode.UNEXPECTED_ANSWER,
        "That was not an answer of X",
        "A token was expected, and something else came back. A network that asks to sign in "
        "first (hotel, airport) or a filter does this.",
        "Open any page in a browser to see whether the network wants something, then try again.",
        detail=detail,
    )
