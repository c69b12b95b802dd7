"""The course of one authorization, from the request token to the stored access token.

Knows no widgets: it moves through phases and says so. What was granted is never dropped here.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Coroutine, Iterator
from contextlib import contextmanager
from typing import Any, Protocol

from PySide6.QtCore import QObject, Signal

from adwarden.domain.data import dataclass
from adwarden.domain.errors import AdwardenError, ErrorCode
from adwarden.domain.model import Connection, XApp
from adwarden.providers.base import GuestRules
from adwarden.services.authorizing import Attempt, Granted
from adwarden.services.tasks import Tasks
from adwarden.storage.keychain_status import KeychainStatus
from adwarden.ui.authorize_errors import denied, expired, keeps_pin, refused_again, unexpected
from adwarden.ui.authorize_phase import Phase
from adwarden.ui.authorize_unlock import Unlocker

MOST_RENEWALS = 3
"""Request tokens fetched in a row without anybody pressing ``Start over``."""

_BURNT = frozenset({ErrorCode.PIN_WRONG, ErrorCode.REQUEST_EXPIRED})


class AccountsLike(Protocol):
    """The use cases that the dialog needs; every call raises ``AdwardenError``."""

    def rules(self, app: XApp) -> Awaitable[GuestRules]:
        """Return what the embedded page may show."""

    async def begin(self, app_id: str, reconnect: str = "") -> Attempt:
        """Fetch a request token."""

    async def finish(self, attempt: Attempt, pin: str) -> Granted:
        """Exchange the PIN for a token."""

    async def keep(self, granted: Granted, *, as_new: bool = False) -> Connection:
        """Store the token."""

    async def discard(self, granted: Granted) -> None:
        """Revoke the token."""

    async def unlock(self, place: str = ...) -> KeychainStatus:
        """Unlock a place of secrets; the person may be asked."""


@dataclass(frozen=True, slots=True)
class Opened:
    """A request token is there: the page to show, and what the page may do."""

    attempt: Attempt
    rules: GuestRules
    renewed: bool


class AuthorizeFlow(QObject):
    """Runs one dialog's authorization as tasks of ``owner``.

    ``changed`` comes with every new phase; ``error`` is the last failure to show, or ``None``.
    ``ended`` asks the dialog to close; a connection was told of by ``connected`` before.
    """

    changed = Signal(object)
    opened = Signal(object)
    connected = Signal(object)
    ended = Signal()

    def __init__(
        self, owner: QObject, accounts: AccountsLike, tasks: Tasks, reconnect: Connection | None
    ) -> None:
        super().__init__(owner)
        self._owner = owner
        self._accounts = accounts
        self._tasks = tasks
        self._unlocker = Unlocker(accounts)
        self._reconnect = reconnect
        self._app_id = ""
        self._attempt: Attempt | None = None
        self._granted: Granted | None = None
        self._as_new = False
        self._renewals = 0
        self._closed = False
        self.phase = Phase.STARTING
        self.error: AdwardenError | None = None
        self.leaving = False
        """Whether the person wanted to close while a token might be lost by it."""
        self.not_revoked = False
        """Whether X could not be told to revoke what it granted last."""

    @property
    def attempt(self) -> Attempt | None:
        """The running attempt, once its request token is there."""
        return self._attempt

    @property
    def granted(self) -> Granted | None:
        """The token that is in memory only."""
        return self._granted

    def start(self, app_id: str) -> None:
        """Begin with this app, or begin anew; does nothing while a token may be lost by it."""
        if self.phase.holds or self.phase is Phase.DONE:
            return
        self._app_id = app_id
        self._renewals = 0
        before, self.error = self.error, None
        self._begin_again(before)

    def again(self) -> None:
        """Begin anew with the same app; what the last try met with is put right first."""
        self.start(self._app_id)

    def submit(self, pin: str) -> None:
        """Exchange a PIN or verifier, if an attempt waits for one."""
        if self.phase is Phase.WAITING and self._attempt is not None:
            before, self.error = self.error, None
            # At once, and not when the task begins: a second press must find it so.
            self._set(Phase.EXCHANGING)
            self._spawn("exchange PIN", self._exchange(self._attempt, pin, before))

    def refused(self) -> None:
        """Note that the person said no on the provider's page."""
        if self.phase is Phase.WAITING:
            self._fail(denied())

    def expired(self) -> None:
        """Note that the provider's page calls the request token used up."""
        if self.phase is Phase.WAITING:
            self._renew(expired())

    def keep(self, *, as_new: bool = False) -> None:
        """Store what was granted: the first time, or once more."""
        if self.phase in (Phase.MISMATCH, Phase.UNSTORED) and self._granted is not None:
            self._as_new = self._as_new or as_new
            self._set(Phase.KEEPING)
            self._spawn("keep token", self._keep(self._granted))

    def discard(self) -> None:
        """Revoke what was granted and forget it."""
        if self.phase in (Phase.MISMATCH, Phase.UNSTORED) and self._granted is not None:
            before = self.phase
            self._set(Phase.DISCARDING)
            self._spawn("discard token", self._discard(self._granted, before))

    def forget(self) -> None:
        """Forget what was granted although X was not told; only after revoking has failed."""
        if self.phase in (Phase.MISMATCH, Phase.UNSTORED) and self.not_revoked:
            self._forgotten()

    def may_close(self) -> bool:
        """Return whether closing loses nothing; otherwise the person is asked."""
        if not self.phase.holds:
            return True
        self.leaving = True
        # An answer that does not come must not keep the dialog, and with it the program.
        self._unlocker.give_up()
        self._set(self.phase)
        return False

    def shut(self) -> None:
        """Stop everything that runs for the dialog."""
        self._closed = True
        self._tasks.cancel(self._owner)

    def _begin_again(self, before: AdwardenError | None) -> None:
        # What still runs belongs to an attempt that nobody waits for any more.
        self._tasks.cancel(self._owner)
        self._attempt = None
        self._set(Phase.STARTING)
        self._spawn("begin authorization", self._begin(before, renewed=False))

    async def _begin(self, before: AdwardenError | None, *, renewed: bool) -> None:
        with self._step(Phase.STARTING, self._fail):
            await self._unlocker.after(before)
            reconnect = self._reconnect.id if self._reconnect else ""
            attempt = await self._accounts.begin(self._app_id, reconnect)
            rules = await self._accounts.rules(attempt.app)
            self._attempt = attempt
            self._set(Phase.WAITING)
            self.opened.emit(Opened(attempt, rules, renewed))

    async def _exchange(self, attempt: Attempt, pin: str, before: AdwardenError | None) -> None:
        granted: Granted | None = None
        with self._step(Phase.EXCHANGING, self._not_granted):
            await self._unlocker.after(before)
            granted = await self._accounts.finish(attempt, pin)
        if granted is None:
            return
        self._granted = granted
        self.not_revoked = False
        self.error = None
        if granted.unexpected:
            self._set(Phase.MISMATCH)
        elif self.leaving:
            self._set(Phase.UNSTORED)
        else:
            await self._keep(granted)

    async def _keep(self, granted: Granted) -> None:
        before = self.error
        with self._step(Phase.KEEPING, self._not_stored):
            await self._unlocker.after(before)
            connection = await self._accounts.keep(granted, as_new=self._as_new)
            self._granted = None
            self.error = None
            self._set(Phase.DONE)
            self.connected.emit(connection)
            self.ended.emit()

    async def _discard(self, granted: Granted, before: Phase) -> None:
        def failed(error: AdwardenError) -> None:
            self.error = error
            self.not_revoked = True
            self._set(before)

        with self._step(Phase.DISCARDING, failed):
            await self._accounts.discard(granted)
            self.not_revoked = False
            self._forgotten()

    def _forgotten(self) -> None:
        self._granted = None
        self.error = None
        self._set(Phase.DISCARDED)
        if self.leaving:
            self.ended.emit()

    def _not_granted(self, error: AdwardenError) -> None:
        if self.leaving:
            self._fail(error)
            self.ended.emit()
        elif error.code in _BURNT:
            self._renew(error)
        elif keeps_pin(error):
            self.error = error
            self._set(Phase.WAITING)
        else:
            self._fail(error)

    def _not_stored(self, error: AdwardenError) -> None:
        self.error = error
        self._set(Phase.UNSTORED)

    def _renew(self, error: AdwardenError) -> None:
        if self._renewals >= MOST_RENEWALS:
            self._fail(refused_again(error))
            return
        self.error = error
        self._renewals += 1
        self._attempt = None
        self._set(Phase.STARTING)
        self._spawn("begin authorization again", self._begin(None, renewed=True))

    def _fail(self, error: AdwardenError) -> None:
        self.error = error
        self._attempt = None
        self._set(Phase.FAILED)

    def _set(self, phase: Phase) -> None:
        self.phase = phase
        if not self._closed:
            self.changed.emit(phase)

    def _spawn(self, name: str, coro: Coroutine[Any, Any, None]) -> None:
        self._tasks.spawn(self._owner, name, coro)

    @contextmanager
    def _step(self, phase: Phase, on_error: Callable[[AdwardenError], None]) -> Iterator[None]:
        """Hold ``phase`` while the body runs, and leave it whatever way the body ends.

        An error of a kind nobody expects goes on to the funnel, and the dialog stays usable.
        """
        import asyncio

        self._set(phase)
        settled = False
        try:
            yield
            settled = True
        except AdwardenError as error:
            settled = True
            on_error(error)
        except asyncio.CancelledError:
            settled = True
            raise
        finally:
            if not settled:
                on_error(unexpected())
