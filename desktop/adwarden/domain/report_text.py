"""The report as CSV, for spreadsheets, and as JSON, for programs; in pieces, as they come.

In CSV an apostrophe stands before whatever a spreadsheet might take for a formula; JSON has all
texts as they came.
"""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterator

from adwarden.domain.permissions import CAPABILITIES
from adwarden.domain.report import Report, Row, iso
from adwarden.domain.shown import visible

BOM = "\ufeff"
"""Tells Excel that the file is UTF-8."""

_STARTERS = "=+@＝＋－＠﹦﹢﹣﹫−-"
"""What makes a spreadsheet take a cell for a formula; full-width and small signs count, too."""

_SEPARATORS = ",;|\t"
"""Where readers cut lines into cells: which one they take depends on country and program."""

_ACTING = re.compile(
    # Blanks, quotation marks and what has no width may be dropped by whoever reads the file.
    rf"(^|[{_SEPARATORS}])(?=[\s\"\ufeff\u200b-\u200f\u2060-\u2064]*[{_STARTERS}])"
)

_FACTS = (
    "app", "app_access", "connection_id", "connection", "connection_user_id", "connection_state",
    "token_access", "authorized_at", "checked_at", "account_id", "account_name", "approval",
    "deleted", "full_user", "method", "permissions",
)  # fmt: skip
COLUMNS = (*_FACTS, *(f"can:{key}" for key in CAPABILITIES), "fetched_at", "error", "stale")
"""The last one is a word of ours: a line never ends with what somebody at X has written."""

LINE_BREAK = "\r\n"


def as_csv(report: Report) -> Iterator[str]:
    """Yield the report line by line, as RFC 4180 has it; the first piece begins with the BOM."""
    buffer = io.StringIO()
    # Quoted throughout: no reader has to guess what is a number or a date.
    writer = csv.writer(buffer, quoting=csv.QUOTE_ALL, lineterminator=LINE_BREAK)

    def line(cells: tuple[str, ...]) -> str:
        buffer.seek(0)
        buffer.truncate()
        writer.writerow([harmless(cell) for cell in cells])
        return buffer.getvalue()

    yield BOM + line(COLUMNS)
    for row in report.rows():
        yield line(cells(row))


def harmless(cell: str) -> str:
    """Return a cell that no spreadsheet takes for a formula, and no control character is in.

    An apostrophe stands before what would act: at the beginning, and behind each comma,
    semicolon, bar or tab, where a program that cuts lines there would begin a cell of its own.
    Line breaks and tabs become symbols, so that no cell begins behind one of them.
    """
    return _ACTING.sub(r"\1'", visible(cell))


def cells(row: Row) -> tuple[str, ...]:
    """Return a row in the order of ``COLUMNS``, before it is made harmless."""
    app, connection, entry = row.app, row.connection, row.entry
    account = entry.account if entry else None
    known = {one.key: one.verdict.value for one in row.answers}
    return (
        app.label if app else "",
        app.access.value if app else "",
        connection.id,
        # Without the @, which would have to be marked as harmless in every row.
        connection.screen_name,
        connection.user_id,
        connection.state.value,
        connection.access_level,
        iso(connection.authorized_at or None),
        iso(connection.checked_at),
        account.id if account else "",
        account.name if account else "",
        account.approval_status if account else "",
        ("yes" if account.deleted else "no") if account else "",
        row.full_user,
        row.method,
        " ".join(row.permissions),
        *(known.get(key, "") for key in CAPABILITIES),
        iso(row.fetched_at),
        row.errors,
        "yes" if row.stale else "no",
    )


def as_json(report: Report) -> Iterator[str]:
    """Yield one JSON document with stable keys; times are ISO 8601 in UTC, ``null`` for never."""
    connections, accounts = report.count()
    head = {
        "report": "adwarden-access",
        "version": 1,
        "made_at": iso(report.made_at),
        "stale_after_seconds": report.stale_after,
        "scope": {
            "connections": sorted(report.scope.connections) or None,
            "ad_accounts": sorted(report.scope.accounts) or None,
        },
        "counts": {"connections": connections, "ad_accounts": accounts},
        "capabilities": dict(CAPABILITIES),
    }
    # ASCII throughout, so that whatever a name holds survives every reader.
    yield json.dumps(head, indent=1)[:-2] + ',\n "rows": ['
    comma = ""
    for row in report.rows():
        yield f"{comma}\n  {json.dumps(_row(row))}"
        comma = ","
    yield "\n ]\n}\n"


def _row(row: Row) -> dict[str, object]:
    app, connection, entry = row.app, row.connection, row.entry
    return {
        "app": {"id": app.id, "label": app.label, "access": app.access.value} if app else None,
        "connection": {
            "id": connection.id,
            "screen_name": connection.screen_name,
            "user_id": connection.user_id,
            "state": connection.state.value,
            "token_access": connection.access_level,
            "authorized_at": iso(connection.authorized_at or None) or None,
            "checked_at": iso(connection.checked_at) or None,
            "error": connection.error,
        },
        "ad_account": {
            "id": entry.account.id,
            "name": entry.account.name,
            "approval_status": entry.account.approval_status,
            "deleted": entry.account.deleted,
            "full_user": row.full_user,
        }
        if entry
        else None,
        "method": row.method or None,
        "permissions": list(row.permissions) if entry and entry.access else None,
        "capabilities": {
            one.key: {
                "verdict": one.verdict.value,
                "basis": one.basis.value,
                "reason": one.reason,
            }
            for one in row.answers
        },
        "fetched_at": iso(row.fetched_at) or None,
        "permissions_at": iso(entry.access_at) or None if entry else None,
        "users_at": iso(entry.users_at) or None if entry else None,
        "stale": row.stale,
        "error": row.errors,
    }
