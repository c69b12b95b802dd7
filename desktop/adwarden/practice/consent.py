"""The authorization in the browser: sign in, allow or cancel, then a PIN or a redirect."""

from __future__ import annotations

import hmac
import secrets
import threading
from collections import OrderedDict
from urllib.parse import urlencode, urlsplit

from adwarden.practice import pages
from adwarden.practice.people import Person
from adwarden.practice.tokens import AccessTokens, RequestToken, RequestTokens
from adwarden.practice.wire import Request, Response
from adwarden.practice.world import World

PATHS = ("/oauth/authorize", "/oauth/authenticate")
COOKIE = "practice_session"
_MOST_SESSIONS = 1_000


class ConsentPages:
    """Answers the browser. A cookie remembers who signed in, as X's does."""

    def __init__(
        self, world: World, access_tokens: AccessTokens, request_tokens: RequestTokens
    ) -> None:
        self._world = world
        self._access_tokens = access_tokens
        self._request_tokens = request_tokens
        self._lock = threading.Lock()
        self._sessions: OrderedDict[str, Person] = OrderedDict()

    def answer(self, request: Request) -> Response | None:
        """Answer one request; ``None`` when the path is not one of these."""
        if request.path not in PATHS:
            return None
        if request.method == "GET":
            return self._show(request)
        if request.method == "POST":
            return self._submitted(request)
        return None

    def _show(self, request: Request) -> Response:
        token = self._request_tokens.find(request.query.get("oauth_token", ""))
        if token is None or token.pin:
            return pages.invalid()
        wanted = request.query.get("screen_name", "").lstrip("@")[:50]
        person = self._session(request)
        if person is None or request.query.get("force_login") in ("true", "1"):
            token.person = None
            return pages.sign_in(token, self._people(wanted), wanted=wanted)
        token.person = person
        if request.path == "/oauth/authenticate" and self._access_tokens.was_granted(
            token.app, person
        ):
            return self._allow(token)
        return pages.consent(token, person, targets=_origin(token))

    def _submitted(self, request: Request) -> Response:
        form = request.form()
        token = self._request_tokens.find(form.get("oauth_token", ""))
        sent = form.get("authenticity_token", "")
        if (
            token is None
            or token.pin
            or not hmac.compare_digest(sent.encode(), token.authenticity.encode())
        ):
            return pages.invalid()
        if "cancel" in form or "denied" in form:
            return self._deny(token)
        if "session[username_or_email]" in form:
            return self._sign_in(token, form["session[username_or_email]"])
        if token.person is None:
            return pages.sign_in(token, self._world.people)
        return self._allow(token)

    def _sign_in(self, token: RequestToken, handle: str) -> Response:
        person = self._world.person_named(handle)
        if person is None:
            shown = handle.strip()[:50]
            return pages.sign_in(
                token,
                self._world.people,
                wanted=shown,
                problem=f"There is no practice user “{shown}”. Choose one from the list.",
            )
        token.person = person
        session = secrets.token_urlsafe(24)
        with self._lock:
            self._sessions[session] = person
            while len(self._sessions) > _MOST_SESSIONS:
                self._sessions.popitem(last=False)
        cookie = f"{COOKIE}={session}; Path=/oauth; HttpOnly; SameSite=Lax"
        answer = pages.consent(token, person, targets=_origin(token))
        return answer.with_headers({"set-cookie": cookie})

    def _allow(self, token: RequestToken) -> Response:
        verifier = self._request_tokens.allow(token)
        if token.out_of_band:
            return pages.pin(token.app, verifier)
        return _redirect(token, {"oauth_token": token.token, "oauth_verifier": verifier})

    def _deny(self, token: RequestToken) -> Response:
        self._request_tokens.burn(token.token)
        if token.out_of_band:
            return pages.denied(token.app)
        return _redirect(token, {"denied": token.token})

    def _session(self, request: Request) -> Person | None:
        with self._lock:
            return self._sessions.get(request.cookies().get(COOKIE, ""))

    def _people(self, wanted: str) -> list[Person]:
        """Return everybody, the one who is asked for first."""
        return sorted(self._world.people, key=lambda person: person.screen_name != wanted)


def _origin(token: RequestToken) -> str:
    if token.out_of_band:
        return ""
    parts = urlsplit(token.callback)
    return f"{parts.scheme}://{parts.netloc}"


def _redirect(token: RequestToken, fields: dict[str, str]) -> Response:
    mark = "&" if urlsplit(token.callback).query else "?"
    location = f"{token.callback}{mark}{urlencode(fields)}"
    return Response(302, b"", headers={"location": location, "cache-control": "no-store"})
