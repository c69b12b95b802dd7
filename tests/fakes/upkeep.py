"""Stand-ins for what looks after connections: removing, checking and leaving."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from adwarden.domain.checks import CheckResult, accepted, working
from adwarden.domain.errors import AdwardenError
from adwarden.domain.model import AppAccess, Connection, XApp
from adwarden.services.events import (
    AppRemoved,
    AppSaved,
    ConnectionRemoved,
    ConnectionSaved,
    Left,
    Removal,
    RemovalChanged,
    RemovalKind,
    Stage,
)

if TYPE_CHECKING:
    from tests.fakes.services import FakeServices


@dataclass
class FakeRemoving:
    """Hides and brings back; the ten seconds are over when a test says so."""

    services: FakeServices
    waiting: dict[str, Removal] = field(default_factory=dict)
    seconds: float = 10.0
    hidden: dict[str, XApp | Connection] = field(default_factory=dict)
    ended: dict[str, Removal] = field(default_factory=dict)

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
        self._begin(Removal(app_id, found.label, False, 0.0, RemovalKind.APP), found)
        self.services.emit(AppRemoved(app_id))

    def left(self, removal: Removal) -> float:
        return self.seconds

    async def undo(self, item_id: str) -> bool:
        await self.services.step("undo", item_id)
        removal = self.waiting.pop(item_id, None)
        if removal is None:
            return False
        if removal.kind is RemovalKind.LEAVE:
            self.services.leaving.bring_back()
        else:
            self.bring_back(item_id)
        self.services.emit(RemovalChanged(removal, Stage.UNDONE))
        return True

    async def again(self, removal_id: str) -> None:
        kind, revoke = self.ended[removal_id].kind, self.ended[removal_id].revoke
        if kind is RemovalKind.APP:
            self.remove_app(removal_id)
        else:
            self.disconnect(removal_id, revoke=revoke)

    def stop(self, removal_id: str) -> None:
        self.services.asked.append(("stop", removal_id))

    async def retry(self, connection_id: str) -> None:
        await self.services.step("retry", connection_id)

    def bring_back(self, item_id: str) -> None:
        """Show again what was hidden."""
        item = self.hidden.pop(item_id)
        self.services.emit(AppSaved(item) if isinstance(item, XApp) else ConnectionSaved(item))

    def end(self, item_id: str, error: AdwardenError | None = None) -> None:
        """Let the time be over, and the removal end well or not."""
        removal = self.ended[item_id] = self.waiting.pop(item_id)
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
    """Finds what a test puts into ``found``, and of all others that they work.

    What is no connection is an app.
    """

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
        connection = next((one for one in snapshot.connections if one.id == connection_id), None)
        if connection is None:
            new = XApp(connection_id, "x", "A new app", AppAccess.STANDARD, "", 0.0)
            return accepted(next((one for one in snapshot.apps if one.id == connection_id), new))
        nothing = XApp(connection.app_id, "x", "An app", AppAccess.STANDARD, "", 0.0)
        app = next((one for one in snapshot.apps if one.id == connection.app_id), nothing)
        return working(connection, app, level="read-write")


@dataclass
class FakeLeaving:
    """Hides connections; a test says when X has been told, and which of them stay."""

    services: FakeServices
    left: list[Left] = field(default_factory=list)
    ids: tuple[str, ...] = ()

    def leave(self, ids: Iterable[str], name: str) -> None:
        self.ids = ids = tuple(ids)
        self.services.asked.append(("leave", *ids))
        removal = Removal("leave:1", name, True, 0.0, RemovalKind.LEAVE, len(ids))
        removing = self.services.removing
        removing.waiting[removal.id] = removal
        for id_ in ids:
            self.services.emit(ConnectionRemoved(id_))
        self.services.emit(RemovalChanged(removal, Stage.WAITING))

    def begin(self) -> Removal:
        """Let the ten seconds be over."""
        removal = self.services.removing.waiting.pop("leave:1")
        self.services.emit(RemovalChanged(removal, Stage.ENDING))
        return removal

    def bring_back(self) -> None:
        """Show them again."""
        for one in self.services.snapshot.connections:
            if one.id in self.ids:
                self.services.emit(ConnectionSaved(one))

    def told(
        self, removal: Removal, connection_id: str, error: AdwardenError | None = None
    ) -> None:
        """Have X told about one of them."""
        snapshot = self.services.snapshot
        one = next(item for item in snapshot.connections if item.id == connection_id)
        app = next(item for item in snapshot.apps if item.id == one.app_id)
        self.left.append(Left(connection_id, one.handle, app.label, error))
        if error is not None:
            self.services.emit(ConnectionSaved(one))
        self.services.emit(RemovalChanged(removal, Stage.ENDING, left=tuple(self.left)))

    def done(self, removal: Removal) -> None:
        """End it."""
        self.services.emit(RemovalChanged(removal, Stage.DONE, left=tuple(self.left)))
