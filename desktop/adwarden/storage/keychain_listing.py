"""Which entries of ours a place has: asked of the place itself, and kept in the manifest.

Where both can be had, the place itself is believed, and the manifest is for systems that cannot
be asked.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from adwarden.storage.keepass_lock import LockTimeoutError, lock_folder, only_writer
from adwarden.storage.keychain_backends import SystemKeychain
from adwarden.storage.keychain_codec import SEPARATOR, is_name
from adwarden.storage.keychain_manifest import Manifest, is_page
from adwarden.storage.keychain_status import EntryName

_PATIENCE = 5.0  # seconds; a page is read and written in a hundredth of one
_SELF_TEST = "self-test"


class Listing:
    """The names of one place; all calls let out what the place raises.

    ``read``, ``write`` and ``erase`` are for the manifest's pages; a place that can name its
    entries by itself (``SystemKeychain.names``) has none.
    """

    def __init__(
        self,
        system: SystemKeychain,
        namespace: str,
        read: Callable[[EntryName], str | None],
        write: Callable[[EntryName, str], None],
        erase: Callable[[EntryName], None],
    ) -> None:
        self._system, self._namespace = system, namespace
        held = (lambda: alone(namespace)) if system.shared else contextlib.nullcontext
        self._manifest = Manifest(namespace, read, write, erase, torn=system.torn, alone=held)
        self.self_test = EntryName(SEPARATOR.join((namespace, _SELF_TEST)), _SELF_TEST)
        """The one name of all throw-away entries: what a crash leaves goes with the next test."""

    def add(self, name: EntryName, beside: Iterable[EntryName] = ()) -> None:
        """List an entry that is about to be written, and ``beside`` if it is missing there."""
        if self._system.names is None:
            self._manifest.add(name, filter(_is_whole, beside))

    def remove(self, name: EntryName) -> None:
        """Take an entry off that is gone."""
        if self._system.names is None:
            self._manifest.remove(name)

    def known(self) -> tuple[EntryName, ...]:
        """Return the names of our entries; from the manifest alone some may have none."""
        if self._system.names is not None:
            return tuple(name for name in self._system.names() if self._is_ours(name))
        found, listed = self._found(), self._manifest.names()
        if found is None:
            return listed
        # A service may be unable to search for less than all of an entry's attributes.
        doubtful = [name for name in listed if name not in found]
        texts = self._system.texts
        there = texts(doubtful) if doubtful and texts is not None else {}
        return tuple(dict.fromkeys((*(n for n in listed if n in found or n in there), *found)))

    def restore(self, names: Iterable[EntryName]) -> None:
        """Put on the manifest what is missing there: of ``names``, and of what is found."""
        if self._system.names is None:
            self._manifest.restore((*(self._found() or ()), *filter(_is_whole, names)))

    def _found(self) -> dict[EntryName, None] | None:
        """Return the names that the place itself finds, ``None`` where it cannot look."""
        found = self._system.found() if self._system.found is not None else None
        if found is None:
            return None
        return dict.fromkeys(name for name in found if self._is_ours(name))

    def _is_ours(self, name: EntryName) -> bool:
        return (
            name.service.startswith(self._namespace + SEPARATOR)
            and name != self.self_test
            and not is_page(self._namespace, name)
            and _is_whole(name)
        )


def _is_whole(name: EntryName) -> bool:
    return is_name(name.service) and is_name(name.username)


def checked(service: str, username: str) -> EntryName:
    """Refuse (``ValueError``) what some system would cut off or change."""
    name = EntryName(service, username)
    if not _is_whole(name):
        raise ValueError("not a name for a keychain entry")
    return name


@contextlib.contextmanager
def alone(namespace: str) -> Iterator[None]:
    """Keep other Adwardens of this user from changing the same list; waits for 5 s at most.

    After that it goes on, as whoever has the lock does not: a line lost is listed again.
    """
    with contextlib.ExitStack() as holding:
        with contextlib.suppress(LockTimeoutError):
            # A name for the lock, not a file that is there.
            lock = only_writer(Path(f"{namespace}{SEPARATOR}manifest"), lock_folder(), _PATIENCE)
            holding.enter_context(lock)
        yield
