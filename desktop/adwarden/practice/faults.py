"""Makes the practice server misbehave on purpose, for tests: wrong answers and changed facts."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum

from adwarden.practice.limits import Limits
from adwarden.practice.people import Person, PracticeApp
from adwarden.practice.roles import Roles
from adwarden.practice.tokens import AccessToken, AccessTokens, RequestTokens


class Kind(Enum):
    """What goes wrong."""

    LATENCY = "latency"  # the answer comes ``seconds`` later
    ERROR = "error"  # ``status`` with an error body in ``shape``
    HTML = "html"  # ``status`` with a web page instead of data
    BODY = "body"  # ``status`` with ``text`` as ``content_type``
    DROP = "drop"  # the connection closes without an answer
    DROP_AFTER = "drop-after"  # it closes after the work is done
    CUT_JSON = "cut-json"  # half of the answer, honestly announced as half
    SHORT_BODY = "short-body"  # half of the answer, then the connection closes
    REDIRECT = "redirect"  # 302 to ``location``
    UNCONFIRMED = "unconfirmed"  # ``oauth_callback_confirmed`` is missing
    NO_SECRET = "no-secret"  # noqa: S105 - ``oauth_token_secret`` is missing
    SAME_CURSOR = "same-cursor"  # every page names itself as the next
    EMPTY_PAGE = "empty-page"  # the page is empty, and names the next one all the same


class Shape(Enum):
    """How an error body is written."""

    JSON = "json"
    ADS = "ads"
    XML = "xml"
    HASH = "hash"
    TEXT = "text"
    EMPTY = "empty"


@dataclass(slots=True)
class Fault:
    """One rule: the first ``skip`` matching requests pass, the next ``times`` go wrong.

    ``path`` is a prefix, ``method`` empty means any, ``times`` 0 means for ever. ``code`` is
    X's number or word for the error; the default fits the status.
    """

    kind: Kind
    path: str = "/"
    method: str = ""
    times: int = 1
    skip: int = 0
    seconds: float = 0.0
    status: int = 503
    shape: Shape = Shape.JSON
    code: str = ""
    text: str = ""
    content_type: str = "text/html;charset=utf-8"
    location: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    hits: int = 0

    def __post_init__(self) -> None:
        # Who writes the rule as JSON writes X's numbers as numbers.
        self.code = str(self.code)

    def take(self, method: str, path: str) -> bool:
        """Tell whether this request goes wrong, and count it."""
        if not path.startswith(self.path) or self.method not in ("", method):
            return False
        if self.skip:
            self.skip -= 1
            return False
        if self.times and self.hits >= self.times:
            return False
        self.hits += 1
        return True


class Faults:
    """Everything that can be made to go wrong; also reachable by the control address."""

    def __init__(
        self,
        roles: Roles,
        limits: Limits,
        access_tokens: AccessTokens,
        request_tokens: RequestTokens,
    ) -> None:
        self.limits = limits
        self._roles = roles
        self._access_tokens = access_tokens
        self._request_tokens = request_tokens
        self._lock = threading.Lock()
        self._rules: list[Fault] = []
        self.skew = 0.0
        """Seconds by which the server's clock is ahead."""

    def add(self, kind: Kind, path: str = "/", **rule: object) -> Fault:
        """Add a rule; the fields of ``Fault`` by name. Raises ``TypeError`` for others."""
        made = Fault(kind, path, **rule)  # type: ignore[arg-type]
        with self._lock:
            self._rules.append(made)
        return made

    def clear(self) -> None:
        """Remove all rules and set the clock right; changed facts stay changed."""
        with self._lock:
            self._rules.clear()
        self.skew = 0.0

    def matching(self, method: str, path: str) -> list[Fault]:
        """Return what goes wrong with this request, and count it.

        That is every delay, but only the first of the other rules; the next one waits its turn.
        """
        found: list[Fault] = []
        with self._lock:
            for rule in self._rules:
                delay = rule.kind is Kind.LATENCY
                taken = any(other.kind is not Kind.LATENCY for other in found)
                if (delay or not taken) and rule.take(method, path):
                    found.append(rule)
        return found

    def hits(self, path: str = "/") -> int:
        """Return how often rules for this very path went into effect."""
        with self._lock:
            return sum(rule.hits for rule in self._rules if rule.path == path)

    def suspend(self, person: Person) -> None:
        """X suspends a user: all tokens of theirs are refused."""
        self._roles.suspended.add(person.user_id)

    def unsuspend(self, person: Person) -> None:
        """X lets a suspended user back in."""
        self._roles.suspended.discard(person.user_id)

    def revoke(self, app: PracticeApp, person: Person) -> None:
        """Let the user take back the app's access, as in their settings at X."""
        self._access_tokens.revoke(app, person)

    def console_token(self, app: PracticeApp, person: Person) -> AccessToken:
        """Return what the developer console would show to this user as the app's owner."""
        return self._access_tokens.grant(app, person)

    def set_permissions(self, person: Person, account_id: str, *permissions: str) -> None:
        """Somebody gives the user another role on an ad account, or a first one."""
        self._roles.change(person, account_id, permissions)

    def remove_access(self, person: Person, account_id: str) -> None:
        """Somebody takes the user off an ad account."""
        self._roles.change(person, account_id, None)

    def delete_account(self, account_id: str) -> None:
        """Somebody deletes an ad account."""
        self._roles.deleted.add(account_id)

    def expire_request_tokens(self) -> None:
        """All authorizations in progress are too old."""
        self._request_tokens.expire_all()

    def next_pin(self, pin: str) -> None:
        """Make the next page show this PIN."""
        self._request_tokens.next_pin(pin)
