"""Which run of the program a noted step is of, and whether that run still goes on.

Window and console share an index: what one of them is making is not the other's to finish.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from adwarden.services.sync_claims import Claims

SLOTS = 64
"""Runs at the same time that are told apart; the files of their claims are used again."""


class Runs:
    """The mark of this run; without ``claims`` there are no other processes.

    ``file`` tells which KeePass file is in use. For the index's thread, as files are touched.
    """

    def __init__(self, claims: Callable[[], Claims | None], file: Callable[[], str]) -> None:
        self._claims, self._file = claims, file
        self._mark = ""

    def run(self) -> str:
        """Return the mark; the first time it is claimed, which ends with the process."""
        if not self._mark:
            self._mark = self._enter()
        return self._mark

    def file(self) -> str:
        """Return which KeePass file is in use, empty for none."""
        import os

        path = self._file()
        # As text: this must not wait for a disk that does not answer.
        return os.path.normcase(os.path.abspath(path)) if path else ""  # noqa: PTH100

    def is_anothers(self, mark: str) -> bool:
        """Tell whether a mark is that of another process that lives."""
        claims = self._claims()
        slot, process = _read(mark)
        if claims is None or not slot or mark == self._mark or slot == _read(self._mark)[0]:
            return False
        if claims.take(_claim(slot)):
            claims.give_back(_claim(slot))
            return False
        # Taken by a later run otherwise, which has its own steps.
        return claims.holder(_claim(slot)) == process

    def end(self) -> None:
        """Give the mark back: what this run has left is anybody's to finish."""
        claims, slot = self._claims(), _read(self._mark)[0]
        if claims is not None and slot:
            claims.give_back(_claim(slot))
        self._mark = ""

    def _enter(self) -> str:
        import os

        # As secrets.token_hex, without the three megabytes of OpenSSL that it brings along.
        claims, random = self._claims(), os.urandom(4).hex()
        for number in range(SLOTS) if claims is not None else ():
            assert claims is not None
            if claims.take(_claim(str(number))):
                return f"{number}/{os.getpid()}/{random}"
        return f"//{random}"


def _read(mark: str) -> tuple[str, int]:
    """Return slot and process of a mark; an empty slot where it is no process's."""
    slot, _, rest = mark.partition("/")
    process = rest.partition("/")[0]
    return (slot, int(process)) if slot.isdigit() and process.isdigit() else ("", 0)


def _claim(slot: str) -> str:
    return f"run {slot}"
