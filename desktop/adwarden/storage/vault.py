"""The vault: the only user of ``keyring``, and the only place that unwraps secrets to keep them.

It knows nothing of the index, of threads or of the window, and never falls back to another place.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import TypeVar

from adwarden.domain.errors import KeychainError
from adwarden.domain.model import Credential
from adwarden.storage.keychain_backends import (
    KeyringBackendLike,
    SystemKeychain,
    system_keychain,
)
from adwarden.storage.keychain_codec import (
    NAMESPACE,
    check_length,
    decode,
    encode,
    entry_service,
    entry_username,
    to_json,
)
from adwarden.storage.keychain_errors import (
    OF_ONE_ENTRY,
    entry_missing,
    explain,
    not_deleted,
    not_kept,
    refusal,
)
from adwarden.storage.keychain_listing import Listing, checked
from adwarden.storage.keychain_status import (
    EntryName,
    KeychainState,
    KeychainStatus,
    SelfTest,
)

__all__ = [
    "EntryName",
    "KeychainState",
    "KeychainStatus",
    "KeyringBackendLike",
    "SelfTest",
    "SystemKeychain",
    "Vault",
    "entry_service",
    "entry_username",
]

T = TypeVar("T")

_COPIES = 4


class Vault:
    """Credentials in a keychain; for one thread, the one that makes the first call.

    Every failure is raised as ``KeychainError``. Before each call the state is asked without a
    prompt, and a keychain that is not ready is refused (KEYCHAIN_LOCKED, KEYCHAIN_MISSING,
    KEYCHAIN_FAILED); only ``unlock`` prompts (macOS may still ask by itself whether this
    program may read an entry). Nothing is ever tried again from here: a failed call can leave
    descriptors open and a prompt pending, so the next try is a person's. Secrets are not cached.

    ``backend_factory`` and ``probe`` replace those of the system's keychain.
    """

    def __init__(
        self,
        backend_factory: Callable[[], KeyringBackendLike] | None = None,
        probe: Callable[[], KeychainStatus] | None = None,
        *,
        namespace: str = NAMESPACE,
        system: SystemKeychain | None = None,
    ) -> None:
        system = system or system_keychain()
        self._system = replace(
            system, backend=backend_factory or system.backend, probe=probe or system.probe,
            texts=None if backend_factory else system.texts,
            found=None if backend_factory else system.found,
            shared=system.shared and not backend_factory,
        )  # fmt: skip
        self.reads_at_once = self._system.texts is not None
        """Whether reading all entries is one question, about which the system asks nobody."""
        self._listing = Listing(self._system, namespace, self._read, self._write, self._erase)
        self._backend: KeyringBackendLike | None = None
        self._thread: threading.Thread | None = None

    def status(self) -> KeychainStatus:
        """Return the state as it is now; never prompts, never raises ``KeychainError``."""
        self._pin()
        try:
            return self._guard(self._system.probe)
        except KeychainError as error:
            return KeychainStatus(
                KeychainState.FAILED, "System keychain", error.message, error.remedy
            )

    def unlock(self, given_up: threading.Event | None = None) -> KeychainStatus:
        """Let the system ask for what it needs, and return the state after that.

        Blocks while the prompt is open; once ``given_up`` is set, by whichever thread, the prompt
        is closed, where the system can do that. Raises ``KeychainError`` (KEYCHAIN_DISMISSED when
        the person said no).
        """
        self._pin()
        given_up = given_up or threading.Event()
        status = self.status()
        if status.state in (KeychainState.LOCKED, KeychainState.NO_COLLECTION):
            self._guard(lambda: self._system.unlock(given_up))
            status = self.status()
        return status

    def put(
        self,
        service: str,
        username: str,
        credential: Credential,
        former: EntryName | None = None,
        beside: Iterable[EntryName] = (),
    ) -> None:
        """Keep ``credential``, and return only after reading it back gave the same.

        The manifest comes first: a name without an entry is harmless, the reverse is not
        findable. On Windows and macOS the old entry is deleted before the new one is written;
        to replace what must not be lost, put it under a new service and delete the old one.
        ``former`` is that old one, for places where entries hold more than secrets. ``beside``
        are names that ought to be on the manifest, too, which is seen to once. Raises
        ``KeychainError``, also ENTRY_TOO_LARGE.
        """
        self._pin()
        name = checked(service, username)
        text = encode(credential)
        self._require_ready()
        self._guard(lambda: self._listing.add(name, beside))
        self._guard(lambda: self._write(name, text))

    def get(self, service: str, username: str) -> Credential:
        """Return a credential; raises ``KeychainError``, also ENTRY_MISSING, ENTRY_DAMAGED."""
        self._pin()
        name = checked(service, username)
        self._require_ready()
        text = self._guard(lambda: self._read(name))
        if text is None:
            raise entry_missing(self._system.place)
        return decode(text)

    def read_all(self, names: Iterable[EntryName]) -> dict[EntryName, Credential | KeychainError]:
        """Return credentials, or why they cannot be had: each name has the one or the other.

        In one exchange where the place can do that; never prompts. Raises ``KeychainError``
        when it is the place itself that fails.
        """
        self._pin()
        wanted = [checked(*name) for name in names]
        self._require_ready()
        if self._system.texts is None:
            return {name: self._one_of_many(name) for name in wanted}
        read = self._system.texts
        texts = self._guard(lambda: read(wanted)) if wanted else {}
        return {name: self._told(texts.get(name)) for name in wanted}

    def _one_of_many(self, name: EntryName) -> Credential | KeychainError:
        try:
            return self._told(self._guard(lambda: self._read(name)))
        except KeychainError as error:
            if error.code not in OF_ONE_ENTRY:
                raise
            return error.with_traceback(None)

    def _told(self, text: str | KeychainError | None) -> Credential | KeychainError:
        if isinstance(text, str):
            try:
                return decode(text)
            except KeychainError as error:
                return error.with_traceback(None)
        return entry_missing(self._system.place) if text is None else text

    def delete(self, service: str, username: str) -> None:
        """Delete an entry, then its line in the manifest; fine when there is none."""
        self._pin()
        name = checked(service, username)
        self._require_ready()
        self._guard(lambda: self._erase(name))
        self._guard(lambda: self._listing.remove(name))

    def known(self) -> tuple[EntryName, ...]:
        """Return the names of our entries as the place tells them now.

        Where it cannot, they come from the manifest, and some may have no entry (any more).
        """
        self._pin()
        self._require_ready()
        return self._guard(self._listing.known)

    def relist(self, names: Iterable[EntryName]) -> None:
        """See to it that the manifest has ``names``, and whatever else of ours can be found."""
        self._pin()
        self._require_ready()
        self._guard(lambda: self._listing.restore(names))

    def selftest(self) -> SelfTest:
        """Write, read and delete a throw-away entry, always under the same name."""
        import secrets

        self._pin()
        result = SelfTest(self.status())
        name = self._listing.self_test
        text = to_json({"v": 1, "kind": "self-test", "value": secrets.token_urlsafe(16)})
        try:
            self._require_ready(result.status)
            spent = self._timed(lambda: self._set(name, text))
            result = replace(result, write_ms=spent)
            spent = self._timed(lambda: self._verify(name, text))
            result = replace(result, read_ms=spent)
        except KeychainError as error:
            result = replace(result, error=error)
        if result.write_ms is not None:
            try:
                spent = self._timed(lambda: self._erase(name))
                result = replace(result, delete_ms=spent)
            except KeychainError as error:
                result = replace(result, error=result.error or error)
        return result

    def close(self) -> None:
        """Let go of the connection to the keychain; the next call makes a new one."""
        self._pin()
        self._backend = None
        self._guard(self._system.close)

    def _pin(self) -> None:
        # Parallel calls make gnome-keyring abort, after which it comes back locked.
        current = threading.current_thread()
        if self._thread is None:
            self._thread = current
        elif self._thread is not current:
            raise RuntimeError("the vault belongs to another thread")

    def _require_ready(self, status: KeychainStatus | None = None) -> None:
        status = status or self.status()
        if status.state is not KeychainState.READY:
            raise refusal(status)

    def _guard(self, call: Callable[[], T]) -> T:
        """Make a call into the system; whatever it raises becomes ours, without its text."""
        try:
            return call()
        except Exception as error:  # noqa: BLE001 - every system raises what it likes
            failure = explain(error)
        # Out here, so that the original with its texts is no context of ours.
        raise failure.with_traceback(None)

    def _timed(self, call: Callable[[], None]) -> float:
        start = time.perf_counter()
        self._guard(call)
        return (time.perf_counter() - start) * 1000

    def _opened(self) -> KeyringBackendLike:
        if self._backend is None:
            self._backend = self._system.backend()
        return self._backend

    def _read(self, name: EntryName) -> str | None:
        return self._opened().get_password(*name)

    def _write(self, name: EntryName, text: str) -> None:
        check_length(text)
        self._set(name, text)
        self._verify(name, text)

    def _set(self, name: EntryName, text: str) -> None:
        if self._system.delete_first:
            self._erase(name)
        self._opened().set_password(*name, text)

    def _verify(self, name: EntryName, text: str) -> None:
        if self._read(name) != text:
            raise not_kept(self._system.place)

    def _erase(self, name: EntryName) -> None:
        from keyring.errors import PasswordDeleteError

        # More than once: some systems keep copies, and delete only the first they find.
        for _ in range(_COPIES):
            try:
                self._opened().delete_password(*name)
            except PasswordDeleteError:
                break
        if self._read(name) is not None:
            raise not_deleted(self._system.place)
