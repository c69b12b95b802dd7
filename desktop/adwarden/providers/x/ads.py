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


class _Collection(msgspec.Struct):
    # A collection may rarely come as one object (X: Error codes and responses).
    data: list[Any] | dict[str, Any]
    next_cursor: Any = None


class _Single(msgspec.Struct):
    data: _Access


def read_accounts(answer: Answer) -> Page[AdAccount]:
    """Read a page of ``GET accounts``; raises ``NetworkError`` where it is not one."""
    found = _decode(_Collection, answer)
    return Page(
        tuple(
            AdAccount(
                id=_text(item.id),
                name=_text(item.name),
                approval_status=_text(item.approval_status),
                timezone=_text(item.timezone),
                deleted=item.deleted is True,
                business_name=_text(item.business_name),
                business_id=_text(item.business_id),
                industry_type=_text(item.industry_type),
                created_at=_text(item.created_at),
                updated_at=_text(item.updated_at),
                timezone_switch_at=_text(item.timezone_switch_at),
            )
            for item in _items(found, _Account)
            if _text(item.id)
        ),
        _text(found.next_cursor),
    )


def read_promotable_users(answer: Answer) -> Page[PromotableUser]:
    """Read a page of ``GET promotable_users``; raises ``NetworkError``."""
    found = _decode(_Collection, answer)
    return Page(
        tuple(
            PromotableUser(
                id=_text(item.id),
                user_id=_text(item.user_id),
                type=_text(item.promotable_user_type),
                deleted=item.deleted is True,
                created_at=_text(item.created_at),
                updated_at=_text(item.updated_at),
            )
            for item in _items(found, _PromotableUser)
            if _text(item.id)
        ),
        _text(found.next_cursor),
    )


def read_access(answer: Answer) -> Access:
    """Read ``GET authenticated_user_access``; raises ``NetworkError``."""
    found = _decode(_Single, answer).data
    permissions = (_text(value) for value in found.permissions)
    # The order is X's own; a value that comes twice is one permission.
    return Access(_text(found.user_id), tuple(dict.fromkeys(filter(None, permissions))))


def read_identity(answer: Answer) -> Identity:
    """Read ``GET account/verify_credentials`` with its header ``x-access-level``."""
    found = _decode(_Identity, answer)
    return Identity(
        user_id=_text(found.id_str) or _text(found.id),
        screen_name=_text(found.screen_name),
        access_level=answer.headers.get("x-access-level", ""),
    )


def _decode(kind: type[T], answer: Answer) -> T:
    try:
        return msgspec.convert(_json(answer.body), kind)
    except ValueError as error:  # msgspec's and json's own are kinds of it
        raise NetworkError(
            ErrorCode.UNEXPECTED_ANSWER,
            "The answer could not be read",
            "The server answered with something that is not the Ads API's JSON"
            + (" (a web page)." if answer.body.lstrip()[:1] == b"<" else "."),
            "Try again; if it stays, check the addresses and the API version in the settings.",
            # The library's text can repeat the value: only its kind is kept.
            detail=type(error).__name__,
        ) from None


def _json(body: bytes) -> object:
    try:
        return msgspec.json.decode(body)
    except msgspec.DecodeError:
        # Strict to the letter: half a surrogate in one name would hide a whole page. The standard
        # library's reader takes it, and numbers of any size, and refuses what is no JSON as well.
        return json.loads(body)


def _items(found: _Collection, kind: type[T]) -> Iterator[T]:
    """Yield what can be read at all; an item without an id is nothing that could be shown."""
    for item in found.data if isinstance(found.data, list) else [found.data]:
        with suppress(msgspec.ValidationError):
            yield msgspec.convert(item, kind)


def _text(value: object) -> str:
    if value is None:
        return ""
    text = value if isinstance(value, str) else str(value)
    return text if text.isascii() else text.encode("utf-8", "replace").decode()
