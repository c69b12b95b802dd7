"""The report as one printable page that needs nothing else: no script, no address, no picture."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape

from adwarden.domain.app_facts import tokens
from adwarden.domain.model import AppAccess, ConnectionState, XApp
from adwarden.domain.permission_rules import LEVELS
from adwarden.domain.permissions import CAPABILITIES, Basis, Capability, Verdict
from adwarden.domain.report import Report, Row, iso, permission_names
from adwarden.domain.shown import visible

_LONGEST = 160
"""Characters of a name on paper; CSV and JSON have all of it."""

_HEADS = {
    "view-campaigns": "See campaigns",
    "manage-campaigns": "Manage campaigns",
    "statistics": "Campaign statistics",
    "creatives": "Creatives",
    "promoted-only-posts": "Promoted-only posts",
    "conversions": "Conversions",
    "organic-analytics": "Organic analytics",
    "partner-audiences": "Partner audiences",
    "users-and-settings": "Users, settings",
    "user-settings": "Others’ settings",
    "billing": "Billing",
}
_STATES = {
    ConnectionState.UNKNOWN: "Not checked yet",
    ConnectionState.WORKING: "Working",
    ConnectionState.ATTENTION: "Needs attention",
    ConnectionState.REVOKED: "Revoked",
    ConnectionState.NEEDS_AUTHORIZATION: "Must be authorized again",
    ConnectionState.REVOKING: "Being revoked",
}
_MARKS = {Verdict.YES: "Yes", Verdict.NO: "No", Verdict.UNKNOWN: "?"}
_BASES = {Basis.DOCUMENTED: "", Basis.DERIVED: "¹"}

STYLE = """
:root { color-scheme: light; }
* { box-sizing: border-box; }
body { margin: 16px; background: #fff; color: #1b1f27;
  font: 12px/1.4 system-ui, "Segoe UI", "Noto Sans", "Noto Sans CJK JP", sans-serif; }
h1 { font-size: 20px; margin: 0 0 4px; }
h2 { font-size: 14px; margin: 20px 0 6px; }
p { margin: 4px 0; max-width: 60em; }
.dim, small { color: #5b6472; }
table { border-collapse: collapse; width: 100%; }
thead { display: table-header-group; }
tr { break-inside: avoid; page-break-inside: avoid; }
th, td { border: 1px solid #c5cad3; padding: 4px; text-align: start; vertical-align: top; }
th { background: #eef0f4; font-weight: 600; }
td.name, td.long { overflow-wrap: anywhere; min-width: 8em; max-width: 22em; }
td.when { white-space: nowrap; }
tr.lost td { color: #5b6472; } tr.lost td.yes, tr.lost td.unknown { background: #fff; }
td.mark { text-align: center; white-space: nowrap; }
td.yes { background: #e8f5ee; } td.no { color: #5b6472; } td.unknown { background: #fdf3de; }
tr.stale td { font-style: italic; }
.bad { color: #b42318; } .warn { color: #8a5a00; }
bdi { unicode-bidi: isolate; }
@media screen { thead th { position: sticky; top: 0; box-shadow: inset 0 -1px #c5cad3;
  font-size: 11px; } }
@page { size: A4 landscape; margin: 12mm; }
@media print { body { margin: 0; font-size: 9px; } h2 { break-after: avoid; }
  .screen { display: none; }
  td, th { padding: 2px 4px; } * { print-color-adjust: exact; -webkit-print-color-adjust: exact; } }
"""


def as_html(report: Report) -> Iterator[str]:
    """Yield the page in pieces; everything that came from X is escaped and isolated."""
    connections, accounts = report.count()
    made = iso(report.made_at).replace("T", " ").replace("Z", " UTC")
    hours = report.stale_after / 3600
    yield (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta http-equiv="Content-Security-Policy" content="default-src \'none\'; '
        "style-src 'unsafe-inline'\">\n"
        '<meta name="color-scheme" content="light">\n'
        '<meta name="viewport" content="width=device-width">\n'
        f"<title>Access report, {made}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n"
        f"<h1>Access report</h1>\n<p class=dim>Made by Adwarden on {made} · {connections:,} "
        f"connections · {accounts:,} ad accounts · {_scope(report)}</p>\n"
        "<p>It says who could do what when it was last fetched. It holds no keys and no tokens. "
        f"Rows older than {hours:g} hours are marked as stale, and so are those of a connection "
        "that works no longer: through it nothing can be done.</p>\n"
    )
    yield from _connections(report)
    yield from _accounts(report)
    yield "</body>\n</html>\n"


def _scope(report: Report) -> str:
    return "the whole picture" if report.scope.whole else "a selection"


def _connections(report: Report) -> Iterator[str]:
    heads = ("X app", "Connection", "User ID", "State", "Token access", "Authorized", "Checked",
             "Ad accounts")  # fmt: skip
    yield f"<h2>Connections</h2>\n{_head(heads)}"
    for connection in report.connections:
        app = report.app(connection)
        count = len(report.snapshot.entries.get(connection.id, ()))
        error = f"<br><span class=bad>{_text(connection.error)}</span>" if connection.error else ""
        stale = report.is_out_of_date(connection, connection.checked_at)
        yield (
            f"<tr{_kind(stale, lost=False)}><td class=name>{_name(app.label if app else '')}"
            f"<br><small>{_level(app)}</small></td>"
            f"<td class=name>{_name(connection.handle)}</td><td>{_text(connection.user_id)}</td>"
            f"<td class=long>{_STATES[connection.state]}{error}</td>"
            f"<td>{_text(connection.access_level or 'not known')}</td>"
            f"<td class=when>{_when(connection.authorized_at or None, 'not known')}</td>"
            f"<td class=when>{_when(connection.checked_at)}{_stale(stale)}</td>"
            f"<td>{count:,}</td></tr>\n"
        )
    yield "</tbody></table>\n"
    for app in report.snapshot.apps:
        mine = [one for one in report.snapshot.connections if one.app_id == app.id]
        count_of = tokens(app, mine)
        if count_of:
            used, most = count_of
            yield (
                f"<p>{_name(app.label)}: {used} of {most} tokens known here; apps of before "
                "July 2023 may be limited to five.</p>\n"
            )


def _accounts(report: Report) -> Iterator[str]:
    heads = ("Ad account", "Connection", "Method", "Permissions",
             *(_HEADS.get(key, words) for key, words in CAPABILITIES.items()),
             "Fetched")  # fmt: skip
    yield (
        f"<h2>Ad accounts</h2>\n<p class=dim>{_MARKS[Verdict.YES]}, {_MARKS[Verdict.NO]}: X’s "
        "documents say so · ¹ follows from X’s documents · ? not documented, or not known yet. "
        "Grey rows are of a connection that works no longer. <span class=screen>"
        "Point at a mark for its reason.</span></p>\n" + _head(heads)
    )
    for row in report.rows():
        if row.entry is not None:
            yield _account(row)
    yield "</tbody></table>\n"


def _account(row: Row) -> str:
    entry = row.entry
    assert entry is not None
    account = entry.account
    about = [_text(account.id)]
    if account.approval_status not in ("", "ACCEPTED"):
        about.append(f"<span class=warn>{_text(account.approval_status)}</span>")
    if account.deleted:
        about.append("<span class=bad>deleted</span>")
    named = _text(permission_names(row.permissions))
    held = named or ("none" if entry.access else "not known")
    error = f"<br><span class=bad>{_text(row.errors)}</span>" if row.errors else ""
    marks = "".join(_mark(answer) for answer in row.answers)
    return (
        f"<tr{_kind(row.stale, bool(row.stopped))}><td class=name>"
        f"{_name(account.name)}"
        f"<br><small>{' · '.join(about)}</small></td>"
        f"<td class=name>{_name(row.connection.handle)}<br><small>"
        f"{_STATES[row.connection.state]}</small></td>"
        f"<td>{_text(row.method)}</td><td class=long>{held}{error}</td>"
        f"{marks or '<td></td>' * len(CAPABILITIES)}"
        f"<td class=when>{_when(row.fetched_at)}{_stale(row.stale)}</td></tr>\n"
    )


def _mark(answer: Capability) -> str:
    words = f"{answer.words}: {answer.reason} ({answer.basis.words})"
    # What documents do not say, or X has not told, is never a yes or a no.
    note = _BASES.get(answer.basis, "")
    return (
        f'<td class="mark {answer.verdict.value}" title="{_text(words)}">'
        f"{_MARKS[answer.verdict]}{note}</td>"
    )


def _head(heads: tuple[str, ...]) -> str:
    cells = "".join(f"<th scope=col>{escape(words)}</th>" for words in heads)
    return f"<table>\n<thead><tr>{cells}</tr></thead>\n<tbody>\n"


def _when(moment: float | None, otherwise: str = "never") -> str:
    text = iso(moment)
    return f"{text[:10]}<br>{text[11:16]} UTC" if text else otherwise


def _kind(stale: bool, lost: bool) -> str:
    kinds = [name for name, true in (("stale", stale), ("lost", lost)) if true]
    return f' class="{" ".join(kinds)}"' if kinds else ""


def _level(app: XApp | None) -> str:
    if app is None or app.access is AppAccess.UNKNOWN:
        return "access not known"
    return escape(LEVELS[app.access][0] if app.access in LEVELS else "Standard")


def _stale(stale: bool) -> str:
    return "<br><span class=warn>stale</span>" if stale else ""


def _name(text: str) -> str:
    """Return a name in its own direction; a very long one would fill a sheet of paper alone."""
    if not text.strip():
        return "<span class=dim>no name</span>"
    if len(text) <= _LONGEST:
        return f'<bdi dir="auto">{_text(text)}</bdi>'
    half = _LONGEST // 2
    return f'<bdi dir="auto" title="{_text(text)}">{_text(f"{text[:half]}…{text[-half:]}")}</bdi>'


def _text(text: str) -> str:
    return escape(visible(text), quote=True)
