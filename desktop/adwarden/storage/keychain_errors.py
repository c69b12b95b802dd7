"""Turns whatever a keychain raises, or its state, into one of our errors, in words.

Works by the names of classes, so that it knows every system's exceptions without importing them.
"""

from __future__ import annotations

from adwarden.domain.errors import ErrorCode, KeychainError
from adwarden.storage.keychain_codec import damaged
from adwarden.storage.keychain_status import KeychainState, KeychainStatus

_PLACE = "the system keychain"
_KINDS: dict[str, ErrorCode] = {
    "PromptDismissedException": ErrorCode.KEYCHAIN_DISMISSED,
    "PromptGivenUpError": ErrorCode.KEYCHAIN_DISMISSED,
    "PromptLeftOpenError": ErrorCode.KEYCHAIN_DISMISSED,
    "KeychainDenied": ErrorCode.KEYCHAIN_DISMISSED,
    "KeyringLocked": ErrorCode.KEYCHAIN_LOCKED,
    "LockedException": ErrorCode.KEYCHAIN_LOCKED,
    "UnicodeDecodeError": ErrorCode.ENTRY_DAMAGED,
    "TimeoutError": ErrorCode.KEYCHAIN_TIMEOUT,
    "SecretServiceNotAvailableException": ErrorCode.KEYCHAIN_MISSING,
    "ServiceMissingError": ErrorCode.KEYCHAIN_MISSING,
    "NoKeyringError": ErrorCode.KEYCHAIN_MISSING,
    "InitError": ErrorCode.KEYCHAIN_MISSING,
    "ImportError": ErrorCode.KEYCHAIN_MISSING,
    "FileNotFoundError": ErrorCode.KEYCHAIN_MISSING,
    "ConnectionError": ErrorCode.KEYCHAIN_MISSING,
}
_WINDOWS = {
    1168: ErrorCode.ENTRY_MISSING,  # ERROR_NOT_FOUND
    1223: ErrorCode.KEYCHAIN_DISMISSED,  # ERROR_CANCELLED
    1312: ErrorCode.KEYCHAIN_MISSING,  # ERROR_NO_SUCH_LOGON_SESSION
    1783: ErrorCode.ENTRY_TOO_LARGE,  # RPC_X_BAD_STUB_DATA: what a too long entry gets
}
_MACOS = {
    -128: ErrorCode.KEYCHAIN_DISMISSED,  # userCanceledErr
    -25307: ErrorCode.KEYCHAIN_MISSING,  # errSecNoDefaultKeychain
    -25308: ErrorCode.KEYCHAIN_LOCKED,  # errSecInteractionNotAllowed
}
_DBUS = {
    "org.freedesktop.Secret.Error.IsLocked": ErrorCode.KEYCHAIN_LOCKED,
    "org.freedesktop.DBus.Error.ServiceUnknown": ErrorCode.KEYCHAIN_MISSING,
    "org.freedesktop.DBus.Error.NoReply": ErrorCode.KEYCHAIN_MISSING,
    "org.freedesktop.DBus.Error.Disconnected": ErrorCode.KEYCHAIN_MISSING,
}
_STATES = {
    KeychainState.LOCKED: ErrorCode.KEYCHAIN_LOCKED,
    KeychainState.NO_COLLECTION: ErrorCode.KEYCHAIN_LOCKED,
    KeychainState.MISSING: ErrorCode.KEYCHAIN_MISSING,
}
OF_ONE_ENTRY = frozenset(
    {ErrorCode.ENTRY_MISSING, ErrorCode.ENTRY_DAMAGED, ErrorCode.ENTRY_TOO_LARGE}
)
"""What says nothing about the other entries of the same place."""

_TITLES = {
    ErrorCode.KEYCHAIN_LOCKED: "The system keychain is locked",
    ErrorCode.KEYCHAIN_MISSING: "The system keychain cannot be reached",
}
_FAILED = (
    "The system keychain failed",
    "It refused the request or gave an answer that makes no sense.",
    "Try again. If it stays so, look at the entry in the system's own keychain program.",
)
_WORDS = {
    ErrorCode.KEYCHAIN_LOCKED: (
        _TITLES[ErrorCode.KEYCHAIN_LOCKED],
        "It gives nothing out before it is unlocked.",
        "Unlock it, then try again.",
    ),
    ErrorCode.KEYCHAIN_MISSING: (
        _TITLES[ErrorCode.KEYCHAIN_MISSING],
        "The program that keeps it does not run, or stopped while it was asked.",
        "Start the system's keychain program or sign in to the desktop again, then try again.",
    ),
    ErrorCode.KEYCHAIN_DISMISSED: (
        "The keychain's prompt was dismissed",
        "The system keychain asked for permission and did not get it.",
        "Try again, and answer the prompt that the system shows.",
    ),
    ErrorCode.KEYCHAIN_TIMEOUT: (
        "The system keychain does not answer",
        "It took too long, and it is not known whether the request was carried out.",
        "Try again in a while.",
    ),
    ErrorCode.ENTRY_TOO_LARGE: (
        "This is too long for the keychain",
        "The system keychain does not take an entry of this length.",
        "Check that only the key itself was pasted.",
    ),
}


def capital(text: str) -> str:
    """Return ``text`` as it stands at the beginning of a sentence."""
    return text[:1].upper() + text[1:]


def entry_missing(place: str = _PLACE) -> KeychainError:
    """Return the error for an entry that is not in the keychain (any more)."""
    if place == "memory":
        title, why = "The secret went with its session", "It was kept in memory, until the end."
    else:
        title = "The keychain entry is gone" if place == _PLACE else f"The entry in {place} is gone"
        why = f"Another data folder of Adwarden has taken it over, or it was removed from {place}."
        if place.startswith("the KeePass file"):
            # Whoever takes an entry over gives it another name.
            why = f"Somebody who shares {place} has taken it over, or it was removed."
    return KeychainError(
        ErrorCode.ENTRY_MISSING,
        title,
        why,
        "If “Where secrets are kept” lists it, take it over there. Otherwise authorize the account "
        "again, or enter the app's keys again."
        if place != "memory"
        else "Authorize the account again, or enter the app's keys again.",
    )


def locked_entry() -> KeychainError:
    """Return the error for one entry that is locked in a keychain that is not."""
    return KeychainError(ErrorCode.KEYCHAIN_LOCKED, *_WORDS[ErrorCode.KEYCHAIN_LOCKED])


def not_kept(place: str = _PLACE) -> KeychainError:
    """Return the error for a keychain that gives back something else than it was given."""
    return KeychainError(
        ErrorCode.KEYCHAIN_FAILED,
        f"{capital(place)} did not keep the entry",
        "Reading it back after writing gave something else.",
        "Try again. Until it is kept, nothing is reported as stored.",
        detail="ReadBackMismatch",
    )


def not_deleted(place: str = _PLACE) -> KeychainError:
    """Return the error for an entry that is still there after it was deleted."""
    return KeychainError(
        ErrorCode.KEYCHAIN_FAILED,
        f"{capital(place)} did not delete the entry",
        "It is still there after being deleted.",
        "Try again, or delete it in the system's own keychain program."
        if place == _PLACE
        else "Try again, or delete it in KeePassXC.",
        detail="StillThere",
    )


def refusal(status: KeychainStatus) -> KeychainError:
    """Return the error for a keychain that is not ready.

    A missing default collection counts as locked: the same ``unlock`` is what helps.
    """
    code = status.code or _STATES.get(status.state, ErrorCode.KEYCHAIN_FAILED)
    return KeychainError(
        code,
        status.title or _TITLES.get(code, _FAILED[0]),
        status.message or _FAILED[1],
        status.remedy,
        detail=status.state.value,
    )


def explain(error: Exception) -> KeychainError:
    """Return our error for anything a backend raised; ``detail`` is the class's name only.

    Raise the result outside the ``except`` block: the original may carry item names or even
    the entry's text, and must not live on as the context of ours.
    """
    if isinstance(error, KeychainError):
        return error
    code = _code(error)
    detail = type(error).__name__
    if code is ErrorCode.ENTRY_MISSING:
        return entry_missing()
    if code is ErrorCode.ENTRY_DAMAGED:
        return damaged(detail)
    return KeychainError(code, *_WORDS.get(code, _FAILED), detail=detail)


def _code(error: BaseException) -> ErrorCode:
    # keyring wraps what macOS says: the cause knows more than the wrapper.
    if error.__cause__ is not None:
        inner = _code(error.__cause__)
        if inner is not ErrorCode.KEYCHAIN_FAILED:
            return inner
    windows = getattr(error, "winerror", None)
    if isinstance(windows, int) and windows in _WINDOWS:
        return _WINDOWS[windows]
    dbus = getattr(error, "name", None)
    if isinstance(dbus, str) and dbus in _DBUS:
        return _DBUS[dbus]
    if type(error).__name__ in ("Error", "SecAuthFailure") and error.args:
        macos = error.args[0]
        if isinstance(macos, int) and macos in _MACOS:
            return _MACOS[macos]
    for cls in type(error).__mro__:
        if cls.__name__ in _KINDS:
            return _KINDS[cls.__name__]
    return ErrorCode.KEYCHAIN_FAILED
