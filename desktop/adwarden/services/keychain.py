"""The vault for coroutines: one daemon thread, first in first out, and never a frozen window.

It knows the vault and the loop it is called from; it shows nothing and tries nothing again.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from adwarden.domain.errors import ErrorCode, KeychainError
from adwarden.domain.model import KEYCHAIN, Credential
from adwarden.services.tasks import Lane
from adwarden.storage.keychain_status import EntryName, KeychainStatus, SelfTest

if TYPE_CHECKING:
    from adwarden.storage.vault import Vault

T = TypeVar("T")

# Not KEYCHAIN_TIMEOUT: a keychain that is stuck could not answer either.
_ITS_OWN = frozenset(
    {
        ErrorCode.KEYCHAIN_MISSING,
        ErrorCode.KEYCHAIN_LOCKED,
        ErrorCode.KEYCHAIN_DISMISSED,
        ErrorCode.KEYCHAIN_FAILED,
        ErrorCode.FILE_DAMAGED,
        ErrorCode.FILE_UNSUPPORTED,
    }
)


class Keychain:
    """The system keychain as coroutines; all raise ``KeychainError``.

    A call that shows the system's prompt lasts until it is answered; cancelling the waiting task
    returns at once, and closes the prompt of ``unlock``. What was cancelled before its turn is
    never done. What had begun goes on without anybody hearing of it: such a ``put`` is not
    reported as stored, and ``get`` tells whether it was.

    While one call has been stuck for ``patience`` seconds, others that waited as long for their
    turn are withdrawn with KEYCHAIN_TIMEOUT. A long queue that moves on is no reason to give up.

    ``vault`` makes the vault, on the keychain's own thread and at the first call. ``seen`` gets
    every credential that goes in or comes out, so that logs can be kept clear of its secrets.
    ``changed`` gets the state whenever it was looked at, which is also after every failure that
    is the keychain's own. ``name`` is what people call it, once that is known. ``place`` says
    which of the places it is, and stands in the errors; only the system's keychain prompts.
    """

    def __init__(
        self,
        vault: Callable[[], Vault],
        *,
        patience: float = 3.0,
        seen: Callable[[Credential], None] | None = None,
        changed: Callable[[KeychainStatus], None] | None = None,
        place: str = KEYCHAIN,
        name: str = "the system keychain",
    ) -> None:
        self.name = name
        self._place = place
        self._seen = seen
        self._changed = changed
        self._lane: Lane[Vault] = Lane(place, workers=1, context=vault)
        self._patience = patience
        self._lock = threading.Lock()
        self._since: float | None = None
        self._closed = False
        self._doubted = False
        """Whether it has failed since it did what it was asked for."""

    async def status(self) -> KeychainStatus:
        """Return the state as it is now; never prompts."""
        return self._tell(await self._run(lambda vault: vault.status()))

    async def unlock(self) -> KeychainStatus:
        """Let the system ask for its password and return the state after that.

        Who cancels the waiting gives up: the prompt is closed then, where the system can do that.
        """
        import asyncio

        given_up, self._doubted = threading.Event(), False
        try:
            return self._tell(await self._do(lambda vault: vault.unlock(given_up)))
        except asyncio.CancelledError:
            given_up.set()
            raise

    async def put(
        self,
        service: str,
        username: str,
        credential: Credential,
        former: EntryName | None = None,
        beside: Iterable[EntryName] = (),
    ) -> None:
        """Keep a credential; it is in the keychain, and was read back, when this returns.

        ``former`` is the entry here whose place it takes; ``beside`` has to be listed, too.
        """
        self.note(credential)
        await self._do(lambda vault: vault.put(service, username, credential, former, beside))

    async def get(self, service: str, username: str) -> Credential:
        """Return a credential; also ENTRY_MISSING and ENTRY_DAMAGED."""
        credential = await self._do(lambda vault: vault.get(service, username))
        self.note(credential)
        return credential

    async def read_all(
        self, names: Iterable[EntryName]
    ) -> dict[EntryName, Credential | KeychainError]:
        """Return credentials, or why they cannot be had; in one go where the place can."""
        wanted = tuple(names)
        found = await self._do(lambda vault: vault.read_all(wanted))
        for credential in found.values():
            if isinstance(credential, Credential):
                self.note(credential)
        return found

    async def delete(self, service: str, username: str) -> None:
        """Delete an entry; fine when there is none."""
        await self._do(lambda vault: vault.delete(service, username))

    async def known(self) -> tuple[EntryName, ...]:
        """Return the names of all entries that the keychain finds, or its own manifest lists."""
        return await self._do(lambda vault: vault.known())

    async def relist(self, names: Iterable[EntryName]) -> None:
        """See to it that the manifest lists these names, and whatever else of ours is there."""
        wanted = tuple(names)
        await self._do(lambda vault: vault.relist(wanted))

    async def selftest(self) -> SelfTest:
        """Write, read and delete a throw-away entry, with the times."""
        return await self._run(lambda vault: vault.selftest())

    async def call(self, work: Callable[[Vault], T]) -> T:
        """Do something on the vault that only this place can."""
        return await self._do(work)

    async def change(self, work: Callable[[Any], KeychainStatus]) -> KeychainStatus:
        """Do something that leads to another state, and tell that."""
        self._doubted = False
        return self._tell(await self._do(work))

    async def insist(self, work: Callable[[Any], KeychainStatus]) -> KeychainStatus:
        """Have something done as soon as the thread is free, whoever waits or stops waiting."""
        import asyncio

        if self._closed:
            raise _closed()
        job = asyncio.wrap_future(self._lane.submit(work))
        return self._tell(await asyncio.shield(job))

    def note(self, credential: Credential) -> None:
        """Have a credential kept out of logs that is not, or not yet, in the keychain."""
        if self._seen is not None:
            self._seen(credential)

    def close(self) -> None:
        """Take no more calls; never waits, not even for a call behind a prompt."""
        self._closed = True
        self._lane.close()

    def _tell(self, status: KeychainStatus) -> KeychainStatus:
        self.name = status.backend or self.name
        if self._changed is not None:
            self._changed(status)
        return status

    async def _do(self, work: Callable[[Vault], T]) -> T:
        """Run ``work``; where the keychain itself is the trouble, look at its state again."""
        try:
            done = await self._run(work)
        except KeychainError as error:
            if error.code in _ITS_OWN:
                self._doubted = True
                # The failure is what counts; a state that cannot be read adds nothing to it.
                with suppress(KeychainError):
                    await self.status()
            raise
        if self._doubted:
            # Put right behind our back: who was told of the failure is to hear of it.
            self._doubted = False
            with suppress(KeychainError):
                await self.status()
        return done

    async def _run(self, work: Callable[[Vault], T]) -> T:
        if self._closed:
            raise _closed()
        try:
            return await self._take_turn(work)
        except KeychainError as error:
            error.place = error.place or self._place
            raise

    async def _take_turn(self, work: Callable[[Vault], T]) -> T:
        import asyncio

        turn = _Turn(work)
        job = asyncio.create_task(self._lane.run(lambda vault: self._serve(turn, vault)))
        timeout: float | None = self._patience
        try:
            while True:
                done, _ = await asyncio.wait({job}, timeout=timeout)
                if done:
                    return job.result()
                timeout = self._time_left(turn)
                if timeout is not None and timeout <= 0 and self._withdraw(turn):
                    raise _still_waiting() if self._place == KEYCHAIN else _busy(self.name)
        finally:
            self._withdraw(turn)
            if not job.cancel() and not job.cancelled():
                # Seen, so that the loop does not report it as a failure that nobody noticed.
                job.exception()

    def _serve(self, turn: _Turn[T], vault: Vault) -> T:
        with self._lock:
            if turn.work is None:
                raise _closed()
            work, turn.work = turn.work, None
            self._since = time.monotonic()
        try:
            return work(vault)
        except KeychainError as error:
            # The frames below hold the entry's text, and an error can be kept for long.
            failure = error.with_traceback(None)
        finally:
            with self._lock:
                self._since = None
        raise failure

    def _time_left(self, turn: _Turn[T]) -> float | None:
        """Return the seconds to wait for a turn, ``None`` when it has come."""
        with self._lock:
            if turn.work is None:
                return None
            if self._since is None:
                return self._patience
            return self._since + self._patience - time.monotonic()

    def _withdraw(self, turn: _Turn[T]) -> bool:
        """Take the work back if it has not begun, with the secrets that it would have kept."""
        with self._lock:
            waiting, turn.work = turn.work is not None, None
            return waiting


class _Turn(Generic[T]):
    """A place in the queue; ``work`` is ``None`` once it has begun or was withdrawn."""

    __slots__ = ("work",)

    def __init__(self, work: Callable[[Vault], T]) -> None:
        self.work: Callable[[Vault], T] | None = work


def _still_waiting() -> KeychainError:
    return KeychainError(
        ErrorCode.KEYCHAIN_TIMEOUT,
        "The system keychain is busy",
        "It has not answered an earlier request yet; perhaps it waits for a password.",
        "Look for a window of the system that asks for one, and answer it. If there is none, try "
        "again in a while.",
    )


def _busy(name: str) -> KeychainError:
    return KeychainError(
        ErrorCode.KEYCHAIN_TIMEOUT,
        f"{name[:1].upper()}{name[1:]} is busy",
        "The drive it is on, or another program that writes it, takes long.",
        "Try again in a while.",
    )


def _closed() -> KeychainError:
    return KeychainError(
        ErrorCode.CANCELLED,
        "The keychain is closed",
        "Adwarden is quitting and takes no more requests.",
    )
