"""Request tokens, access tokens and bearer tokens, in memory only.

An access token is derived from the seed, the app, the user and a generation that counts the
revocations since the start: so a token that was granted before a restart works again after it,
and a revoked one comes back to life only by restarting.
"""

from __future__ import annotations

import secrets
import threading
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

from adwarden.practice.keys import BASE62, alphanumeric
from adwarden.practice.people import Person, PracticeApp
from adwarden.practice.world import World

REQUEST_TOKEN_LIFE = 900
"""Seconds for which a request token can be used."""

_MOST_REQUEST_TOKENS = 1_000


@dataclass(frozen=True, slots=True)
class AccessToken:
    """What an app received for one user."""

    token: str
    secret: str
    app: PracticeApp
    person: Person


class AccessTokens:
    """Grants, finds and revokes access tokens and bearer tokens."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._lock = threading.Lock()
        self._generations: dict[tuple[str, str], int] = {}
        self._levels: dict[tuple[str, str], str] = {}
        self._granted: set[tuple[str, str]] = set()
        self._known: dict[tuple[str, str, int], AccessToken] = {}

    def current(self, app: PracticeApp, person: Person) -> AccessToken:
        """Return the token that is valid now for this app and user."""
        with self._lock:
            generation = self._generations.get((app.key, person.user_id), 0)
            place = (app.key, person.user_id, generation)
            known = self._known.get(place)
            if known is None:
                seed = self._world.seed
                known = self._known[place] = AccessToken(
                    f"{person.user_id}-{alphanumeric(seed, 40, 'token', *place)}",
                    alphanumeric(seed, 45, "secret", *place),
                    app,
                    person,
                )
        return known

    def find(self, app: PracticeApp, token: str) -> AccessToken | None:
        """Return the access token if it is one of this app's and still valid."""
        person = self._world.person(token.partition("-")[0])
        if person is None:
            return None
        current = self.current(app, person)
        return current if current.token == token else None

    def grant(self, app: PracticeApp, person: Person, *, level: str = "") -> AccessToken:
        """Give out the token; ``level`` is a lesser ``x-access-level`` than the app's own."""
        with self._lock:
            self._granted.add((app.key, person.user_id))
            if level:
                self._levels[app.key, person.user_id] = level
            else:
                self._levels.pop((app.key, person.user_id), None)
        return self.current(app, person)

    def was_granted(self, app: PracticeApp, person: Person) -> bool:
        """Tell whether this user let this app in since the start."""
        return (app.key, person.user_id) in self._granted

    def level(self, app: PracticeApp, person: Person) -> str:
        """Return the permission of the token as ``x-access-level`` spells it."""
        return self._levels.get((app.key, person.user_id), app.access_level)

    def revoke(self, app: PracticeApp, person: Person) -> None:
        """Make the token invalid; the next authorization gives another one."""
        with self._lock:
            place = (app.key, person.user_id)
            self._generations[place] = self._generations.get(place, 0) + 1
            self._granted.discard(place)
            self._levels.pop(place, None)

    def bearer(self, app: PracticeApp) -> str:
        """Return the app-only bearer token, URL-encoded already as X's are."""
        generation = self._generations.get((app.key, "bearer"), 0)
        text = alphanumeric(self._world.seed, 80, "bearer", app.key, generation)
        return f"{'A' * 22}{text[:24]}%2F{text[24:50]}%3D{text[50:]}"

    def revoke_bearer(self, app: PracticeApp) -> None:
        """Make the app-only bearer token invalid."""
        with self._lock:
            place = (app.key, "bearer")
            self._generations[place] = self._generations.get(place, 0) + 1

    def app_of_bearer(self, bearer: str) -> PracticeApp | None:
        """Return the app whose bearer token this is."""
        return next((app for app in self._world.apps if self.bearer(app) == bearer), None)


@dataclass(slots=True)
class RequestToken:
    """One authorization in progress; ``pin`` is set once the user allowed it."""

    token: str
    secret: str
    app: PracticeApp
    callback: str
    level: str
    expires_at: float
    authenticity: str
    person: Person | None = None
    pin: str = ""

    @property
    def out_of_band(self) -> bool:
        """Whether the user carries a PIN over by hand."""
        return self.callback == "oob"


class RequestTokens:
    """The authorizations in progress; each ends by success, a wrong PIN, a denial or its age."""

    def __init__(self, now: Callable[[], float]) -> None:
        self._now = now
        self._lock = threading.Lock()
        self._tokens: OrderedDict[str, RequestToken] = OrderedDict()
        self._pins: list[str] = []

    def create(self, app: PracticeApp, callback: str, level: str) -> RequestToken:
        """Begin an authorization."""
        made = RequestToken(
            token=_random(27),
            secret=_random(32),
            app=app,
            callback=callback,
            level=level,
            expires_at=self._now() + REQUEST_TOKEN_LIFE,
            authenticity=_random(40),
        )
        with self._lock:
            self._tokens[made.token] = made
            while len(self._tokens) > _MOST_REQUEST_TOKENS:
                self._tokens.popitem(last=False)
        return made

    def find(self, token: str) -> RequestToken | None:
        """Return a request token that can still be used."""
        with self._lock:
            known = self._tokens.get(token)
        return known if known and known.expires_at > self._now() else None

    def allow(self, known: RequestToken) -> str:
        """Let the app in and return the PIN: seven digits, or a long verifier for a callback."""
        with self._lock:
            if not known.out_of_band:
                known.pin = _random(32)
            elif self._pins:
                known.pin = self._pins.pop(0)
            else:
                known.pin = f"{secrets.randbelow(10**7):07}"
        return known.pin

    def burn(self, token: str) -> None:
        """End an authorization; unknown tokens are no error."""
        with self._lock:
            self._tokens.pop(token, None)

    def expire_all(self) -> None:
        """End every authorization in progress."""
        with self._lock:
            self._tokens.clear()

    def next_pin(self, pin: str) -> None:
        """Make a coming PIN a certain one, to test for instance leading zeros."""
        with self._lock:
            self._pins.append(pin)


def _random(length: int) -> str:
    return "".join(secrets.choice(BASE62) for _ in range(length))
