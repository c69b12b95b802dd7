"""What the X Ads API and the user endpoints answer, read leniently into our own data.

Unknown fields are ignored, unknown values kept, missing fields empty: the API grows.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import suppress
from typing import Any, TypeVar

import msgspec

from adwarden.domain.errors import ErrorCode, NetworkError
from adwarden.domain.model import Access, AdAccount, Page, PromotableUser
from adwarden.providers.base import Identity
from adwarden.providers.http import Answer

T = TypeVar("T")


class _Account(msgspec.Struct):
    # Any: what is of another kind than documented is shown as it came, and breaks nothing.
    id: Any
    name: Any = ""
    approval_status: Any = ""
    timezone: Any = ""
    deleted: Any = False
    business_name: Any = ""
    business_id: Any = ""
    industry_type: Any = ""
    created_at: Any = ""
    updated_at: Any = ""
    timezone_switch_at: Any = ""


class _PromotableUser(msgspec.Struct):
    id: Any
    user_id: Any = ""
    promotable_user_type: Any = ""
    deleted: Any = False
    created_at: Any = ""
    updated_at: Any = ""


class _Access(msgspec.Struct):
    permissions: list[Any]
    user_id: Any = ""


class _Identity(msgspec.Struct):
    id: Any = ""
    id_str: Any = ""
    screen_name: Any = ""


class Collection(msgspec.Struct):
    """One page of anything, as the Ads API wraps it."""

    # A collection may rarely come as one object (X: Error codes and responses).
    data: list[Any] | dict[str, Any]
    next_cursor: Any = None
    errors: Any = None


class _Single(msgspec.Struct):
    data: _Access


def read_accounts(answer: Answer) -> Page[AdAccount]:
    """Read a page of ``GET accounts``; raises ``NetworkError`` where it is not one."""
    found = decoded(Collection, answer)
    read, whole = _page_of(found, _Account)
    return Page(
        tuple(
            AdAccount(
                id=text_of(item.id),
                name=text_of(item.name),
                approval_status=text_of(item.approval_status),
                timezone=text_of(item.timezone),
                deleted=item.deleted is True,
                business_name=text_of(item.business_name),
                business_id=text_of(item.business_id),
                industry_type=text_of(item.industry_type),
                created_at=text_of(item.created_at),
                updated_at=text_of(item.updated_at),
                timezone_switch_at=text_of(item.timezone_switch_at),
            )
            for item in read
        ),
        text_of(found.next_cursor),
        whole,
    )


def read_promotable_users(answer: Answer) -> Page[PromotableUser]:
    """Read a page of ``GET promotable_users``; raises ``NetworkError``."""
    found = decoded(Collection, answer)
    read, whole = _page_of(found, _PromotableUser)
    return Page(
        tuple(
            PromotableUser(
                id=text_of(item.id),
                user_id=text_of(item.user_id),
                type=text_of(item.promotable_user_type),
                deleted=item.deleted is True,
                created_at=text_of(item.created_at),
                updated_at=text_of(item.updated_at),
            )
            for item in read
        ),
        text_of(found.next_cursor),
        whole,
    )


def read_access(answer: Answer) -> Access:
    """Read ``GET authenticated_user_access``; raises ``NetworkError``."""
    found = decoded(_Single, answer).data
    permissions = (text_of(value) for value in found.permissions)
    # The order is X's own; a value that comes twice is one permission.
    return Access(text_of(found.user_id), tuple(dict.fromkeys(filter(None, permissions))))


def read_identity(answer: Answer) -> Identity:
    """Read ``GET account/verify_credentials`` with its header ``x-access-level``."""
    found = decoded(_Identity, answer)
    return Identity(
        user_id=text_of(found.id_str) or text_of(found.id),
        screen_name=text_of(found.screen_name),
        access_level=answer.headers.get("x-access-level", ""),
    )


def decoded(kind: type[T], answer: Answer) -> T:
    """Read a body as ``kind``; raises ``NetworkError`` where it is not one."""
    try:
        return msgspec.convert(_json(answer.body), kind)
    except (ValueError, RecursionError) as error:  # msgspec's and json's own are kinds of them
        # The library's text can repeat the value: only its kind is kept.
        raise _unreadable(answer, type(error).__name__) from None


def _unreadable(answer: Answer, detail: str) -> NetworkError:
    if answer.body.lstrip()[:1] == b"<":
        return NetworkError(
            ErrorCode.UNEXPECTED_ANSWER,
            "Somebody other than X has answered",
            "A web page came back. A network that asks to sign in first (hotel, airport) or a "
            "filter does this.",
            "Open any page in your browser to see whether the network wants something, then try "
            "again; if it stays, check the addresses in the settings.",
            detail=detail,
        )
    return NetworkError(
        ErrorCode.UNEXPECTED_ANSWER,
        "The answer could not be read",
        "The server answered with something that is not the Ads API's JSON.",
        "Try again; if it stays, check the addresses and the API version in the settings.",
        detail=detail,
    )


def _json(body: bytes) -> object:
    try:
        return msgspec.json.decode(body)
    except msgspec.DecodeError:
        # Strict to the letter: half a surrogate in one name would hide a whole page. The standard
        # library's reader takes it, and numbers of any size, and refuses what is no JSON as well.
        return json.loads(body)


def items(data: list[Any] | dict[str, Any], kind: type[T]) -> Iterator[T]:
    """Yield what can be read at all."""
    for item in data if isinstance(data, list) else [data]:
        with suppress(msgspec.ValidationError):
            yield msgspec.convert(item, kind)


def _page_of(found: Collection, kind: type[T]) -> tuple[tuple[T, ...], bool]:
    """Return what can be read, and whether that is all there is of the page.

    An item without an id is nothing that could be shown; X may tell of errors beside the data.
    """
    read = tuple(one for one in items(found.data, kind) if text_of(getattr(one, "id", "")))
    count = len(found.data) if isinstance(found.data, list) else 1
    return read, len(read) == count and not found.errors


def text_of(value: object) -> str:
    """Return a value as text that can be stored; ``None`` is empty."""
    if value is None:
        return ""
    text = value if isinstance(value, str) else str(value)
    return text if text.isascii() else text.encode("utf-8", "replace").decode()
