"""A practice server on loopback, and a client of it that signs as X's clients do."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import requests
from requests_oauthlib import OAuth1, OAuth1Session

from adwarden.practice.people import Person, PracticeApp
from adwarden.practice.server import PracticeServer
from adwarden.practice.tokens import AccessToken, AccessTokens
from adwarden.practice.world import make_world
from tests.fakes.person import authorize

FIXTURES = Path(__file__).parent / "fixtures"
CONTROL = "control-token-of-this-test"
TIMEOUT = 10.0


@dataclass
class Clock:
    """A clock that stands still until it is moved; Unix seconds."""

    now: float = 1_790_000_000.0

    def __call__(self) -> float:
        return self.now


def signing(session: OAuth1Session) -> Any:  # noqa: ANN401
    """Return the oauthlib client of a session: its tokens and its verifier."""
    auth: Any = session.auth
    return auth.client


@dataclass
class Practice:
    """The server and what tests ask of it."""

    server: PracticeServer
    open_sessions: list[requests.Session] = field(default_factory=list)

    @property
    def app(self) -> PracticeApp:
        return self.server.world.apps[0]

    def person(self, handle: str) -> Person:
        found = self.server.world.person_named(handle)
        assert found is not None
        return found

    def url(self, path: str) -> str:
        return self.server.url + path

    def plain(self) -> requests.Session:
        """Return a session that neither signs nor uses a proxy."""
        session = requests.Session()
        session.trust_env = False
        self.open_sessions.append(session)
        return session

    def session(
        self,
        key: str,
        secret: str,
        token: str = "",
        token_secret: str = "",
        *,
        callback_uri: str = "",
        verifier: str = "",
    ) -> OAuth1Session:
        """Return a session that signs."""
        session = OAuth1Session(
            key,
            client_secret=secret,
            resource_owner_key=token or None,
            resource_owner_secret=token_secret or None,
            callback_uri=callback_uri or None,
            verifier=verifier or None,
        )
        session.trust_env = False
        self.open_sessions.append(session)
        return session

    def request_token(
        self, app: PracticeApp | None = None, *, callback: str = "oob"
    ) -> OAuth1Session:
        app = app or self.app
        session = self.session(app.key, app.secret, callback_uri=callback)
        session.fetch_request_token(self.url("/oauth/request_token"), timeout=TIMEOUT)
        return session

    def authorize_url(self, session: OAuth1Session, **query: str) -> str:
        return str(session.authorization_url(self.url("/oauth/authorize"), **query))

    def connect(self, handle: str, app: PracticeApp | None = None) -> OAuth1Session:
        """Authorize as this user and return the session that holds the token."""
        session = self.request_token(app)
        pin = authorize(self.authorize_url(session), handle)
        session.fetch_access_token(self.url("/oauth/access_token"), verifier=pin, timeout=TIMEOUT)
        return session

    def user(self, handle: str, app: PracticeApp | None = None) -> OAuth1Session:
        """Return a session with the token that this user's authorization gives."""
        token = self.token(handle, app)
        return self.session(token.app.key, token.app.secret, token.token, token.secret)

    def token(self, handle: str, app: PracticeApp | None = None) -> AccessToken:
        return AccessTokens(self.server.world).current(app or self.app, self.person(handle))

    def signer(self, handle: str, *, nonce: str = "", timestamp: str = "") -> OAuth1:
        """Return a signature for one request, with a nonce or time of the test's choosing."""
        token = self.token(handle)
        return OAuth1(
            token.app.key,
            token.app.secret,
            token.token,
            token.secret,
            nonce=nonce or None,
            timestamp=timestamp or None,
        )

    def control(self, switch: str, body: object | None = None) -> requests.Response:
        headers = {"X-Control-Token": CONTROL}
        address = self.url(f"/_control/{switch}")
        return self.plain().post(address, json=body or {}, headers=headers, timeout=TIMEOUT)


MakePractice = Callable[..., Practice]


@pytest.fixture
def make_practice() -> Iterator[MakePractice]:
    made: list[Practice] = []

    def make(
        *, accounts: int = 30, seed: int = 1, clock: Clock | None = None, control: str = CONTROL
    ) -> Practice:
        world = make_world(seed=seed, accounts=accounts)
        if clock:
            server = PracticeServer(world, clock=clock, control_token=control)
        else:
            server = PracticeServer(world, control_token=control)
        server.start()
        made.append(Practice(server))
        return made[-1]

    yield make
    for practice in made:
        for session in practice.open_sessions:
            session.close()
        practice.server.stop()


@pytest.fixture
def practice(make_practice: MakePractice) -> Practice:
    return make_practice()
