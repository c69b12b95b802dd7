"""Stand-ins for what looks after connections: removing, checking and leaving."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from adwarden.domain.checks import CheckResult, working
from adwarden.domain.errors import AdwardenError
from adwarden.domain.model import AppAccess, Connection, XApp
from adwarden.services.events import (
    AppRemoved,
    AppSaved,
    ConnectionRemoved,
    ConnectionSaved,
    Removal,
    RemovalChanged,
    Stage,
)
from adwarden.services.leaving import Left

if TYPE_CHECKING:
    from tests.fakes.services import FakeServices


@dataclass
class FakeRemoving:
    """Hides and brings back; the ten seconds are over when a test says so."""

    services: FakeServices
    waiting: dict[str, Removal] = field(default_factory=dict)
    seconds: float = 10.0
    hidden: dict[str, XApp | Connection] = field(default_factory=dict)

    def disconnect(self, connection_id: str, *, revoke: bool) -> None:
        self.services.asked.append(("disconnect", connection_id, revoke))
        self._raise("disconnect")
        found = self._known(connection_id)
        assert isinstance(found, Connection)
        self._begin(Removal(connection_id, found.handle, revoke, 0.0), found)
        self.services.emit(ConnectionRemoved(connection_id))

    def remove_app(self, app_id: str) -> None:
        self.services.asked.append(("remove_app", app_id))
        self._raise("remove_app")
        found = self._known(app_id)
        assert isinstance(found, XApp)
        self._begin(Removal(app_id, found.label, False, 0.0, is_app=True), found)
        self.services.emit(AppRemoved(app_id))

    def left(self, removal: Removal) -> float:
        return self.seconds

    async def undo(self, item_id: str) -> bool:
        await self.services.step("undo", item_id)
        removal = self.waiting.pop(item_id, None)
        if removal is None:
            return False
        self.bring_back(item_id)
        self.services.emit(RemovalChanged(removal, Stage.UNDONE))
        return True

    async def retry(self, connection_id: str) -> None:
        await self.services.step("retry", connection_id)

    def bring_back(self, item_id: str) -> None:
        """Show again what was hidden."""
        item = self.hidden.pop(item_id)
        self.services.emit(AppSaved(item) if isinstance(item, XApp) else ConnectionSaved(item))

    def end(self, item_id: str, error: AdwardenError | None = None) -> None:
        """Let the time be over, and the removal end well or not."""
        removal = self.waiting.pop(item_id)
        self.services.emit(RemovalChanged(removal, Stage.ENDING))
        if error is not None:
            self.bring_back(item_id)
        stage = Stage.DONE if error is None else Stage.FAILED
        self.services.emit(RemovalChanged(removal, stage, error))

    def _begin(self, removal: Removal, item: XApp | Connection) -> None:
        self.waiting[removal.id] = removal
        self.hidden[removal.id] = item
        self.services.emit(RemovalChanged(removal, Stage.WAITING))

    def _known(self, item_id: str) -> XApp | Connection:
        snapshot = self.services.snapshot
        every: list[XApp | Connection] = [*snapshot.apps, *snapshot.connections]
        return next(item for item in every if item.id == item_id)

    def _raise(self, name: str) -> None:
        if self.services.failures.get(name):
            raise self.services.failures[name].pop(0)


@dataclass
class FakeChecking:
    """Finds what a test puts into ``found``, and of all others that they work."""

    services: FakeServices
    found: dict[str, CheckResult] = field(default_factory=dict)

    async def check(
        self, ids: Iterable[str], told: Callable[[CheckResult], None] = lambda _: None
    ) -> tuple[CheckResult, ...]:
        results = []
        for connection_id in tuple(ids):
            await self.services.step("check", connection_id)
            await asyncio.sleep(0)
            results.append(self._result(connection_id))
            told(results[-1])
        return tuple(results)

    def _result(self, connection_id: str) -> CheckResult:
        if connection_id in self.found:
            return self.found[connection_id]
        snapshot = self.services.snapshot
        connection = next(one for one in snapshot.connections if one.id == connection_id)
        nothing = XApp(connection.app_id, "x", "An app", AppAccess.STANDARD, "", 0.0)
        app = next((one for one in snapshot.apps if one.id == connection.app_id), nothing)
        return working(connection, app, level="read-write")


@dataclass
class FakeLeaving:
    """Revokes all but those whose error a test has put into ``stays``."""

    services: FakeServices
    stays: dict[str, AdwardenError] = field(default_factory=dict)

    async def revoke_all(
        self,
        ids: Iterable[str],
        told: Callable[[Left], None] = lambda _: None,
        stopped: Callable[[], bool] = lambda: False,
    ) -> tuple[Left, ...]:
        ended = []
        for connection_id in tuple(ids):
            if stopped():
                break
            await self.services.step("leave", connection_id)
            snapshot = self.services.snapshot
            one = next(item for item in snapshot.connections if item.id == connection_id)
            app = next(item for item in snapshot.apps if item.id == one.app_id)
            error = self.stays.get(connection_id)
            ended.append(Left(connection_id, one.handle, app.label, error))
            if error is None:
                self.services.emit(ConnectionRemoved(connection_id))
            told(ended[-1])
        return tuple(ended)
