"""Collections of the Ads API: parameters, opaque cursors and the envelope."""

from __future__ import annotations

import hmac
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from adwarden.practice.keys import BASE36, in_base, number
from adwarden.practice.wire import Response, ads_error, answer_json

DEFAULT_COUNT = 200
MAX_COUNT = 1_000
_MARK = 36**8
SORT_FIELDS = ("created_at", "updated_at", "deleted", "name")


class BadParameterError(Exception):
    """A parameter cannot be used; ``args`` are its name, the value and the reason."""


@dataclass(frozen=True, slots=True)
class Query:
    """The parameters that all collections share."""

    params: Mapping[str, object]
    count: int
    cursor: str
    sort_field: str
    falling: bool
    with_deleted: bool
    with_total_count: bool
    ids: tuple[str, ...] | None


def read(query: Mapping[str, str], ids_name: str, *, path: Mapping[str, str]) -> Query:
    """Read a collection's parameters; raises ``BadParameterError``."""
    params: dict[str, object] = dict(path)
    count = DEFAULT_COUNT
    if "count" in query:
        text = query["count"]
        if not (text.isascii() and text.isdigit() and 1 <= int(text) <= MAX_COUNT):
            raise BadParameterError("count", text, f"Expected a number from 1 to {MAX_COUNT}")
        params["count"] = count = int(text)
    field, falling = "", False
    if "sort_by" in query:
        field, _, way = query["sort_by"].rpartition("-")
        if field not in SORT_FIELDS or way not in ("asc", "desc"):
            raise BadParameterError("sort_by", query["sort_by"], "Expected a known sort order")
        params["sort_by"] = [query["sort_by"]]
        falling = way == "desc"
    flags = {}
    for name in ("with_deleted", "with_total_count"):
        flags[name] = query.get(name, "false") == "true"
        if query.get(name, "false") not in ("true", "false"):
            raise BadParameterError(name, query[name], "Expected true or false")
        if name in query:
            params[name] = flags[name]
    cursor = query.get("cursor", "")
    if cursor and flags["with_total_count"]:
        raise BadParameterError("with_total_count", "true", "Cannot be combined with cursor")
    if cursor:
        params["cursor"] = cursor
    ids = None
    if ids_name in query:
        ids = tuple(part for part in query[ids_name].split(",") if part)
        if len(ids) > DEFAULT_COUNT:
            raise BadParameterError(ids_name, str(len(ids)), "Expected at most 200 ids")
        params[ids_name] = list(ids)
    if "q" in query:
        if not 1 <= len(query["q"]) <= 255:
            raise BadParameterError("q", query["q"][:20], "Expected 1 to 255 characters")
        params["q"] = query["q"]
    return Query(params, count, cursor, field, falling, ids=ids, **flags)


class Cursors:
    """Writes a place in a collection as text that nobody can make up."""

    def __init__(self, seed: int) -> None:
        self._seed = seed

    def write(self, collection: str, place: int) -> str:
        """Return the cursor of a place."""
        mark = number(self._seed, "cursor", collection, place) % _MARK
        length = len(in_base(place, BASE36, 8).lstrip("0")) or 1
        return in_base(mark, BASE36, 8) + in_base(place, BASE36, length)

    def read(self, collection: str, cursor: str) -> int:
        """Return the place; raises ``BadParameterError`` for another collection's cursor."""
        text = cursor[8:]
        place = int(text, 36) if text.isascii() and text.isalnum() and len(text) <= 8 else 0
        if not hmac.compare_digest(self.write(collection, place).encode(), cursor.encode()):
            raise BadParameterError("cursor", cursor[:40], "Expected a cursor of this collection")
        return place


def answer(
    query: Query,
    collection: str,
    order: Sequence[int],
    visible: Callable[[int], bool],
    show: Callable[[int], dict[str, object]],
    cursors: Cursors,
) -> Response:
    """Return one page; a cursor is a place in ``order``, so removals never shift the rest."""
    place = cursors.read(collection, query.cursor) if query.cursor else 0
    data: list[dict[str, object]] = []
    following = None
    while place < len(order):
        item = order[place]
        if visible(item):
            if len(data) == query.count:
                following = cursors.write(collection, place)
                break
            data.append(show(item))
        place += 1
    body: dict[str, object] = {
        "request": {"params": query.params},
        "next_cursor": following,
        "data": data,
    }
    if query.with_total_count:
        body["total_count"] = sum(1 for item in order if visible(item))
    return answer_json(body)


def bad_parameter(error: BadParameterError, params: Mapping[str, object]) -> Response:
    """Return the answer to a parameter that cannot be used."""
    name, value, reason = error.args
    return ads_error(
        400,
        "INVALID_PARAMETER",
        f'{reason}, got "{value}" for {name}',
        params,
        parameter=name,
        details=reason,
        value=value,
    )
