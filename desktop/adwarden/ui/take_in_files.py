"""Reads, looks through and removes what is taken in, on a thread of its own; forgets it on demand.

A file may be on a disk that does not answer, and a large text takes its time: neither may keep
the window waiting.
"""

from __future__ import annotations

import contextlib
from pathlib import Path

from adwarden.domain.data import dataclass
from adwarden.domain.handover import Taken
from adwarden.domain.secret import Secret
from adwarden.services.tasks import Lane

_USUAL = (".twurlrc", ".xurl/auth.yml", ".xurl")
"""Where tools have their files, below the home folder."""


@dataclass(frozen=True, slots=True)
class Source:
    """A text with secrets and where it is from; ``path`` is ``None`` for what was pasted.

    ``leads_to`` is the file itself where the path is a link.
    """

    text: Secret
    path: Path | None = None
    leads_to: Path | None = None

    @property
    def name(self) -> str:
        """The name of the file, empty for what was pasted."""
        return self.path.name if self.path is not None else ""


class Files:
    """The work that has to wait for disks; all of it raises ``AdwardenError``."""

    def __init__(self) -> None:
        # One thread of its own: it ends with the program however long a disk takes.
        self._lane: Lane[object] = Lane("take in", workers=1, context=object)

    async def read(self, path: Path) -> Source:
        """Return the text of a file."""

        def work(_: object) -> Source:
            from adwarden.services.handover.target import led_to, read_source

            return Source(Secret(read_source(path)), path, led_to(path))

        return await self._lane.run(work)

    async def take(self, source: Source) -> Taken:
        """Return what a text holds."""

        def work(_: object) -> Taken:
            from adwarden.services.handover.reading import take

            # What is taken in is read here, as by the writers of formats elsewhere.
            return take(source.path.name if source.path else "", source.text.unwrap())

        return await self._lane.run(work)

    async def remove(self, source: Source) -> None:
        """Remove a file, unless it says something else by now than when it was read."""

        def work(_: object) -> None:
            from adwarden.services.handover.target import remove

            assert source.path is not None
            remove(source.path, was=source.text.unwrap())

        await self._lane.run(work)

    async def usual(self) -> tuple[Path, ...]:
        """Return the files of other tools that are where those have them; never raises."""

        def work(_: object) -> tuple[Path, ...]:
            with contextlib.suppress(OSError, RuntimeError):
                home = Path.home()
                return tuple(path for name in _USUAL if (path := home / name).is_file())
            return ()

        return await self._lane.run(work)

    def close(self) -> None:
        """Let the thread go."""
        self._lane.close()
