"""``adwarden report``: who can do what, through which token, since when; from the index alone."""

from __future__ import annotations

import io
import os
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from adwarden.arguments import Options
from adwarden.cli.choosing import choose
from adwarden.cli.listing import shown
from adwarden.cli.opening import last_known
from adwarden.domain.errors import InputError
from adwarden.services.report import pieces, report_of, save
from adwarden.storage.own_files import own_files
from adwarden.storage.report_file import ExistsError
from adwarden.storage.settings import STALE_HOURS, VAULT_FILE

_STDOUT = ("-", "/dev/stdout")
_ENDS = tuple(sep + dot for sep in (os.sep, os.altsep) if sep for dot in ("", "."))
"""What ends the name of a folder; a path would drop it in silence."""


def run_report(options: Options) -> int:
    """Write the report into a file, or print it; a file that is there is left as it is."""
    file = _file(options.output)
    with last_known(options) as (base, directory):
        snapshot = directory.snapshot()
    own = own_files(base.folder.root, base.settings.get(VAULT_FILE))
    chosen = frozenset(one.id for one in choose(snapshot, options.connection) if options.connection)
    stale_after = base.settings.get(STALE_HOURS) * 3600.0
    report = report_of(snapshot, time.time(), stale_after, chosen)
    if file is None:
        _print(pieces(report, options.kind))
        return 0
    try:
        rows = save(report, file, options.kind, replace=options.force, own=own)
    except ExistsError as error:
        raise InputError(error.title, error.message, "Add --force to replace it.") from None
    words = "row" if rows == 1 else "rows"
    print(f"adwarden: {rows:,} {words} written to {shown(str(file))}", file=sys.stderr)
    return 0


def _file(output: str | None) -> Path | None:
    """Return the file that is meant, ``None`` for standard output; raises ``InputError``."""
    if output is None or output in _STDOUT:
        return None
    if not output.strip():
        raise InputError(
            "The report’s file has no name",
            "--output was given an empty value.",
            "Name a file after --output, or leave it out to have the report printed.",
        )
    if output.endswith(_ENDS):
        raise InputError(
            "A report goes into a file",
            f"{shown(output)} names a folder.",
            "Add the name of the file.",
        )
    return Path(output)


def _print(text: Iterator[str]) -> None:
    """Print the pieces as they are: UTF-8 and their own line ends, whatever the terminal is."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.flush()
        for piece in text:
            sys.stdout.buffer.write(piece.encode("utf-8", "replace"))
        sys.stdout.buffer.flush()
        return
    for piece in text:
        sys.stdout.write(piece)
