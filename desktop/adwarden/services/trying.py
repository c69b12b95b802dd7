"""Tries one request with a connection, and says in words what came of it.

Only what reads is sent, unless a change is unlocked for the one request. What X refuses is an
answer; ``AdwardenError`` is raised for what was never sent, or never answered.
"""

from __future__ import annotations

import math
import re
import time
from collections.abc import Callable, Mapping
from dataclasses import field
from datetime import datetime
from typing import TYPE_CHECKING

from adwarden.domain.answer_words import Body, limit_words, read_body, status_words
from adwarden.domain.checks import Finding, Way, finding_of, ways_of
from adwarden.domain.data import dataclass
from adwarden.domain.errors import AdwardenError, ErrorCode, InputError, RateLimitedError
from adwarden.domain.model import Connection, Credential
from adwarden.domain.requests import (
    ACCOUNT,
    METHODS,
    Endpoint,
    Pairs,
    Typed,
    checked,
    filled,
    find,
    parse,
)
from adwarden.domain.secret import Secret
from adwarden.domain.shown import visible
from adwarden.domain.tried import Comparison, Explained, Tried, Wanted
from adwarden.services.doubting import Verify, meant
from adwarden.services.hub import Hub
from adwarden.services.index import Index
from adwarden.services.places import Places
from adwarden.services.roster import Roster, app_keys, secrets_of
from adwarden.services.standing import Standing, tells_of_connection
from adwarden.services.tasks import Lane

if TYPE_CHECKING:
    from adwarden.providers.base import Provider
    from adwarden.services.authorizing import Platforms

# As the other calls of the program name them: they count together.
_NAMES = {"1.1/account/verify_credentials.json": "verify_credentials", "2/users": "users"}

_OF_SIGNATURE = frozenset({ErrorCode.APP_KEYS, ErrorCode.CLOCK})


@dataclass(frozen=True, slots=True)
class Wish:
    """A request as a person puts it; ``path`` as typed, ``ids`` the values of its other places.

    ``account_id`` takes the place of ``:account_id``; parameters without a value are left out.
    """

    connection_id: str
    path: str
    account_id: str = ""
    parameters: Pairs = ()
    method: str = "GET"
    ids: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Plan:
    """What would be sent; ``endpoint`` is ``None`` where the path is none that is known."""

    wanted: Wanted
    endpoint: Endpoint | None
    remarks: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came back, in words; nothing in it is a secret but what ``explained`` hides.

    ``problem`` has title, message and remedy of a refusal, ``ways`` what buttons can do about it;
    ``about_signature`` tells that comparing signatures may help.
    """

    status: int
    line: str
    words: str
    milliseconds: int
    limits: tuple[str, ...]
    remarks: tuple[str, ...]
    headers: Pairs
    body: Body
    problem: AdwardenError | None
    finding: Finding | None
    ways: tuple[Way, ...]
    about_signature: bool
    explained: Explained

    @property
    def worked(self) -> bool:
        """Whether X did what was asked."""
        return 200 <= self.status < 300 and self.problem is None


class Trying:
    """Requests made by hand, one at a time for whoever asks."""

    def __init__(
        self,
        roster: Roster,
        index: Index,
        keychain: Places,
        platforms: Platforms,
        hub: Hub,
        *,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._roster, self._keychain, self._platforms = roster, keychain, platforms
        self._clock = clock
        self._standing = Standing(roster, index, hub, clock)

    async def send(self, wish: Wish, *, unlocked: bool = False) -> Outcome:
        """Send it once; ``unlocked`` lets this one request change something."""
        if wish.method != "GET" and not unlocked:
            raise InputError(
                "This request could change something",
                "Only GET is sent, as it reads alone.",
                "Unlock changes for this one request, or choose GET.",
                field="method",
            )
        plan = plan_of(wish)
        connection = self._roster.connection(wish.connection_id)
        lane, app, user = await self._parts(connection)
        now = self._clock

        def ask(provider: Provider) -> Outcome:
            # Read here, too: a body of megabytes takes a while.
            return _outcome(provider.trying().send(app, user, plan.wanted), plan, now())

        try:
            outcome = await lane.run(ask)
        except RateLimitedError as error:
            raise _not_sent(error) from None
        verify = lambda: lane.run(lambda x: x.verify(app, user))  # noqa: E731
        await self._learn(connection, plan, outcome.problem, verify)
        return outcome

    async def explain(self, wish: Wish) -> Explained:
        """Return how it would be signed now, without sending it."""
        plan = plan_of(wish)
        lane, app, user = await self._parts(self._roster.connection(wish.connection_id))
        return await lane.run(lambda x: x.trying().explain(app, user, plan.wanted))

    async def compare(self, wish: Wish, pasted: Secret) -> Comparison:
        """Tell how a pasted header, or curl command, differs from how this would be signed."""
        plan = plan_of(wish)
        lane, app, user = await self._parts(self._roster.connection(wish.connection_id))
        return await lane.run(lambda x: x.trying().compare(app, user, plan.wanted, pasted))

    async def _parts(self, connection: Connection) -> tuple[Lane[Provider], Credential, Credential]:
        app = self._roster.app(connection.app_id)
        keys = await app_keys(self._roster, self._keychain, app)
        token = await secrets_of(self._roster, self._keychain, connection)
        return self._platforms[app.provider], keys, token

    async def _learn(
        self, connection: Connection, plan: Plan, problem: AdwardenError | None, verify: Verify
    ) -> None:
        """Note what X has said of the connection itself, as a refresh would.

        Only reads that are known tell: elsewhere a refusal may be about what was asked.
        """
        if problem is None or plan.endpoint is None or plan.wanted.method != "GET":
            return
        if tells_of_connection(problem):
            await self._standing.failed(connection, await meant(problem, verify))


def plan_of(wish: Wish) -> Plan:
    """Return what would be sent; raises ``InputError`` with the field that is to be mended."""
    if wish.method not in METHODS:
        raise InputError(
            "There is no such method", "", f"Choose one of {', '.join(METHODS)}.", field="method"
        )
    typed = parse(wish.path)
    parameters = checked((*typed.parameters, *wish.parameters))
    path = filled(typed, wish.account_id, wish.ids)
    endpoint = find(typed)
    wanted = Wanted(
        path,
        f"{wish.method} {_name(typed, endpoint)}",
        _account_in(path),
        parameters,
        wish.method,
        typed.version,
    )
    return Plan(wanted, endpoint, tuple(_remarks(wanted, endpoint)))


def _remarks(wanted: Wanted, endpoint: Endpoint | None) -> list[str]:
    remarks = []
    names = [name for name, _ in wanted.parameters]
    if len(set(names)) < len(names):
        remarks.append("A parameter is there twice, which X does not accept.")
    if wanted.method != "GET":
        remarks.append(f"{wanted.method} changes something, and there is no way back.")
    if wanted.version == "2":
        remarks.append("X may charge for this request: it is of its pay-per-use API.")
    if endpoint is None:
        remarks.append("This path is not among those that are known.")
    elif wanted.method == "GET":
        missing = [p.name for p in endpoint.parameters if p.required and p.name not in names]
        if missing:
            remarks.append(f"X wants a value for {', '.join(missing)}.")
    return remarks


def _name(typed: Typed, endpoint: Endpoint | None) -> str:
    """Return what the rate limits call it."""
    if typed.text in _NAMES:
        return _NAMES[typed.text]
    if endpoint is None:
        # Whatever has a digit may be an ID, and limits are not of one object.
        parts = [":id" if re.search(r"\d", part) else part for part in typed.parts]
        return "/".join((typed.version, *parts) if typed.other_api else parts)
    return endpoint.path.removeprefix(f"accounts/{ACCOUNT}/")


def _account_in(path: str) -> str:
    parts = path.split("/")
    if "accounts" not in parts[:-1]:
        return ""
    return parts[parts.index("accounts") + 1]


def _outcome(tried: Tried, plan: Plan, now: float) -> Outcome:
    problem = tried.problem
    finding = None if problem is None else finding_of(problem)
    reason = visible(tried.reason)[:100]
    return Outcome(
        tried.status,
        f"{tried.status} {reason}".strip(),
        status_words(tried.status),
        round(tried.milliseconds),
        limit_words(tried.token, tried.account, now=now, pause=tried.pause),
        tuple(_said_beside(tried)),
        tuple((visible(name), visible(value)) for name, value in tried.headers),
        read_body(tried.body, cut=tried.cut),
        problem,
        finding,
        () if finding is None else _ways(problem, finding),
        problem is not None and (tried.status == 401 or problem.code in _OF_SIGNATURE),
        tried.explained,
    )


def _ways(problem: AdwardenError | None, finding: Finding) -> tuple[Way, ...]:
    # What was typed is mended in the dialog itself.
    if isinstance(problem, InputError) or finding is Finding.OTHER:
        return ()
    # To check the connection again is no way out of a request.
    return tuple(way for way in ways_of(finding) if way is not Way.AGAIN)


def _said_beside(tried: Tried) -> list[str]:
    said = []
    if tried.header("x-api-warn"):
        said.append("X calls this version of its API deprecated.")
    version = tried.header("x-current-api-version")
    if re.fullmatch(r"\d{1,3}", version):
        said.append(f"The current version of the Ads API is {version}.")
    level = tried.header("x-access-level")
    if level in _LEVELS:
        said.append(_LEVELS[level])
    if tried.cut:
        said.append(f"The answer goes on: only its first {len(tried.body):,} bytes were read.")
    return said


_LEVELS = {
    "read": "This token may read only.",
    "read-write": "This token may read and write.",
    "read-write-directmessages": "This token may read and write, also direct messages.",
}


def _not_sent(error: RateLimitedError) -> RateLimitedError:
    """Say when to try again: nothing goes on by itself here."""
    # The full minute after it: what is said to be possible then must be.
    at = f"{datetime.fromtimestamp(math.ceil(error.resets_at / 60) * 60):%H:%M}"
    return RateLimitedError(
        error.title,
        error.message,
        f"Nothing was sent. Try it again from {at} on.",
        resets_at=error.resets_at,
        account_id=error.account_id,
        detail=error.detail,
    )
