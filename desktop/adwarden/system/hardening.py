"""What is made safe before anything else runs: core dumps, file modes, the environment.

A step that fails never stops the start; it is said and logged.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Mapping, MutableMapping
from contextlib import contextmanager, suppress
from enum import Enum

from adwarden.domain.errors import AdwardenError, ErrorCode

_FILTER = "/proc/self/coredump_filter"
_SANDBOX_OFF = "QTWEBENGINE_DISABLE_SANDBOX"
_FLAGS = "QTWEBENGINE_CHROMIUM_FLAGS"
_PROCESS_PATH = "QTWEBENGINEPROCESS_PATH"

# Each could open the authorization page to others, run another program in its place, write the
# keys of TLS connections to a file, or put another keychain under us.
_DISARMING = ("QTWEBENGINE_", _PROCESS_PATH, "KEYRING_PROPERTY_", "PYTHON_KEYRING_")
_DISARMING_NAMES = frozenset({"SSLKEYLOGFILE"})


class SandboxState(Enum):
    """Whether Chromium's sandbox protects the embedded page."""

    ON = "on"
    OFF_BY_ENVIRONMENT = "off-by-environment"
    IMPOSSIBLE_AS_ROOT = "impossible-as-root"


def sandbox_state(environ: MutableMapping[str, str], user_id: int | None = None) -> SandboxState:
    """Say what the environment explicitly wishes, and whether the user can have a sandbox.

    Explicit are ``QTWEBENGINE_DISABLE_SANDBOX=1`` and ``--no-sandbox`` among the flags for
    Chromium. ``user_id`` is the effective one; it is looked up when it is not given. The answer
    is the same before and after ``harden``.
    """
    flags = environ.get(_FLAGS, "").split()
    if environ.get(_SANDBOX_OFF, "") == "1" or "--no-sandbox" in flags:
        return SandboxState.OFF_BY_ENVIRONMENT
    if user_id is None:
        user_id = os.geteuid() if hasattr(os, "geteuid") else -1
    return SandboxState.IMPOSSIBLE_AS_ROOT if user_id == 0 else SandboxState.ON


def harden(environ: MutableMapping[str, str] | None = None) -> list[str]:
    """Make the process safe; call it first in main, before Qt. Returns what failed, in words."""
    failed = [_no_core_dumps(), _empty_core_dumps()]
    os.umask(0o077)
    failed.append(_clean(os.environ if environ is None else environ))
    return [words for words in failed if words]


@contextmanager
def no_core_dumps() -> Iterator[list[str]]:
    """Rule core dumps out for a while, as ``harden`` does for good; yields what failed, in words.

    Afterwards the limits are those that were found: what a command line starts inherits them.
    """
    if sys.platform == "win32":
        yield []
        return
    import resource

    soft, hard = resource.getrlimit(resource.RLIMIT_CORE)
    filtered = _filter_of_dumps()
    least = min(_least(), hard) if hard >= 0 else _least()  # below 0: without a limit
    failed = [_empty_core_dumps()]
    try:
        resource.setrlimit(resource.RLIMIT_CORE, (least, hard))
    except (OSError, ValueError) as error:
        failed.append(f"Core dumps could not be turned off: {error}")
    try:
        yield [words for words in failed if words]
    finally:
        with suppress(OSError, ValueError):
            resource.setrlimit(resource.RLIMIT_CORE, (soft, hard))
        if filtered:
            _empty_core_dumps(mask=filtered)


def qt_is_usable(
    version: str | None = None, python: tuple[int, ...] = tuple(sys.version_info[:3])
) -> None:
    """Refuse the Qt bindings that abort the process; raises ``AdwardenError``.

    PySide6 6.12.0 gives back references to ``True`` and ``None`` that it never took, which
    kills Python below 3.12 after some hundred signals. Nothing is imported above that.
    """
    if python >= (3, 12):
        return
    if version is None:
        # The package alone, which every start needs anyway; no part of Qt is loaded by it.
        import PySide6

        version = PySide6.__version__
    if version == "6.12.0" or version.startswith("6.12.0."):
        raise AdwardenError(
            ErrorCode.UNEXPECTED,
            "This version of Qt for Python cannot be used",
            f"PySide6 {version} ends the program without warning on Python "
            f"{'.'.join(map(str, python))}.",
            "Install PySide6 6.11.3, or use Python 3.12 or newer.",
        )


def display_is_there(
    environ: Mapping[str, str] | None = None, platform: str = sys.platform
) -> None:
    """Refuse a start without a display, where Qt would abort; raises ``AdwardenError``."""
    if platform != "linux":
        return
    around = os.environ if environ is None else environ
    chosen = around.get("QT_QPA_PLATFORM", "")
    if chosen and not chosen.startswith(("xcb", "wayland")):
        return  # drawn elsewhere than on a desktop, by an explicit wish
    if not any(around.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY", "WAYLAND_SOCKET")):
        raise AdwardenError(
            ErrorCode.UNEXPECTED,
            "There is no display to open the window on",
            "Neither DISPLAY nor WAYLAND_DISPLAY is set.",
            "Start Adwarden from a desktop session. “adwarden list” and “adwarden refresh” "
            "work without a display.",
        )


def _no_core_dumps() -> str:
    """Keep the memory, and the secrets in it, out of core files.

    Not through PR_SET_DUMPABLE, which silently takes Chromium's sandbox away. One byte on Linux,
    not none: a dump that is piped to a program heeds no limit but this one (core(5),
    fs/coredump.c), and a file of one byte is not written either.
    """
    if sys.platform == "win32":
        return ""
    try:
        import resource

        least = _least()
        if resource.getrlimit(resource.RLIMIT_CORE)[1] == 0:
            least = 0  # somebody before us ruled them out; only root may take that back
        resource.setrlimit(resource.RLIMIT_CORE, (least, least))
    except (ImportError, OSError, ValueError) as error:
        return f"Core dumps could not be turned off: {error}"
    return ""


def _least() -> int:
    return 1 if sys.platform == "linux" else 0


def _filter_of_dumps(path: str = _FILTER) -> bytes:
    """Return which memory goes into dumps, as the kernel takes it back; empty where none does."""
    try:
        with open(path, "rb") as file:  # noqa: PTH123 - pathlib comes later
            found = file.read().strip()
    except OSError:
        return b""
    return b"0x" + found if found else b""


def _empty_core_dumps(path: str = _FILTER, mask: bytes = b"0") -> str:
    """Leave the memory out of dumps that come about all the same; children inherit it."""
    if sys.platform != "linux":
        return ""
    try:
        with open(path, "wb", buffering=0) as file:  # noqa: PTH123 - pathlib comes later
            file.write(mask)
    except FileNotFoundError:
        return ""  # a kernel that writes no core files at all
    except OSError as error:
        return f"Core dumps could not be emptied: {error.strerror}"
    return ""


def _clean(environ: MutableMapping[str, str]) -> str:
    sandbox_off = sandbox_state(environ, -1) is SandboxState.OFF_BY_ENVIRONMENT
    try:
        for name in [name for name in environ if _disarms(name.upper(), environ[name])]:
            del environ[name]
        if sandbox_off:
            environ[_SANDBOX_OFF] = "1"  # this one effect only; no other flag comes through
    except (OSError, ValueError) as error:
        return f"The environment could not be cleaned: {error}"
    return ""


def _disarms(name: str, value: str) -> bool:
    if name == _PROCESS_PATH and _is_our_own(value):
        return False
    return name.startswith(_DISARMING) or name in _DISARMING_NAMES


def _is_our_own(path: str) -> bool:
    """Say whether a packaged build set this path to a program of its own (macOS does)."""
    bundle = getattr(sys, "_MEIPASS", "")
    if not bundle:
        return False
    root = os.path.realpath(bundle)
    return os.path.realpath(path).startswith(root + os.sep)
