"""The KeePass file as a place of secrets: made, opened, locked and forgotten as a person asks.

It knows which rows of the index depend on the file; the file itself is the vault's.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Mapping
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from adwarden.domain.errors import ErrorCode, KeychainError
from adwarden.domain.model import FILE, AccountEntry, Credential
from adwarden.domain.secret import Secret
from adwarden.services.index import Index
from adwarden.services.places import Places, busy
from adwarden.services.roster import Roster, entry_of
from adwarden.storage import settings as known
from adwarden.storage.keychain_status import EntryName, KeychainState, KeychainStatus
from adwarden.storage.settings import Settings

if TYPE_CHECKING:
    from adwarden.domain.model import Connection, XApp
    from adwarden.services.keychain import Keychain
    from adwarden.storage.directory import Directory, PendingStep
    from adwarden.storage.keepass_vault import KeepassVault

Ask = Callable[[], Awaitable[None]]
"""Asks a person for the master password until the file is open, or raises ``KeychainError``."""


class VaultFile:
    """What can be done with the file; all raise ``AdwardenError``, and none waits on the loop.

    Paths are absolute.
    ``pause`` ends the refresh of a connection, by its id, so that it can go on, and tells whether
    there was one; ``stop`` ends one for good. ``resume`` goes on with what was cut off: it gets
    the connections that work with the file, and those of them that ``pause`` was true of.
    ``recover`` finishes what waited for the file,
    ``under_way`` has the entries that are being added just now. ``ask`` is the window's, once
    there is one.
    """

    def __init__(
        self,
        places: Places,
        roster: Roster,
        index: Index,
        settings: Settings,
        *,
        stop: Callable[[str], None],
        pause: Callable[[str], bool],
        resume: Callable[[Collection[str], Collection[str]], None],
        recover: Callable[[], Awaitable[None]],
        under_way: Callable[[], Collection[str]],
    ) -> None:
        self._places, self._roster, self._index = places, roster, index
        self._settings, self._stop, self._recover = settings, stop, recover
        self._pause, self._resume = pause, resume
        self._paused: set[str] = set()
        """Connections whose refreshes a lock has ended."""
        self._under_way = under_way
        self.ask: Ask | None = None
        self.unlocked = False
        """Whether the key may be in memory; also while the file itself is out of reach."""

    @property
    def path(self) -> Path | None:
        """Where the file is, ``None`` while none is in use."""
        text = self._settings.get(known.VAULT_FILE)
        return Path(text) if text else None

    @property
    def rows(self) -> tuple[XApp | Connection, ...]:
        """The apps and connections whose secrets are in the file, also what can be undone yet."""
        return tuple(one for one in self._roster.everything if one.place == FILE)

    async def create(self, path: Path, password: Secret) -> KeychainStatus:
        """Make a new file, open, and use it from now on; never in the place of another file."""
        self._note(password)
        with self._places.changing(FILE):
            waiting = await self._waiting()
            if self.path is not None and self.rows:
                from adwarden.storage.keepass_vault import in_use

                raise in_use(self.path.name, len(self.rows))
            if self.path is not None and waiting:
                raise _unfinished(self.path.name)
            self.unlocked = True
            async with self._or_back(path):
                status = await self._keychain.change(lambda one: _of(one).create(path, password))
                await self._remember(str(path))
        return status

    async def use(self, path: Path, password: Secret) -> KeychainStatus:
        """Open another file and use it from now on.

        Refused while secrets are in the one before, unless they are in this one as well: the
        same file may have been moved. Refused, too, while a change of the one before waits for it
        to be opened, unless that one is gone.
        """
        self._note(password)
        with self._places.changing(FILE):
            waiting = await self._waiting()
            before = self.path
            if before is not None and before != path and waiting:
                raise _unfinished(before.name)
            wanted = frozenset(EntryName(*entry_of(one)[:2]) for one in self.rows)
            if before is None:
                wanted = frozenset()  # the one before was given up on purpose
            # What it holds of ours is listed: settings and index may both have been lost.
            await self._index.run(lambda d: d.begin_pending("rebuild", f"*{FILE}", "", FILE))
            self.unlocked = True
            async with self._or_back(path):
                status = await self._keychain.change(
                    lambda vault: _of(vault).use(path, password, holding=wanted)
                )
                await self._remember(str(path))
        await self._finish_steps()
        self._go_on()
        return status

    async def enter(self, password: Secret) -> KeychainStatus:
        """Unlock the file; WRONG_PASSWORD and FILE_DAMAGED are told apart."""
        self._note(password)
        self.unlocked = True
        status = await self._keychain.change(lambda vault: _of(vault).enter(password))
        if status.state is KeychainState.READY:
            await self._finish_steps()
            self._go_on()
        return status

    async def lock(self, why: str = "") -> KeychainStatus:
        """Drop the key and what was decrypted, after stopping what works with it.

        Done as soon as the file's thread is free, even when nobody waits for it any more. Refreshes
        that this ends go on once the file is open again.
        """
        self._paused.update(one for one in self._using if self._pause(one))
        self.unlocked = False
        return await self._keychain.insist(lambda vault: _of(vault).lock(why))

    async def change_password(self, old: Secret, new: Secret) -> KeychainStatus:
        """Give the file another master password; whoever shares it needs the new one then."""
        self._note(old)
        self._note(new)
        return await self._keychain.change(lambda vault: _of(vault).change_password(old, new))

    async def forget(self) -> KeychainStatus:
        """Use the file no longer; what is in it stays, and so do the rows that depend on it."""
        with self._places.changing(FILE):
            await self._waiting()
            for one in self._using:
                self._stop(one)
            self._paused.clear()
            self.unlocked = False
            status = await self._keychain.insist(lambda vault: _of(vault).forget())
            await self._remember("")
        return status

    async def unlock(self) -> KeychainStatus:
        """Have a person asked for the password; KEYCHAIN_DISMISSED when they said no."""
        status = await self._places.status(FILE)
        if status.state is KeychainState.LOCKED:
            if self.ask is None:
                raise _nobody_to_ask()
            await self.ask()
            status = await self._places.status(FILE)
        return status

    async def known(self) -> Mapping[str, tuple[AccountEntry, ...]]:
        """Return what the index has of the file's connections, by their ids."""
        found = {}
        for one in self._roster.connections:
            if one.place == FILE:
                found[one.id] = await self._index.run(
                    lambda d, connection_id=one.id: d.entries(connection_id)  # type: ignore[misc]
                )
        return found

    @property
    def _using(self) -> tuple[str, ...]:
        """Connections that work with what is in the file: their own token, or their app's keys."""
        rows = {row.id for row in self.rows}
        return tuple(one.id for one in self._roster.connections if rows & {one.id, one.app_id})

    async def _finish_steps(self) -> None:
        # What waits for the system's keychain is told where that is unlocked, if there is one.
        with suppress(KeychainError):
            await self._recover()

    def _go_on(self) -> None:
        paused, self._paused = self._paused, set()
        self._resume(self._using, paused)

    @property
    def _keychain(self) -> Keychain:
        return self._places.of(FILE)

    def _note(self, password: Secret) -> None:
        """Have the password kept out of logs."""
        self._keychain.note(Credential("master-password", {"password": password}))

    async def _waiting(self) -> tuple[PendingStep, ...]:
        """Return the steps that wait for the file, none where it is gone.

        Refused in words while a secret is on its way into it, which would end in the wrong one.
        """
        begun = await self._steps()
        if {step.entry for step in begun if step.kind == "add"} & set(self._under_way()):
            raise busy("A secret is just being kept in it or moved there.")
        if not begun or await self._places.is_lost(FILE):
            return ()
        if (await self._places.status(FILE)).state is KeychainState.READY:
            # What can be made now is no reason to refuse.
            await self._finish_steps()
            begun = await self._steps()
        return begun

    async def _steps(self) -> tuple[PendingStep, ...]:
        steps, file = await self._index.run(_steps_and_file)
        # Those of another file wait for that one.
        mine = (one for one in steps if one.place == FILE and one.file in ("", file))
        return tuple(one for one in mine if one.kind != "rebuild")

    @asynccontextmanager
    async def _or_back(self, path: Path) -> AsyncIterator[None]:
        """Return to the file before when nobody waits any more: what had begun goes on alone."""
        import asyncio

        before = self.path
        try:
            yield
        except asyncio.CancelledError:
            self._settings.set(known.VAULT_FILE, str(before or ""))
            with suppress(KeychainError):
                await self._keychain.insist(lambda vault: _of(vault).go_back(path, before))
                # The file before is open still where the other one had not come to be opened.
                self.unlocked = await self._keychain.call(lambda vault: _of(vault).is_open)
                await self._remember(str(before or ""))
            raise

    async def _remember(self, path: str) -> None:
        self._settings.set(known.VAULT_FILE, path)
        # On the disk before anything is kept in a file that nobody would find again.
        await self._keychain.call(lambda _: self._settings.save())


def _of(vault: object) -> KeepassVault:
    from adwarden.storage.keepass_vault import KeepassVault

    assert isinstance(vault, KeepassVault)
    return vault


def _steps_and_file(directory: Directory) -> tuple[tuple[PendingStep, ...], str]:
    return directory.pending(), directory.stamp.file() if directory.stamp is not None else ""


def _unfinished(file: str) -> KeychainError:
    error = KeychainError(
        ErrorCode.KEYCHAIN_FAILED,
        "Something waits for the KeePass file",
        f"A change that was cut off is finished as soon as {file} can be written.",
        "Unlock it once with its master password, then try again; or forget that file first.",
    )
    error.place = FILE
    return error


def _nobody_to_ask() -> KeychainError:
    error = KeychainError(
        ErrorCode.KEYCHAIN_LOCKED,
        "The KeePass file is locked",
        "It gives nothing out before its master password is entered.",
        "Open Adwarden’s window and unlock it there.",
    )
    error.place = FILE
    return error
