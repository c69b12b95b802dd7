"""The log, the hooks for what nobody caught, and the report a person may send.

Whatever leaves here has passed the redactor; no local variables are ever shown.
"""

from __future__ import annotations

import contextlib
import faulthandler
import itertools
import logging
import os
import sys
import threading
import traceback
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from types import TracebackType
from typing import IO, Any

from adwarden.system.redaction import Redactor

LOG_FILE = "adwarden.log"
CRASH_FILE = "crash.log"

# They log tokens, arguments, paths, titles or results below WARNING.
QUIET = (
    "asyncio", "construct", "jeepney", "keyring", "oauthlib", "pykeepass", "qasync", "requests",
    "requests_oauthlib", "secretstorage", "urllib3",
)  # fmt: skip

_LARGEST_LOG = 1_000_000  # bytes
_KEPT_LOGS = 3
_FORMAT = "%(asctime)s %(levelname)-7s %(threadName)s %(name)s: %(message)s"

Forward = Callable[[BaseException, str], None]


class RedactingFormatter(logging.Formatter):
    """Formats a record as usual, traceback included, then cleans the whole text."""

    def __init__(self, redactor: Redactor) -> None:
        super().__init__(_FORMAT)
        self._redactor = redactor

    def format(self, record: logging.LogRecord) -> str:
        """Return the cleaned line; a record that cannot be formatted gives its template."""
        try:
            text = super().format(record)
        except (TypeError, ValueError, KeyError):
            text = f"{record.levelname} {record.name}: {record.msg!r} (wrong arguments)"
        # Indented, so that a line break in a message cannot pass for a record of its own.
        text = text.replace("\r", "\\r").replace("\0", "\\0").replace("\n", "\n    ")
        return self._redactor.clean(text)


class LibraryFilter(logging.Filter):
    """Keeps libraries at WARNING even when somebody lowers their own level later."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Say whether the record passes."""
        return record.levelno >= logging.WARNING or record.name.split(".", 1)[0] not in QUIET


class PrivateFile(logging.FileHandler):
    """A log file that only the user can read, cut into a few of limited size."""

    def __init__(self, path: Path, *, largest: int = _LARGEST_LOG) -> None:
        self._largest = largest
        super().__init__(path, encoding="utf-8", delay=True, errors="backslashreplace")

    def emit(self, record: logging.LogRecord) -> None:
        """Write the record, beginning a new file when this one is full."""
        try:
            if self.stream is None:  # it is, until the first record opens it
                self.stream = self._open()
            if self.stream.tell() >= self._largest:
                self._rotate()
        except OSError:
            return  # a full disk must not stop the program for the sake of its log
        super().emit(record)

    def close(self) -> None:
        """Close the file; what a full disk did not take is lost."""
        with contextlib.suppress(OSError):
            super().close()

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802
        """Drop the record: the default prints it with its arguments, uncleaned."""

    def _open(self) -> Any:  # noqa: ANN401 - as the base class has it
        return open_private(Path(self.baseFilename))

    def _rotate(self) -> None:
        if self.stream is not None:
            self.stream.close()
        log = Path(self.baseFilename)
        older = [log, *(log.with_name(f"{log.name}.{n}") for n in range(1, _KEPT_LOGS + 1))]
        for source, target in reversed(list(itertools.pairwise(older))):
            if source.exists():
                source.replace(target)
        self.stream = self._open()


class Console(logging.StreamHandler[IO[str]]):
    """The log on standard error; a closed one is nobody's trouble."""

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802
        """Drop the record: the default prints it with its arguments, uncleaned."""


class Diagnostics:
    """Sets logging and the hooks up for the process, and takes them back on ``close``."""

    def __init__(self, redactor: Redactor) -> None:
        self._redactor = redactor
        self._handlers: list[logging.Handler] = []
        self._undo: list[Callable[[], None]] = []

    def start_log(self, folder: Path, level: str, console: IO[str] | None = None) -> list[str]:
        """Log into the folder and to ``console``; ``level`` is one of logging's names.

        Returns what failed, in words; the program goes on without it.
        """
        failed: list[str] = []
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._add(PrivateFile(folder / LOG_FILE))
        except OSError as error:
            failed.append(f"The log cannot be written: {error.strerror}")
        if console is not None:
            handler = Console(console)
            handler.setLevel(logging.WARNING)
            self._add(handler)
        self._replace_last_resort()
        root = logging.getLogger()
        before = root.level
        root.setLevel(level)
        self._undo.append(lambda: root.setLevel(before))
        for name in QUIET:
            logging.getLogger(name).setLevel(logging.WARNING)
        return failed

    def catch_crashes(self, folder: Path) -> list[str]:
        """Note where the process was when it dies of a signal; returns what failed."""
        path = folder / CRASH_FILE
        try:
            if path.exists() and path.stat().st_size > _LARGEST_LOG:
                path.replace(path.with_name(f"{path.name}.1"))
            file = open_private(path)
            faulthandler.enable(file=file, all_threads=True)
        except (OSError, ValueError) as error:
            return [f"Crashes cannot be noted: {error}"]

        def undo() -> None:
            faulthandler.disable()
            file.close()

        self._undo.append(undo)
        return []

    def install_hooks(self, forward: Forward) -> None:
        """Hand every exception that nobody caught to ``forward(error, where)``."""
        guarded = _Guarded(forward)
        previous = sys.excepthook, threading.excepthook, sys.unraisablehook

        def uncaught(
            kind: type[BaseException], error: BaseException, trace: TracebackType | None
        ) -> None:
            if issubclass(kind, KeyboardInterrupt):
                previous[0](kind, error, trace)
            else:
                guarded(error, "main thread")

        def in_thread(args: threading.ExceptHookArgs) -> None:
            if args.exc_value is not None and not isinstance(args.exc_value, SystemExit):
                guarded(args.exc_value, f"thread {args.thread.name if args.thread else '?'}")

        def unraisable(args: sys.UnraisableHookArgs) -> None:
            if args.exc_value is not None:
                guarded(args.exc_value, args.err_msg or "clean-up")

        sys.excepthook, threading.excepthook, sys.unraisablehook = uncaught, in_thread, unraisable

        def undo() -> None:
            sys.excepthook, threading.excepthook, sys.unraisablehook = previous

        self._undo.append(undo)

    def report(self, error: BaseException, *, versions: Mapping[str, str], task: str = "") -> str:
        """Return a text that a person can send: versions, system, traceback; no secrets."""
        import platform

        trace = traceback.TracebackException.from_exception(error, capture_locals=False)
        lines = [
            "Adwarden error report",
            *(f"{name} {version}" for name, version in versions.items()),
            f"Python {platform.python_version()}",
            f"System {platform.system()} {platform.release()} {platform.machine()}",
            f"Task {task or '-'}",
            "",
            *_limited(trace.format()),
        ]
        return self._redactor.clean("\n".join(line.rstrip("\n") for line in lines)) + "\n"

    def close(self) -> None:
        """Undo all of it, in the reverse order."""
        while self._undo:
            self._undo.pop()()
        for handler in self._handlers:
            logging.getLogger().removeHandler(handler)
            handler.close()
        self._handlers.clear()

    def _replace_last_resort(self) -> None:
        """Clean what is said while there is neither a log file nor a console, too."""
        before = logging.lastResort
        handler = Console(sys.stderr) if sys.stderr is not None else logging.NullHandler()
        handler.setLevel(logging.WARNING)
        logging.lastResort = self._cleaning(handler)

        def undo() -> None:
            logging.lastResort = before

        self._undo.append(undo)

    def _cleaning(self, handler: logging.Handler) -> logging.Handler:
        handler.setFormatter(RedactingFormatter(self._redactor))
        handler.addFilter(LibraryFilter())
        return handler

    def _add(self, handler: logging.Handler) -> None:
        logging.getLogger().addHandler(self._cleaning(handler))
        self._handlers.append(handler)


class _Guarded:
    """Calls the funnel; what fails inside it is logged instead of going round in circles."""

    def __init__(self, forward: Forward) -> None:
        self._forward = forward
        self._busy = threading.local()

    def __call__(self, error: BaseException, where: str) -> None:
        if getattr(self._busy, "now", False):
            self._log(error, where)
            return
        self._busy.now = True
        try:
            self._forward(error, where)
        except Exception as second:  # noqa: BLE001 - a hook has nobody left to tell
            self._log(error, where)
            self._log(second, "while reporting it")
        finally:
            self._busy.now = False

    def _log(self, error: BaseException, where: str) -> None:
        log = logging.getLogger(__name__)
        log.error("unexpected in %s", where, exc_info=(type(error), error, error.__traceback__))


def open_private(path: Path) -> IO[str]:
    """Open a text file for appending that only the user can read. Raises ``OSError``."""
    descriptor = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    if os.name != "nt":
        with contextlib.suppress(PermissionError):
            os.fchmod(descriptor, 0o600)
    return os.fdopen(descriptor, "a", encoding="utf-8", errors="backslashreplace")


def _limited(lines: Iterable[str], most: int = 400) -> list[str]:
    found = list(lines)
    if len(found) <= most:
        return found
    return [*found[: most // 2], f"… {len(found) - most} more …", *found[-most // 2 :]]
