"""What X answers when handles, funding instruments or features are asked for; read leniently."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import msgspec

from adwarden.domain.lookups import FundingInstrument, KnownHandle
from adwarden.domain.model import Page
from adwarden.providers.http import Answer
from adwarden.providers.x.ads import Collection, decoded, items, text_of

_MOST = 10**18
"""Millionths; more is no amount of money but a mistake."""


class _User(msgspec.Struct):
    id: Any
    username: Any = ""
    name: Any = ""


class _Users(msgspec.Struct):
    # X leaves ``data`` out where none of the users exists.
    data: list[Any] | dict[str, Any] = msgspec.field(default_factory=list)


class _Instrument(msgspec.Struct):
    id: Any
    type: Any = ""
    description: Any = ""
    currency: Any = ""
    able_to_fund: Any = None
    reasons_not_able_to_fund: Any = ()
    entity_status: Any = ""
    credit_limit_local_micro: Any = None
    credit_remaining_local_micro: Any = None
    funded_amount_local_micro: Any = None
    start_time: Any = ""
    end_time: Any = ""
    deleted: Any = False


class _Features(msgspec.Struct):
    data: list[Any]


def read_users(answer: Answer, asked: Iterable[str], now: float) -> tuple[KnownHandle, ...]:
    """Read ``GET users``; who was asked for and is not there has no handle.

    Raises ``NetworkError`` where it is no such answer.
    """
    body = decoded(_Users, answer)
    found = {
        text_of(user.id): KnownHandle(
            text_of(user.id), text_of(user.username).lstrip("@"), text_of(user.name), now
        )
        for user in items(body.data, _User)
    }
    # Only what was asked for: an answer about somebody else names nobody.
    return tuple(found.get(user_id, KnownHandle(user_id, "", "", now)) for user_id in asked)


def read_funding(answer: Answer) -> Page[FundingInstrument]:
    """Read a page of ``GET funding_instruments``; raises ``NetworkError``."""
    body = decoded(Collection, answer)
    return Page(
        tuple(
            FundingInstrument(
                id=text_of(item.id),
                type=text_of(item.type),
                description=text_of(item.description),
                currency=text_of(item.currency),
                able_to_fund=item.able_to_fund if isinstance(item.able_to_fund, bool) else None,
                reasons=_texts(item.reasons_not_able_to_fund),
                status=text_of(item.entity_status),
                credit_limit=_micro(item.credit_limit_local_micro),
                credit_remaining=_micro(item.credit_remaining_local_micro),
                funded_amount=_micro(item.funded_amount_local_micro),
                start_time=text_of(item.start_time),
                end_time=text_of(item.end_time),
                deleted=item.deleted is True,
            )
            for item in items(body.data, _Instrument)
            if text_of(item.id)
        ),
        text_of(body.next_cursor),
    )


def read_features(answer: Answer) -> tuple[str, ...]:
    """Read ``GET features``: X's own names, each once; raises ``NetworkError``."""
    return _texts(decoded(_Features, answer).data)


def _texts(values: object) -> tuple[str, ...]:
    if not isinstance(values, list | tuple):
        return ()
    return tuple(dict.fromkeys(filter(None, map(text_of, values))))


def _micro(value: object) -> int | None:
    """Return an amount, also one that came as text; ``None`` for what is none."""
    if isinstance(value, bool) or value is None:
        return None
    try:
        amount = int(value) if isinstance(value, int | str | float) else None
    except (ValueError, OverflowError):
        return None
    return amount if amount is not None and abs(amount) <= _MOST else None
