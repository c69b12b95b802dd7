"""X's stand-in on loopback, and the provider that is tested against it."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import pytest

from adwarden.domain.model import Credential
from adwarden.domain.secret import Secret
from adwarden.practice.server import PracticeServer
from adwarden.practice.world import make_world
from adwarden.providers.base import Grant, KnownWindow
from adwarden.providers.http import HttpClient
from adwarden.providers.x.limits import Limits
from adwarden.providers.x.provider import XProvider
from tests.fakes.person import authorize


@dataclass
class Bench:
    """A provider, the server it speaks with, and what it told about limits."""

    server: PracticeServer
    provider: XProvider
    app: Credential
    told: list[KnownWindow] = field(default_factory=list)

    def connect(self, handle: str) -> tuple[Grant, Credential]:
        """Authorize as ``handle`` and return the grant and the user's credential."""
        request = self.provider.begin(self.app)
        grant = self.provider.finish(self.app, request, authorize(request.url, handle))
        return grant, grant.credential


def credential_of(key: str, secret: str) -> Credential:
    """Return an app's keys as the keychain would."""
    return Credential("x-app", {"key": Secret(key), "secret": Secret(secret)})


@pytest.fixture
def make_bench() -> Iterator[Callable[..., Bench]]:
    made: list[Bench] = []

    def make(*, accounts: int = 30, clock: Callable[[], float] = time.time) -> Bench:
        world = make_world(seed=7, accounts=accounts)
        server = PracticeServer(world, clock=clock)
        server.start()
        told: list[KnownWindow] = []
        http = HttpClient(connect_timeout=2, read_timeout=2)
        limits = Limits(told.append, clock=clock, steady=clock)
        provider = XProvider(http, limits, api_url=server.url, ads_url=server.url, clock=clock)
        app = world.apps[0]
        bench = Bench(server, provider, credential_of(app.key, app.secret), told)
        made.append(bench)
        return bench

    yield make
    for bench in made:
        bench.provider.close()
        bench.server.stop()


@pytest.fixture
def bench(make_bench: Callable[..., Bench]) -> Bench:
    return make_bench()
