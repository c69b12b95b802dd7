from __future__ import annotations

import csv
import io
import json
from dataclasses import replace
from html.parser import HTMLParser
from types import MappingProxyType
from typing import Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adwarden.domain.model import (
    Access,
    AccountEntry,
    AdAccount,
    AppAccess,
    Connection,
    ConnectionState,
    PromotableUser,
    Snapshot,
    XApp,
)
from adwarden.domain.permissions import CAPABILITIES, PERMISSIONS
from adwarden.domain.report import Report, Scope, iso
from adwarden.domain.report_html import as_html
from adwarden.domain.report_text import BOM, COLUMNS, as_csv, as_json, cells, harmless
from adwarden.domain.shown import visible
from adwarden.domain.token_state import APP_SUSPENDED, USER_SUSPENDED

NOW = 1_790_000_000.0
DAY = 86_400.0

NASTY = (
    "=HYPERLINK(\"http://evil\",\"x\")", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", " =1",
    "＝1", "<script>alert(1)</script>", "<img src=x onerror=alert(1)> & \"Toys\"",
    "</td></tr></table><h1>gone", "أداتوم للإعلانات", "Right\u202etfel\u202c override",
    "x" * 2000, "a\x00b\x1b[31m\nc\x85d\u2028e", "🦆🎈👩‍👩‍👧", "\ud800", "", "','", '"', "'--",
    "{{7*7}}", "]]>", "<!--",
)  # fmt: skip


def snapshot(*names: str, permissions: tuple[str, ...] = ("ACCOUNT_ADMIN",)) -> Snapshot:
    app = XApp("a1", "x", names[0] if names else "Agency", AppAccess.STANDARD, "entry", 1.0)
    one = Connection(
        "c1", "a1", "77", "northwind", "entry", 2.0, ConnectionState.WORKING, NOW - 60, "read-write"
    )
    two = Connection(
        "c2", "a1", "78", names[-1] if names else "contoso", "entry", 2.0,
        ConnectionState.REVOKED, None, "", names[-1] if names else "",
    )  # fmt: skip
    entries = tuple(
        AccountEntry(
            AdAccount(f"id{n}", name, name[:40], deleted=n % 2 == 0),
            Access("77", (*permissions, name[:60])) if n % 3 != 0 else None,
            name,
            (PromotableUser("p", "77", "FULL", handle=name[:15]),),
            "",
            NOW - n * DAY / 2,
        )
        for n, name in enumerate(names)
    )
    return Snapshot((app,), (one, two), MappingProxyType({"c1": entries}))


def report(*names: str, scope: Scope | None = None) -> Report:
    return Report(snapshot(*names), NOW, DAY, scope or Scope())


def read_csv(text: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(text.removeprefix(BOM), newline="")))


class Page(HTMLParser):
    """Reads a page as a browser does, and keeps what could act."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: dict[str, int] = {}
        self.attributes: list[tuple[str, str, str]] = []
        self.text: list[str] = []
        self.open: list[str] = []
        self.comments: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags[tag] = self.tags.get(tag, 0) + 1
        self.attributes += [(tag, name, value or "") for name, value in attrs]
        if tag not in ("meta", "br"):
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text.append(data)

    def handle_comment(self, data: str) -> None:
        self.comments.append(data)


KNOWN_TAGS = {
    "html", "head", "meta", "title", "style", "body", "h1", "h2", "p", "table", "thead", "tbody",
    "tr", "th", "td", "bdi", "br", "small", "span",
}  # fmt: skip
KNOWN_ATTRIBUTES = {
    "lang", "charset", "http-equiv", "content", "name", "class", "scope", "dir", "title",
}  # fmt: skip


def page_of(made: Report) -> Page:
    page = Page()
    page.feed("".join(as_html(made)))
    page.close()
    assert page.open == []
    return page


def test_every_row_has_every_column() -> None:
    lines = read_csv("".join(as_csv(report(*NASTY))))
    assert lines[0] == list(COLUMNS)
    assert {len(line) for line in lines} == {len(COLUMNS)}
    assert len(lines) == 1 + len(NASTY) + 1  # and the connection without ad accounts
    assert report(*NASTY).row_count() == len(lines) - 1


def test_the_file_begins_with_what_excel_looks_for_and_has_its_line_ends() -> None:
    text = "".join(as_csv(report("Northwind")))
    assert text.encode().startswith(b"\xef\xbb\xbf")
    assert text.count("\r\n") == text.count("\n") == 3


@pytest.mark.parametrize("name", NASTY)
def test_no_cell_acts_in_a_spreadsheet(name: str) -> None:
    for line in read_csv("".join(as_csv(report(name)))):
        for cell in line:
            assert not cell.startswith(("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠"))
            assert cell.isprintable() or not any(ord(char) < 32 for char in cell)


@given(st.lists(st.text(max_size=40) | st.sampled_from(NASTY), max_size=5))
def test_csv_gives_back_what_was_put_in(names: list[str]) -> None:
    made = report(*names)
    lines = read_csv("".join(as_csv(made)))[1:]
    assert lines == [[harmless(cell) for cell in cells(row)] for row in made.rows()]
    for line, row in zip(lines, made.rows(), strict=True):
        if row.entry is not None:
            told = line[COLUMNS.index("account_name")]
            shown = visible(row.entry.account.name)
            assert told.replace("'", "") == shown.replace("'", "")


SIGNS = "=+-@＝＋－＠﹦﹢﹣﹫−"
BLANKS = ' "\u00a0\u3000\u200b\u200c\u200d\u200e\u200f\u2060\ufeff'
ACTING = st.text(alphabet=f"{SIGNS}{BLANKS},;|\t\r\n\x0b\x85\u2028'aé1", max_size=12)


def acts(cell: str) -> bool:
    """Tell whether a spreadsheet may take this for a formula, or begins a line before it."""
    return cell.lstrip(BLANKS).startswith(("\t", "\r", "\n")) or cell.lstrip(
        f"{BLANKS}\t\r\n"
    ).startswith(tuple(SIGNS))


@pytest.mark.parametrize("quoting", [csv.QUOTE_MINIMAL, csv.QUOTE_NONE])
@pytest.mark.parametrize("separator", ",;|\t")
@given(names=st.lists(ACTING, min_size=1, max_size=4), error=ACTING)
def test_no_cell_acts_wherever_a_program_cuts_lines(
    separator: str, quoting: Literal[0, 3], names: list[str], error: str
) -> None:
    """Also where quotation marks mean nothing to whoever reads it."""
    made = snapshot(*names, error)
    entries = tuple(replace(one, access_error=error, users_error="") for one in made.entries["c1"])
    lost = replace(made.connections[1], error=error)
    made = replace(
        made, connections=(made.connections[0], lost), entries=MappingProxyType({"c1": entries})
    )
    text = "".join(as_csv(Report(made, NOW, DAY))).removeprefix(BOM)
    source = io.StringIO(text, newline="")
    for line in csv.reader(source, delimiter=separator, quoting=quoting):
        assert [cell for cell in line if acts(cell)] == []


@pytest.mark.parametrize(
    ("cell", "told"),
    [
        ("Northwind; Outdoor, Inc. | x", "Northwind; Outdoor, Inc. | x"),
        ("a-b=c+d@e", "a-b=c+d@e"),
        ("=1", "'=1"),
        ("＝1", "'＝1"),
        ("Shop;=1", "Shop;'=1"),
        ('Shop; "\u200d@x', "Shop;' \"\u200d@x"),
        ("a|+1,-2", "a|'+1,'-2"),
        ("a\t=1\r\n=2", "a␉=1␍␊=2"),
        ("'=1", "'=1"),
    ],
)
def test_what_acts_gets_an_apostrophe_and_all_else_stays(cell: str, told: str) -> None:
    assert harmless(cell) == told
    assert harmless(told) == told


@given(st.text(max_size=30) | st.sampled_from(NASTY) | ACTING)
def test_a_harmless_cell_is_what_it_was_but_for_apostrophes(text: str) -> None:
    assert harmless(text).replace("'", "") == visible(text).replace("'", "")
    assert harmless(harmless(text)) == harmless(text)


def test_a_line_ends_with_a_word_of_ours() -> None:
    """A separator at its end would let the next line's first cell begin with the line break."""
    assert {line[-1] for line in read_csv("".join(as_csv(report(*NASTY))))} <= {
        "stale", "yes", "no",
    }  # fmt: skip


@given(st.lists(st.text(max_size=40) | st.sampled_from(NASTY), max_size=5))
def test_a_page_has_no_markup_but_its_own(names: list[str]) -> None:
    page = page_of(report(*names))
    assert set(page.tags) <= KNOWN_TAGS
    assert {name for _, name, _ in page.attributes} <= KNOWN_ATTRIBUTES
    assert page.comments == []
    # As many of each as a report with harmless names has: none came with a name.
    calm = page_of(report(*["calm" if name else "" for name in names]))
    structure = ("html", "head", "body", "h1", "h2", "table", "tr", "td", "th", "style")
    assert [page.tags[tag] for tag in structure] == [calm.tags[tag] for tag in structure]


def test_a_page_needs_nothing_else_and_prints() -> None:
    text = "".join(as_html(report(*NASTY)))
    for word in ("src=", "href=", "url(", "@import", "<script", "<link", "javascript:"):
        assert word not in text.replace(visible(NASTY[9]).replace("<", "&lt;"), "").replace(
            "src=x", ""
        ), word
    assert "default-src 'none'" in text
    assert "@media print" in text
    assert "table-header-group" in text
    assert "prefers-color-scheme" not in text


def test_names_are_isolated_and_shown_as_text() -> None:
    text = "".join(as_html(report(*NASTY)))
    assert '<bdi dir="auto">أداتوم للإعلانات</bdi>' in text
    assert "\u202e" not in text
    assert "\x1b" not in text
    assert "&lt;script&gt;" in text


def test_a_name_of_two_thousand_letters_does_not_fill_a_sheet() -> None:
    text = "".join(as_html(report("x" * 2000)))
    assert f'title="{"x" * 2000}"' in text
    assert f">{'x' * 80}…{'x' * 80}</bdi>" in text


@pytest.mark.parametrize("name", ["", "  ", "\u3000"])
def test_who_has_no_name_is_said_to_have_none(name: str) -> None:
    assert "no name</span><br><small>id0" in "".join(as_html(report(name)))


def test_json_has_stable_keys_and_the_reasons() -> None:
    text = "".join(as_json(report("Northwind", "Contoso")))
    assert text.isascii()
    told = json.loads(text)
    assert list(told) == [
        "report", "version", "made_at", "stale_after_seconds", "scope", "counts", "capabilities",
        "rows",
    ]  # fmt: skip
    assert told["counts"] == {"connections": 2, "ad_accounts": 2}
    third, first, second = told["rows"]  # @Contoso before @northwind
    assert list(first) == [
        "app", "connection", "ad_account", "method", "permissions", "capabilities", "fetched_at",
        "permissions_at", "users_at", "stale", "error",
    ]  # fmt: skip
    assert first["permissions"] is None  # what was never fetched is not empty
    assert second["permissions"] == ["ACCOUNT_ADMIN", "Contoso"]
    assert set(second["capabilities"]) == set(CAPABILITIES)
    assert second["capabilities"]["manage-campaigns"] == {
        "verdict": "yes", "basis": "documented", "reason": "Account administrator",
    }  # fmt: skip
    assert second["method"] == "advertiser"
    assert third["ad_account"] is None


@given(st.lists(st.text(max_size=40), max_size=5))
def test_json_gives_names_back_as_they_came(names: list[str]) -> None:
    told = json.loads("".join(as_json(report(*names))))
    assert [row["ad_account"]["name"] for row in told["rows"] if row["ad_account"]] == names


def test_a_selection_leaves_the_rest_out() -> None:
    some = report("Northwind", "Contoso", scope=Scope(frozenset({"c1"}), frozenset({"id1"})))
    assert [row.entry.account.id for row in some.rows() if row.entry] == ["id1"]
    assert some.row_count() == 1
    assert some.count() == (1, 1)
    one = report("Northwind", scope=Scope(frozenset({"c2"})))
    assert [row.connection.id for row in one.rows()] == ["c2"]
    assert "a selection" in "".join(as_html(one))


def test_what_is_old_is_stale_and_what_was_never_fetched_is_not() -> None:
    rows = list(report(*"abcdef").rows())
    old = {
        row.connection.id: [r.stale for r in rows if r.connection is row.connection] for row in rows
    }
    # What a revoked token reached is out of reach, as in the window.
    assert old == {"c1": [False, False, False, True, True, True], "c2": [True]}
    assert not any(row.stale for row in of_state(ConnectionState.UNKNOWN).rows())
    never = replace(snapshot().connections[0], checked_at=None)
    empty = Report(replace(snapshot(), connections=(never,)), NOW, DAY)
    assert [row.stale for row in empty.rows()] == [False]
    assert "stale" in "".join(as_html(report(*"abcdef")))


def test_a_time_in_the_future_is_stale() -> None:
    made = report()
    assert made.is_stale(made.made_at + 61)
    assert not made.is_stale(made.made_at + 59)


def test_an_empty_report_is_a_report() -> None:
    empty = Report(Snapshot(), NOW, DAY)
    assert len(read_csv("".join(as_csv(empty)))) == 1
    assert json.loads("".join(as_json(empty)))["rows"] == []
    assert page_of(empty).tags["table"] == 2


def test_no_secret_can_be_in_it() -> None:
    every = "".join([*as_csv(report("a")), *as_json(report("a")), *as_html(report("a"))])
    assert "entry" not in every.replace("entry_", "")  # the name of the keychain entry


@pytest.mark.parametrize("moment", [None, float("inf"), 1e300, -1e300])
def test_what_is_no_time_is_empty(moment: float | None) -> None:
    assert iso(moment) == ""


def test_permissions_are_in_words_on_paper() -> None:
    text = "".join(as_html(report("One", "Two")))
    assert PERMISSIONS["ACCOUNT_ADMIN"].name in text


def of_state(state: ConnectionState, error: str = "") -> Report:
    made = snapshot("", "Northwind")
    one = replace(made.connections[0], state=state, error=error)
    return Report(replace(made, connections=(one,)), NOW, DAY)


@pytest.mark.parametrize(
    ("state", "error", "reason", "stale"),
    [
        (ConnectionState.REVOKED, "", "this connection is revoked; it has to be", True),
        (ConnectionState.NEEDS_AUTHORIZATION, "", "this connection works no longer; it has", True),
        (ConnectionState.ATTENTION, f"{USER_SUSPENDED}. So.", "X has suspended this user", False),
        (ConnectionState.ATTENTION, f"{APP_SUSPENDED}. So.", "X has suspended the X app", False),
    ],
)
def test_a_token_that_does_not_work_is_able_to_do_nothing(
    state: ConnectionState, error: str, reason: str, stale: bool
) -> None:
    made = of_state(state, error)
    row = json.loads("".join(as_json(made)))["rows"][1]
    assert {one["verdict"] for one in row["capabilities"].values()} == {"no"}
    assert row["capabilities"]["conversions"]["reason"].startswith(reason)
    assert row["stale"] is stale
    told = row["error"]
    assert error in told
    assert error or told.lower().startswith(reason.lower())
    head, *lines = read_csv("".join(as_csv(made)))
    line = dict(zip(head, lines[1], strict=True))
    assert {line[f"can:{key}"] for key in CAPABILITIES} == {"no"}
    assert (line["stale"], bool(line["error"])) == ("yes" if stale else "no", True)
    page = "".join(as_html(made))
    assert 'class="mark yes"' not in page
    assert reason in page
    assert ("stale lost" if stale else "lost") in page


def test_one_that_works_is_able_and_says_no_error() -> None:
    rows = json.loads("".join(as_json(of_state(ConnectionState.WORKING))))["rows"]
    assert rows[1]["capabilities"]["conversions"]["verdict"] == "yes"
    assert (rows[1]["stale"], rows[1]["error"]) == (False, "Northwind")
    # What needs attention for another reason may work all the same.
    clock = of_state(ConnectionState.ATTENTION, "The clock is wrong. So.")
    (row,) = [row for row in clock.rows() if row.entry and row.entry.account.name]
    assert any(one.verdict.value == "yes" for one in row.answers)


def test_a_day_that_nobody_knows_is_no_day_of_1970() -> None:
    made = snapshot("a", "b")
    unknown = tuple(replace(one, authorized_at=0.0) for one in made.connections)
    told = Report(replace(made, connections=unknown), NOW, DAY)
    every = "".join([*as_csv(told), *as_json(told), *as_html(told)])
    assert "1970" not in every
    assert '"authorized_at": null' in every
    assert "<td class=when>not known</td>" in every
