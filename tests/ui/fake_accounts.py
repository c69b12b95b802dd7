"""Accounts whose every outcome is scripted, for the authorization dialog."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from types import MappingProxyType

from adwarden.domain.errors import AdwardenError
from adwarden.domain.model import (
    AppAccess,
    Connection,
    ConnectionState,
    Credential,
    XApp,
)
from adwarden.domain.secret import Secret
from adwarden.providers.base import AuthorizationRequest, Grant, GuestRules
from adwarden.services.authorizing import Attempt, Granted
from adwarden.storage.vault import KeychainState, KeychainStatus

Step = BaseException | asyncio.Event | tuple[asyncio.Event, BaseException] | None
"""What a call does: fail, wait, wait and fail, or succeed."""

Script = list[Step]

READY = KeychainStatus(KeychainState.READY, "GNOME Keyring")


def make_app(app_id: str = "a1", label: str = "Agency app") -> XApp:
    return XApp(app_id, "x", label, AppAccess.STANDARD, f"entry {app_id}", 1.0)


def make_connection(user_id: str = "11", screen_name: str = "northwind_ads") -> Connection:
    return Connection("c1", "a1", user_id, screen_name, "entry", 1.0, ConnectionState.REVOKED)


def make_grant(user_id: str = "11", screen_name: str = "northwind_ads") -> Grant:
    secrets = {"token": Secret("TOKEN-TEXT"), "secret": Secret("TOKEN-SECRET")}
    return Grant(Credential("x-oauth1-token", MappingProxyType(secrets)), user_id, screen_name)


@dataclass
class FakeAccounts:
    """Does what the scripts say, call by call; an empty script means success."""

    page_url: Callable[[str], str] = field(
        default=lambda token: f"https://api.x.com/oauth/authorize?oauth_token={token}"
    )
    guest_rules: GuestRules = field(
        default_factory=lambda: GuestRules(
            "https",
            frozenset({"api.x.com", "x.com", "twitter.com"}),
            "api.x.com",
            "/oauth/authorize",
        )
    )
    grant: Grant = field(default_factory=make_grant)
    connections: dict[str, Connection] = field(default_factory=dict)
    begins: Script = field(default_factory=list)
    finishes: Script = field(default_factory=list)
    keeps: Script = field(default_factory=list)
    discards: Script = field(default_factory=list)
    unlocks: list[AdwardenError | KeychainStatus | asyncio.Event] = field(default_factory=list)
    calls: list[tuple[str, ...]] = field(default_factory=list)
    kept: list[Connection] = field(default_factory=list)
    discarded: list[Granted] = field(default_factory=list)

    def named(self, name: str) -> list[tuple[str, ...]]:
        return [call for call in self.calls if call[0] == name]

    async def rules(self, app: XApp) -> GuestRules:
        return self.guest_rules

    async def begin(self, app_id: str, reconnect: str = "") -> Attempt:
        self.calls.append(("begin", app_id, reconnect))
        token = f"request{len(self.named('begin'))}"
        await _act(self.begins)
        request = AuthorizationRequest(
            self.page_url(token), Secret(token), Secret(f"{token}-secret"), 1.0
        )
        return Attempt(make_app(app_id), request, self.connections.get(reconnect))

    async def finish(self, attempt: Attempt, pin: str) -> Granted:
        self.calls.append(("finish", attempt.request.token.unwrap(), pin))
        await _act(self.finishes)
        return Granted(attempt, self.grant, Credential("x-app", {}))

    async def keep(self, granted: Granted, *, as_new: bool = False) -> Connection:
        self.calls.append(("keep", str(as_new)))
        await _act(self.keeps)
        grant = granted.grant
        connection = make_connection(grant.user_id, grant.screen_name)
        self.kept.append(connection)
        return connection

    async def discard(self, granted: Granted) -> None:
        self.calls.append(("discard",))
        await _act(self.discards)
        self.discarded.append(granted)

    async def unlock(self, place: str = "keychain") -> KeychainStatus:
        self.calls.append(("unlock",))
        await asyncio.sleep(0)
        step = self.unlocks.pop(0) if self.unlocks else READY
        if isinstance(step, asyncio.Event):
            await step.wait()
            return READY
        if isinstance(step, AdwardenError):
            raise step
        return step


async def _act(script: Script) -> None:
    await asyncio.sleep(0)
    step = script.pop(0) if script else None
    gate, error = step if isinstance(step, tuple) else (step, None)
    if isinstance(gate, asyncio.Event):
        await gate.wait()
    elif isinstance(gate, BaseException):
        raise gate
    if error is not None:
        raise error
