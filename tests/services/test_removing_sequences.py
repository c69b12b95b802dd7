"""Any sequence of disconnect, undo, waiting, quitting and killing, against what is to be there."""

from __future__ import annotations

import asyncio
import shutil
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from adwarden.domain.errors import AdwardenError, ErrorCode, NetworkError, NotFoundError
from adwarden.domain.model import (
    KEYCHAIN,
    AppAccess,
    Connection,
    ConnectionState,
    Credential,
)
from adwarden.domain.secret import Secret
from adwarden.providers.base import Provider
from adwarden.services.accounts import Accounts
from adwarden.services.hub import Hub
from adwarden.services.index import Index
from adwarden.services.keychain import Keychain
from adwarden.services.places import Places
from adwarden.services.rate_windows import RateWindows
from adwarden.services.removing import UNDO_SECONDS
from adwarden.services.tasks import Lane
from adwarden.storage.directory import Directory
from adwarden.storage.paths import DataFolder
from adwarden.storage.vault import Vault
from tests.fakes.keychain import READY, MemoryBackend
from tests.services.clockwork import HandClock

USERS = ("ann", "bob", "cy")


@dataclass
class FakeX:
    """X as far as revoking goes; the tokens that it has forgotten, and whether it answers."""

    dead: set[str] = field(default_factory=set)
    down: bool = False

    def revoke(self, app: Credential, user: Credential) -> None:
        if self.down:
            raise NetworkError(ErrorCode.NO_NETWORK, "No network", "It is down.")
        self.dead.add(user.facts["screen_name"])

    def close(self) -> None:
        pass


@dataclass
class Expected:
    """What a person was promised."""

    there: dict[str, str] = field(default_factory=dict)
    """Handle to ``shown``, ``waits-here``, ``waits-revoke`` or ``revoking``."""

    left: dict[str, float] = field(default_factory=dict)
    dead: set[str] = field(default_factory=set)

    def carry_out(self, who: str, *, down: bool) -> None:
        how = self.there[who]
        self.left.pop(who, None)
        if how == "waits-revoke" and down:
            self.there[who] = "revoking"
            return
        if how in ("waits-revoke", "revoking"):
            self.dead.add(who)
        del self.there[who]


class Run:
    """One run of the program after the other on the same folder, keychain and X."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.backend, self.x = folder, MemoryBackend(), FakeX()
        self.oracle = Expected()
        self.ids: dict[str, str] = {}

    def open(self) -> None:
        hub = Hub()
        self.clock = HandClock()
        self.index = Index(lambda distrust: Directory.open(DataFolder(self.folder)))
        self.keychain = Keychain(lambda: Vault(lambda: self.backend, lambda: READY))
        make: Callable[[], Provider] = lambda: self.x  # type: ignore[assignment,return-value]  # noqa: E731
        self.lane = Lane("x", workers=1, context=make)
        self.accounts = Accounts(
            self.index,
            Places({KEYCHAIN: self.keychain}),
            {"x": self.lane},
            hub,
            home="here",
            windows=RateWindows(self.index, hub),
            remember=lambda _: None,
            pace=self.clock.pace(),
        )

    async def begin(self) -> None:
        self.open()
        await self.accounts.load()
        app = await self.accounts.add_app(
            "App", Secret("k" * 25), Secret("s" * 50), AppAccess.STANDARD
        )
        for number, who in enumerate(USERS, 1):
            connection = Connection(
                f"c{number}", app.id, str(number), who, "", 1.0, ConnectionState.WORKING
            )
            token = Credential("x-oauth1-token", {"token": Secret(who), "secret": Secret("s")})
            kept = await self.accounts.rewriting.keep_connection(connection, token)
            self.ids[who] = kept.id
            self.oracle.there[who] = "shown"
        # A new index looks through the keychain once; that is not what this is about.
        await self.accounts.recover()

    async def settle(self) -> None:
        """Let everything that has begun come to its end."""
        removing = self.accounts.removing
        while True:
            resting = {one.id for one in removing.waiting if removing.left(one) > 0}
            if {id_ for ids in removing._tasks.values() for id_ in ids} <= resting:
                break
            await asyncio.sleep(0)
        await self.index.run(lambda _: None)

    async def do(self, step: tuple[str, str]) -> None:
        what, who = step
        removing, oracle = self.accounts.removing, self.oracle
        state = oracle.there.get(who)
        match what:
            case "here" | "revoke":
                try:
                    removing.disconnect(self.ids[who], revoke=what == "revoke")
                except NotFoundError:
                    assert state is None or state.startswith("waits")
                else:
                    assert state in ("shown", "revoking")
                    oracle.there[who] = f"waits-{what}"
                    oracle.left[who] = UNDO_SECONDS
                    # What was to be revoked before still is, should the person undo this.
                    if state == "revoking":
                        oracle.there[who] += "-again"
            case "undo":
                undone = await removing.undo(self.ids[who])
                assert undone == (state is not None and state.startswith("waits"))
                if undone:
                    again = str(state).endswith("-again")
                    oracle.there[who] = "revoking" if again else "shown"
                    del oracle.left[who]
            case "wait":
                seconds = float(who)
                self.clock.pass_time(seconds)
                for one in list(oracle.left):
                    oracle.left[one] -= seconds
                    if oracle.left[one] <= 0:
                        self._over(one)
            case "retry":
                try:
                    await removing.retry(self.ids[who])
                except AdwardenError as error:
                    gone = isinstance(error, NotFoundError)
                    assert gone == (state is None or state.startswith("waits"))
                    if not gone:
                        assert self.x.down
                        oracle.there[who] = "revoking"
                else:
                    assert not self.x.down
                    oracle.carry_out(who, down=False)
                    oracle.dead.add(who)
            case "down" | "up":
                self.x.down = what == "down"
            case "quit":
                for one in list(oracle.left):
                    self._over(one)
                await self.accounts.close()
                await self.start_again()
            case "kill":
                # Nothing of the run is asked any more; as good as ended by force.
                for one in list(oracle.left):
                    again = oracle.there[one].endswith("-again")
                    oracle.there[one] = "revoking" if again else "shown"
                oracle.left.clear()
                for task in removing._tasks:
                    task.cancel()
                self.keychain.close()
                self.lane.close()
                self.index.close()
                await self.start_again()
        await self.settle()
        await self.check()

    def _over(self, who: str) -> None:
        self.oracle.there[who] = self.oracle.there[who].removesuffix("-again")
        self.oracle.carry_out(who, down=self.x.down)

    async def start_again(self) -> None:
        self.open()
        await self.accounts.load()
        await self.accounts.recover()
        for who, state in list(self.oracle.there.items()):
            if state == "revoking":
                self.oracle.carry_out(who, down=False) if not self.x.down else None

    async def check(self) -> None:
        oracle, shown = self.oracle, {}
        for one in self.accounts.roster.connections:
            revoking = one.state is ConnectionState.REVOKING
            shown[one.screen_name] = "revoking" if revoking else "shown"
        wanted = {w: s for w, s in oracle.there.items() if not s.startswith("waits")}
        assert shown == wanted
        assert {r.name.lstrip("@") for r in self.accounts.removing.waiting} == set(oracle.left)
        # Whoever is not promised to be gone has a token, and it works unless it was revoked.
        entries = {user.lstrip("@") for _, user in self.backend.entries} & set(USERS)
        assert entries == set(oracle.there)
        assert self.x.dead == oracle.dead
        stored = (await self.index.snapshot()).connections
        assert {one.screen_name for one in stored} == set(oracle.there)
        noted = {
            step.username.lstrip("@"): step.kind for step in await self.index.run(Directory.pending)
        }
        begun = {w for w, s in oracle.there.items() if s == "revoking" or "again" in s}
        assert noted == dict.fromkeys(begun, "revoke")


STEPS = st.one_of(
    st.tuples(st.sampled_from(("here", "revoke", "undo", "retry")), st.sampled_from(USERS)),
    st.tuples(st.just("wait"), st.sampled_from(("3", "9.5", "10", "25"))),
    st.tuples(st.sampled_from(("quit", "kill", "down", "up")), st.just("")),
)


@settings(max_examples=40, deadline=None)
@given(st.lists(STEPS, min_size=1, max_size=14))
def test_any_sequence_keeps_what_was_promised(steps: list[tuple[str, str]]) -> None:
    async def go() -> None:
        folder = Path(tempfile.mkdtemp(prefix="removing-"))
        try:
            run = Run(folder)
            await run.begin()
            for step in steps:
                await run.do(step)
            await run.accounts.close()
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    asyncio.run(go())
