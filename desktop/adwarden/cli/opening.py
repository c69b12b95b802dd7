"""The index for commands that only read it, also in a folder where nothing can be written."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from adwarden.arguments import Options
from adwarden.domain.errors import AdwardenError, StorageError
from adwarden.storage.directory import Directory
from adwarden.storage.paths import DataFolder
from adwarden.storage.settings import Settings
from adwarden.wiring import Base, make_base

_LOG = "-wal"
"""What SQLite has not put into the file itself yet stands in one of this ending beside it."""


_UNBUILT = (
    "This list is new, and nothing has been read into it yet. If there were X apps before, "
    "`adwarden refresh` lists them again from the system keychain, and the window also from a "
    "KeePass file."
)


@contextmanager
def last_known(options: Options) -> Iterator[tuple[Base, Directory]]:
    """Open settings and index; what was wrong with the index is said on standard error.

    So is that it is new: the file may have been lost. SQLite writes beside a file to read it:
    where that is not allowed, a private copy is read, which is gone afterwards. Raises
    ``AdwardenError``.
    """
    with ExitStack() as open_:
        try:
            base = make_base(options)
        except StorageError as error:
            folder = DataFolder.locate(os.environ, options.data_dir, practice=options.practice)
            if os.access(folder.root, os.W_OK) or not os.access(folder.directory, os.R_OK):
                raise
            settings, problems = Settings.load(folder, os.environ)
            base = Base(folder, settings, tuple(problems))
            directory = _copied(folder, open_, error)
            print(f"adwarden: {error.message} This was saved there before.", file=sys.stderr)
        else:
            directory, trouble = Directory.open(base.folder)
            if trouble is not None:
                print(f"adwarden: {trouble}", file=sys.stderr)
            elif directory.is_unbuilt():
                print(f"adwarden: {_UNBUILT}", file=sys.stderr)
        open_.callback(directory.close)
        yield base, directory


def _copied(folder: DataFolder, until: ExitStack, refusal: AdwardenError) -> Directory:
    """Open a copy of the index, which lasts as long as ``until`` is open."""
    import shutil
    import tempfile

    place = Path(until.enter_context(tempfile.TemporaryDirectory(prefix="adwarden-")))
    copy = DataFolder(place)
    source = folder.directory
    try:
        shutil.copyfile(source, copy.directory)
        log = source.with_name(source.name + _LOG)
        if log.exists():
            shutil.copyfile(log, place / log.name)
    except OSError:
        raise refusal from None
    directory, trouble = Directory.open(copy)
    if trouble is not None:
        # Only where the folder can be written is there anything to be done about it.
        directory.close()
        raise refusal
    return directory
