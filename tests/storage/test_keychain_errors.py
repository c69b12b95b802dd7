from __future__ import annotations

import pytest
from keyring import errors as keyring_errors
from secretstorage import exceptions as service_errors

from adwarden.domain.errors import ErrorCode, KeychainError
from adwarden.storage.keychain_errors import entry_missing, explain

RAW = "entry of @northwind"


class error(Exception):  # noqa: N801, N818 - the name that pywintypes gives it
    def __init__(self, winerror: int, funcname: str, strerror: str) -> None:
        super().__init__(winerror, funcname, strerror)
        self.winerror = winerror


class Error(Exception):  # the name that keyring's macOS part gives it
    pass


class KeychainDenied(Error):  # noqa: N818 - keyring's own name
    pass


class DBusErrorResponse(Exception):  # noqa: N818 - jeepney's own name
    def __init__(self, name: str) -> None:
        super().__init__(RAW)
        self.name = name


def caused(wrapper: Exception, cause: Exception) -> Exception:
    wrapper.__cause__ = cause
    return wrapper


@pytest.mark.parametrize(
    ("raised", "code"),
    [
        (keyring_errors.KeyringLocked(RAW), ErrorCode.KEYCHAIN_LOCKED),
        (keyring_errors.InitError(RAW), ErrorCode.KEYCHAIN_MISSING),
        (keyring_errors.NoKeyringError(RAW), ErrorCode.KEYCHAIN_MISSING),
        (keyring_errors.PasswordSetError(RAW), ErrorCode.KEYCHAIN_FAILED),
        (keyring_errors.PasswordDeleteError(RAW), ErrorCode.KEYCHAIN_FAILED),
        (service_errors.LockedException(RAW), ErrorCode.KEYCHAIN_LOCKED),
        (service_errors.PromptDismissedException(RAW), ErrorCode.KEYCHAIN_DISMISSED),
        (service_errors.ItemNotFoundException(RAW), ErrorCode.KEYCHAIN_FAILED),
        (service_errors.SecretServiceNotAvailableException(RAW), ErrorCode.KEYCHAIN_MISSING),
        (FileNotFoundError(2, RAW), ErrorCode.KEYCHAIN_MISSING),
        (ConnectionResetError(RAW), ErrorCode.KEYCHAIN_MISSING),
        (BrokenPipeError(RAW), ErrorCode.KEYCHAIN_MISSING),
        (ModuleNotFoundError(RAW), ErrorCode.KEYCHAIN_MISSING),
        (TimeoutError(RAW), ErrorCode.KEYCHAIN_TIMEOUT),
        (PermissionError(13, RAW), ErrorCode.KEYCHAIN_FAILED),
        (UnicodeDecodeError("utf-8", RAW.encode(), 0, 1, RAW), ErrorCode.ENTRY_DAMAGED),
        (DBusErrorResponse("org.freedesktop.Secret.Error.IsLocked"), ErrorCode.KEYCHAIN_LOCKED),
        (DBusErrorResponse("org.freedesktop.DBus.Error.NoReply"), ErrorCode.KEYCHAIN_MISSING),
        (DBusErrorResponse("org.example.Odd"), ErrorCode.KEYCHAIN_FAILED),
        (error(1783, "CredWrite", RAW), ErrorCode.ENTRY_TOO_LARGE),
        (error(1312, "CredWrite", RAW), ErrorCode.KEYCHAIN_MISSING),
        (error(1168, "CredRead", RAW), ErrorCode.ENTRY_MISSING),
        (error(5, "CredRead", RAW), ErrorCode.KEYCHAIN_FAILED),
        (
            caused(keyring_errors.KeyringLocked(RAW), KeychainDenied(-128, RAW)),
            ErrorCode.KEYCHAIN_DISMISSED,
        ),
        (
            caused(keyring_errors.KeyringError(RAW), Error(-25308, RAW)),
            ErrorCode.KEYCHAIN_LOCKED,
        ),
        (
            caused(keyring_errors.KeyringError(RAW), Error(-25244, RAW)),
            ErrorCode.KEYCHAIN_FAILED,
        ),
        (ZeroDivisionError(RAW), ErrorCode.KEYCHAIN_FAILED),
    ],
)
def test_every_exception_becomes_ours_and_loses_its_text(
    raised: Exception, code: ErrorCode
) -> None:
    ours = explain(raised)
    assert ours.code is code
    for text in (ours.title, ours.message, ours.remedy, ours.detail, repr(ours)):
        assert RAW not in text
    assert ours.title
    assert ours.message
    assert ours.remedy
    assert ours.detail in ("", type(raised).__name__)


def test_ours_stays_ours() -> None:
    ours: KeychainError = entry_missing()
    assert explain(ours) is ours
