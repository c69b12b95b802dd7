"""Which failures are about a place of secrets as a whole, and not about one entry of it."""

from __future__ import annotations

from adwarden.domain.errors import ErrorCode

OF_PLACE = frozenset(
    {
        ErrorCode.KEYCHAIN_LOCKED,
        ErrorCode.KEYCHAIN_DISMISSED,
        ErrorCode.KEYCHAIN_MISSING,
        ErrorCode.KEYCHAIN_TIMEOUT,
        ErrorCode.FILE_DAMAGED,
        ErrorCode.FILE_UNSUPPORTED,
        ErrorCode.FILE_CHANGED,
        ErrorCode.CANCELLED,
    }
)
"""The next entry of the same place would meet them as well, and a later try may not."""
