"""What the X Ads API and the user endpoints answer, read leniently into our own data.

Unknown fields are ignored, unknown values kept, missing fields empty: the API grows.
"""

from __future__ import annotations

from typing import Generic, TypeVar

import msgspec

from adwarden.domain.errors import ErrorCode, NetworkError
from adwarden.domain.model import Access, AdAccount, Page, PromotableUser
from adwarden.providers.base import Identity
from adwarden.providers.http import Answer

T = TypeVar("T")

_Text = str | int | float | None
"""What should be text: ids were numbers in older versions of the API."""


class _Account(msgspec.Struct):
    id: str | int
    name: _Text = ""
    approval_status: _Text = ""
    timezone: _Text = ""
    deleted: bool | None = False
    business_name: _Text = ""
    business_id: _Text = ""
    industry_type: _Text = ""
    created_at: _Text = ""
    updated_at: _Text = ""
    timezone_switch_at: _Text = ""


class _PromotableUser(msgspec.Struct):
    id: str | int
    user_id: _Text = ""
    promotable_user_type: _Text = ""
    deleted: bool | None = False
    created_at: _Text = ""
    updated_at: _Text = ""


class _Access(msgspec.Struct):
    user_id: _Text = ""
    permissions: list[_Text] | None = None


class _Identity(msgspec.Struct):
    id: _Text = ""
    id_str: _Text = ""
    screen_name: _Text = ""


class _Collection(msgspec.Struct, Generic[T]):
    # A collection may rarely come as one object (X: Error codes and responses).
    data: list[T] | T | None
    next_cursor: _Text = None


class _Single(msgspec.Struct, Generic[T]):
    data: T


_ACCOUNTS = msgspec.json.Decoder(_Collection[_Account])
_USERS = msgspec.json.Decoder(_Collection[_PromotableUser])
_ACCESS = msgspec.json.Decoder(_Single[_Access])
_IDENTITY = msgspec.json.Decoder(_Identity)


def read_accounts(answer: Answer) -> Page[AdAccount]:
    """Read a page of ``GET accounts``; raises ``NetworkError`` where it is not one."""
    found = _decode(_ACCOUNTS, answer)
    return Page(
        tuple(
            AdAccount(
                id=str(item.id),
                name=_text(item.name),
                approval_status=_text(item.approval_status),
                timezone=_text(item.timezone),
                deleted=bool(item.deleted),
                business_name=_text(item.business_name),
                business_id=_text(item.business_id),
                industry_type=_text(item.industry_type),
                created_at=_text(item.created_at),
                updated_at=_text(item.updated_at),
                timezone_switch_at=_text(item.timezone_switch_at),
            )
            for item in _items(found)
        ),
        _text(found.next_cursor),
    )


def read_promotable_users(answer: Answer) -> Page[PromotableUser]:
    """Read a page of ``GET promotable_users``; raises ``NetworkError``."""
    found = _decode(_USERS, answer)
    return Page(
        tuple(
            PromotableUser(
                id=str(item.id),
                user_id=_text(item.user_id),
                type=_text(item.promotable_user_type),
                deleted=bool(item.deleted),
                created_at=_text(item.created_at),
                updated_at=_text(item.updated_at),
            )
            for item in _items(found)
        ),
        _text(found.next_cursor),
    )


def read_access(answer: Answer) -> Access:
    """Read ``GET authenticated_user_access``; raises ``NetworkError``."""
    found = _decode(_ACCESS, answer).data
    permissions = (_text(value) for value in found.permissions or ())
    # The order is X's own; a value that comes twice is one permission.
    return Access(_text(found.user_id), tuple(dict.fromkeys(filter(None, permissions))))


def read_identity(answer: Answer) -> Identity:
    """Read ``GET account/verify_credentials`` with its header ``x-access-level``."""
    found = _decode(_IDENTITY, answer)
    return Identity(
        user_id=_text(found.id_str) or _text(found.id),
        screen_name=_text(found.screen_name),
        access_level=answer.headers.get("x-access-level", ""),
    )


def _decode(decoder: msgspec.json.Decoder[T], answer: Answer) -> T:
    try:
        return decoder.decode(answer.body)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise NetworkError(
            ErrorCode.UNEXPECTED_ANSWER,
            "The answer could not be read",
            "The server answered with something that is not the Ads API's JSON"
            + (" (a web page)." if answer.body.lstrip()[:1] == b"<" else "."),
            "Try again; if it stays, check the addresses and the API version in the settings.",
            # msgspec names the place and the type, never the value.
            detail=type(error).__name__,
        ) from None


def _items(found: _Collection[T]) -> list[T]:
    if found.data is None:
        return []
    return found.data if isinstance(found.data, list) else [found.data]


def _text(value: _Text) -> str:
    return "" if value is None else str(value)
