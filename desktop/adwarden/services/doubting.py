"""Finds out what a refusal by the Ads API is about, where it does not say so itself."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from adwarden.domain.app_facts import TOKEN_REFUSED
from adwarden.domain.errors import AdwardenError, ErrorCode
from adwarden.services.standing import tells_of_connection

Verify = Callable[[], Awaitable[object]]

_NOT_THIS_CALL = frozenset({ErrorCode.APP_NOT_ENROLLED, ErrorCode.APP_NOT_APPROVED})
"""What X says of that call alone, which it does not open to every app."""


async def meant(error: AdwardenError, verify: Verify) -> AdwardenError:
    """Return what X has refused: the token, or the keys that the request was signed with.

    The Ads API answers a wrong signature as it answers a revoked token. ``verify`` asks X whose
    token it is, by the call that has a code of its own for each; it is made only where that is in
    doubt. Where it tells nothing, the first answer counts.
    """
    if error.code is not ErrorCode.REVOKED or error.title != TOKEN_REFUSED:
        return error
    try:
        await verify()
    except AdwardenError as told:
        known = tells_of_connection(told) and told.code not in _NOT_THIS_CALL
        return told if known else error
    return error
