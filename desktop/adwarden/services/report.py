"""Writes the access report: the last known state, chosen rows, in one of three formats."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path

from adwarden.domain.errors import InputError
from adwarden.domain.model import Snapshot
from adwarden.domain.report import FORMATS, Report, Scope
from adwarden.services.index import Index
from adwarden.services.tasks import Lane
from adwarden.storage.own_files import OwnFiles, known_files
from adwarden.storage.report_file import write_report

_NOTHING = OwnFiles()


class Reports:
    """Makes reports on a thread of their own; the window goes on meanwhile."""

    def __init__(self, index: Index, *, clock: Callable[[], float] = time.time) -> None:
        self._index = index
        self._clock = clock

    async def write(
        self,
        path: Path,
        kind: str,
        scope: Scope,
        *,
        stale_after: float,
        replace: bool = False,
    ) -> int:
        """Write the report into a file, whole or not at all; return how many rows it has.

        Raises ``ExistsError`` for a file that is there unless ``replace``, ``InputError`` for
        what can be no report, ``StorageError``.
        """
        snapshot, own = await self._index.run(lambda d: (d.snapshot(), known_files(d)))
        report = Report(snapshot, self._clock(), stale_after, scope)
        lane: Lane[None] = Lane("report", workers=1, context=lambda: None)
        try:
            return await lane.run(lambda _: save(report, path, kind, replace=replace, own=own))
        finally:
            lane.close()


def pieces(report: Report, kind: str) -> Iterator[str]:
    """Yield the text of a report; raises ``InputError`` for a format that there is not."""
    if kind == "html":
        from adwarden.domain.report_html import as_html

        return as_html(report)
    from adwarden.domain import report_text

    if kind == "csv":
        return report_text.as_csv(report)
    if kind == "json":
        return report_text.as_json(report)
    raise InputError(
        "No such format",
        f"A report can be {', '.join(FORMATS)}; not “{kind[:20]}”.",
        "Choose one of them.",
        field="format",
    )


def save(
    report: Report, path: Path, kind: str, *, replace: bool = False, own: OwnFiles = _NOTHING
) -> int:
    """Write a report into a file and return its rows; ``own`` is what is spared.

    Raises what ``Reports.write`` does.
    """
    text = (piece.encode("utf-8", "replace") for piece in pieces(report, kind))
    write_report(path, text, replace=replace, own=own)
    return report.row_count()


def report_of(
    snapshot: Snapshot, made_at: float, stale_after: float, connections: frozenset[str]
) -> Report:
    """Return a report of these connections, of all for an empty set."""
    return Report(snapshot, made_at, stale_after, Scope(connections))
