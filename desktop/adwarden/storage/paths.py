"""Where Adwarden keeps its files, and how a file is written so that none is ever half there.

Folders are private to the user (0700) and so are files (0600); nothing secret is put in them.
"""

from __future__ import annotations

import contextlib
import errno
import os
import time
import zlib
from collections.abc import Callable, Mapping
from pathlib import Path

from adwarden.domain.data import dataclass
from adwarden.domain.errors import ErrorCode, InputError, StorageError

DIRECTORY_FILE = "directory.sqlite3"
SETTINGS_FILE = "settings.ini"
LOG_FOLDER = "logs"
PRACTICE_FOLDER = "practice"
LOCK_FILE = "instance.lock"
LOCKS_FOLDER = "locks"
HOME_FILE = "home.json"

OURS = (
    DIRECTORY_FILE, SETTINGS_FILE, LOG_FOLDER, PRACTICE_FOLDER, LOCK_FILE, LOCKS_FOLDER,
    HOME_FILE, ".adwarden-",
)  # fmt: skip
"""What the names of all files in the data folder begin with."""

TEMP_PREFIX = ".adwarden-"
TEMP_SUFFIX = ".tmp"
"""What the names of files and folders begin and end with that a crash may leave behind."""

_ABANDONED_AFTER = 3600.0  # seconds; a temporary file this old belongs to nobody any more

_FULL = frozenset({errno.ENOSPC, errno.EFBIG, getattr(errno, "EDQUOT", errno.ENOSPC)})
_REFUSED = frozenset({errno.EACCES, errno.EPERM, errno.EROFS})


@dataclass(frozen=True, slots=True)
class DataFolder:
    """The one folder that holds everything Adwarden writes; ``root`` is absolute."""

    root: Path

    @classmethod
    def locate(
        cls, environ: Mapping[str, str], chosen: str | None = None, *, practice: bool = False
    ) -> DataFolder:
        """Say where the folder is, without touching the disk.

        ``chosen`` (the command line) wins over ``ADWARDEN_DATA_DIR``, which wins over the
        system's own place. Practice has a folder of its own inside. Raises ``InputError``.
        """
        wanted = chosen if chosen is not None else environ.get("ADWARDEN_DATA_DIR", "")
        if chosen is not None and not chosen.strip():
            raise InputError(
                "The data folder has no name",
                "--data-dir was given an empty value.",
                "Name a folder after --data-dir, or leave it out.",
            )
        if "\0" in wanted:
            raise InputError(
                "The data folder's name cannot be used",
                "It contains a NUL character.",
                "Choose another folder.",
            )
        if wanted.strip():
            try:
                root = Path(wanted).expanduser().absolute()
            except RuntimeError as error:
                raise InputError(
                    "The data folder cannot be found",
                    "Its name begins with ~, and the home folder of that user is not known.",
                    "Write the whole path.",
                ) from error
        else:
            # Costs milliseconds that a start with a folder of its own need not pay.
            from platformdirs import user_data_path

            root = user_data_path("Adwarden" if os.name == "nt" else "adwarden", appauthor=False)
        return cls(root / PRACTICE_FOLDER if practice else root)

    @property
    def mark(self) -> str:
        """What new entries of this folder bear, to tell them from another's; no path in it.

        It changes when the folder is moved: see ``homes``.
        """
        return mark_of(self.root.resolve())

    @property
    def home(self) -> Path:
        """The file that tells where the folder is, and has been."""
        return self.root / HOME_FILE

    @property
    def directory(self) -> Path:
        """The SQLite index."""
        return self.root / DIRECTORY_FILE

    @property
    def settings(self) -> Path:
        """The settings file."""
        return self.root / SETTINGS_FILE

    @property
    def logs(self) -> Path:
        """The folder of the log files."""
        return self.root / LOG_FOLDER

    @property
    def lock(self) -> Path:
        """The file that the running program holds, so that there is only one."""
        return self.root / LOCK_FILE

    @property
    def locks(self) -> Path:
        """The folder of what processes hold while they refresh a connection."""
        return self.root / LOCKS_FOLDER

    def prepare(self) -> None:
        """Make the folder, private to the user. Raises ``StorageError`` if it cannot be used."""
        try:
            make_private_folder(self.root)
            self._tidy()
        except OSError as error:
            raise storage_error(error, self.root, "The data folder cannot be used") from error
        if not os.access(self.root, os.W_OK | os.X_OK):
            refused = PermissionError(errno.EACCES, "not writable", str(self.root))
            raise storage_error(refused, self.root, "The data folder cannot be used")

    def _tidy(self) -> None:
        """Tighten a folder that holds nothing but our files, and drop what a crash left."""
        foreign = False
        with os.scandir(self.root) as found:
            for item in found:
                foreign = foreign or not item.name.startswith(OURS)
                _drop_if_abandoned(item)
        # A folder that others use too (--data-dir /tmp) must keep the rights they rely on.
        if not foreign and self.root.stat().st_mode & 0o077:
            with contextlib.suppress(PermissionError, NotImplementedError):
                self.root.chmod(0o700)


def mark_of(path: Path | str) -> str:
    """Return the mark of a data folder at a path, also one that only another system can have."""
    text = os.fspath(path)
    try:
        name = os.fsencode(text)
    except UnicodeEncodeError:
        # A name of Windows, on a drive that has come from there: it gave this mark.
        name = text.encode("utf-8", "surrogatepass")
    return f"{zlib.crc32(name):08x}"


def drop_abandoned(folder: Path) -> None:
    """Remove what a crash in the middle of ``atomic_write`` left in a folder, an hour later."""
    with contextlib.suppress(OSError), os.scandir(folder) as found:
        for item in found:
            _drop_if_abandoned(item)


def _drop_if_abandoned(item: os.DirEntry[str]) -> None:
    if item.name.startswith(TEMP_PREFIX) and item.name.endswith(TEMP_SUFFIX):
        with contextlib.suppress(OSError):
            if time.time() - item.stat().st_mtime <= _ABANDONED_AFTER:
                return
            if item.is_dir(follow_symlinks=False):
                import shutil

                shutil.rmtree(item.path, ignore_errors=True)
            else:
                Path(item.path).unlink()


def make_private_folder(path: Path) -> None:
    """Make a folder and its parents; those that are new are 0700. Raises ``OSError``."""
    missing = [path]
    while not missing[-1].parent.exists():
        missing.append(missing[-1].parent)
    for folder in reversed(missing):
        folder.mkdir(mode=0o700, exist_ok=True)


def atomic_write(
    path: Path,
    data: bytes,
    *,
    like: os.stat_result | None = None,
    before: Callable[[], object] | None = None,
) -> None:
    """Replace a file at once: whoever reads it, or a crash, sees the old or the new content.

    The file is 0600, or has mode and group of ``like``, and is on the disk when this returns.
    ``before`` is called right before the new content takes its place; what it raises leaves the
    old. Raises ``StorageError``; then the old file is as it was and no temporary file is left.
    """
    # The name does not repeat the file's own, which may be as long as names can be.
    temp = path.parent / f"{TEMP_PREFIX}{os.urandom(8).hex()}{TEMP_SUFFIX}"
    try:
        with contextlib.ExitStack() as undoing:
            undoing.callback(_drop, temp)
            _write_through(temp, data, like)
            if before is not None:
                before()
            temp.replace(path)
            undoing.pop_all()
        _sync_folder(path.parent)
    except OSError as error:
        raise storage_error(error, path, f"{path.name} could not be saved") from error


def move_aside(path: Path, *, stamp: str | None = None) -> Path:
    """Rename a damaged file to ``name.damaged-YYYYMMDD-HHMMSS`` and return the new path.

    Nothing is overwritten: a number is added when the name is taken. Raises ``StorageError``.
    """
    stem = f"{path.name}.damaged-{stamp or time.strftime('%Y%m%d-%H%M%S')}"
    target = path.with_name(stem)
    number = 1
    while os.path.lexists(target):
        number += 1
        target = path.with_name(f"{stem}-{number}")
    try:
        path.rename(target)
    except OSError as error:
        raise storage_error(error, path, f"{path.name} is damaged and cannot be moved") from error
    return target


def storage_error(error: OSError, path: Path, title: str) -> StorageError:
    """Put a failure of the file system in words: what to do depends on why it failed."""
    code = error.errno or 0
    if code in _FULL:
        message = "The disk is full, or your share of it is used up."
        remedy = "Free some space, then try again. Nothing that was saved before is lost."
    elif code in _REFUSED:
        message = f"Writing in {path if path.is_dir() else path.parent} is not allowed."
        remedy = "Make the folder writable for you, or choose another one with --data-dir."
    elif code == errno.ENAMETOOLONG:
        message = "Its path is longer than this system allows."
        remedy = "Choose a folder with a shorter path with --data-dir."
    elif code in (errno.ENOTDIR, errno.EEXIST):
        message = f"A file stands where a folder is needed: {error.filename or path}"
        remedy = "Move that file away, or choose another folder with --data-dir."
    elif code == errno.ENOENT:
        message = f"It is no longer there: {error.filename or path}"
        remedy = "If it is on a drive that was removed, connect it and try again."
    else:
        message = f"The system says: {error.strerror or type(error).__name__}."
        remedy = "Check the disk, or choose another folder with --data-dir."
    name = errno.errorcode.get(code, type(error).__name__)
    return StorageError(ErrorCode.STORAGE, title, message, remedy, detail=f"{name}: {path}")


def _drop(temp: Path) -> None:
    with contextlib.suppress(OSError):
        temp.unlink(missing_ok=True)


def _write_through(path: Path, data: bytes, like: os.stat_result | None) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        if like is not None and os.name != "nt":
            mode = like.st_mode & 0o777
            # The group first: the file must at no moment be open to the wrong one.
            try:
                os.fchown(descriptor, -1, like.st_gid)
            except PermissionError:
                mode &= ~0o070
            with contextlib.suppress(PermissionError):
                os.fchmod(descriptor, mode)
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


def _sync_folder(folder: Path) -> None:
    """Make a rename last through a power cut; not every system can (Windows, some networks)."""
    if os.name == "nt":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    except OSError as error:
        if error.errno not in (errno.EINVAL, errno.ENOTSUP, errno.EBADF):
            raise
    finally:
        os.close(descriptor)
