"""X's app-only bearer token: fetched and ended with the app's keys, without any user.

OAuth 2.0 client credentials (RFC 6749, section 4.4) in X's own form: ``oauth2/token`` takes the
URL-encoded keys as Basic authentication, and gives the same token until it is invalidated.
"""

from __future__ import annotations

import base64
import time
from collections.abc import Callable
from urllib.parse import quote, unquote

import msgspec
import requests

from adwarden.domain.errors import ErrorCode, NetworkError
from adwarden.domain.model import Credential
from adwarden.domain.secret import Secret
from adwarden.providers.http import Answer, HttpClient, Signer
from adwarden.providers.x.oauth1 import signed
from adwarden.providers.x.problems import Step, refusal


class _Token(msgspec.Struct):
    token_type: str = ""
    access_token: str = ""


class AppOnly:
    """The two calls about an app's bearer token; they raise ``AdwardenError``."""

    def __init__(
        self, http: HttpClient, api_url: str, *, clock: Callable[[], float] = time.time
    ) -> None:
        self._http = http
        self._api_url = api_url
        self._clock = clock

    def fetch(self, app: Credential) -> Secret:
        """Return the app's bearer token, as it is to be sent: X has URL-encoded it."""
        form = {"grant_type": "client_credentials"}
        answer = self._http.post(f"{self._api_url}/oauth2/token", auth=_basic(app), data=form)
        if answer.status != 200:
            raise self._refused(answer)
        try:
            token = msgspec.json.decode(answer.body, type=_Token)
        except (msgspec.DecodeError, UnicodeError):
            token = _Token()
        if token.token_type.lower() != "bearer" or not token.access_token:
            raise NetworkError(
                ErrorCode.UNEXPECTED_ANSWER,
                "That was not an answer of X",
                "A bearer token was expected, and something else came back.",
                "Open any page in a browser to see whether the network wants something, then "
                "try again.",
                detail="no bearer token in the answer",
            )
        return Secret(token.access_token)

    def invalidate(self, app: Credential, bearer: Secret, owner: Credential | None = None) -> None:
        """Make X forget the bearer token.

        X's reference wants the signature of the app's owner, its server takes the app's keys:
        these come first, and ``owner``, the owner's access token, where they are refused.
        """
        # Encoded again on its way, and then as it was: X's tokens are URL-encoded already.
        form = {"access_token": unquote(bearer.unwrap())}
        url = f"{self._api_url}/oauth2/invalidate_token"
        answer = self._http.post(url, auth=_basic(app), data=form)
        if answer.status in (401, 403) and owner is not None:
            second = self._http.post(url, auth=signed(app, owner), data=form)
            answer = second if second.status == 200 else answer
        if answer.status != 200:
            raise self._refused(answer)

    def _refused(self, answer: Answer) -> Exception:
        # As for a request token: it is the app that is refused, and no user.
        return refusal(answer, Step.REQUEST_TOKEN, now=self._clock())


def _basic(app: Credential) -> Signer:
    """Return what adds the app's keys to a request, each URL-encoded first (RFC 6749, 2.3.1)."""

    def sign(request: requests.PreparedRequest) -> requests.PreparedRequest:
        pair = ":".join(quote(app.secrets[one].unwrap(), safe="") for one in ("key", "secret"))
        request.headers["Authorization"] = f"Basic {base64.b64encode(pair.encode()).decode()}"
        return request

    return sign
