"""The report's page in a real browser engine: on a screen, and printed."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import QEvent, QMarginsF, QUrl
from PySide6.QtGui import QPageLayout, QPageSize
from PySide6.QtPdf import QPdfDocument
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from adwarden.domain.model import ConnectionState
from adwarden.domain.report import Report
from adwarden.domain.report_html import as_html
from tests.domain.test_report import DAY, NASTY, NOW, snapshot

# Chromium refuses its sandbox to root, often the only user of a test machine.
os.environ.setdefault("QTWEBENGINE_DISABLE_SANDBOX", "1")

from PySide6.QtWebEngineCore import QWebEnginePage

pytestmark = [
    pytest.mark.webengine,
    # What the engine says once about the machine it starts on.
    pytest.mark.qt_log_ignore("[Vv]ulkan|GPU vendor", extend=True),
]

PATIENCE = 30_000
ROWS = 60
NAMES = [NASTY[n % len(NASTY)] for n in range(ROWS)]
SEEN = """JSON.stringify({
  wider: document.documentElement.scrollWidth - innerWidth,
  cut: [...document.querySelectorAll('td,th')]
    .filter(cell => cell.scrollWidth > cell.clientWidth + 1).length,
  strangers: document.querySelectorAll('script,img,iframe,a,input').length,
  rows: document.querySelectorAll('tbody tr').length,
})"""


@pytest.fixture
def page(qtbot: QtBot, tmp_path: Path) -> Iterator[QWebEnginePage]:
    """Yield a loaded page of many ad accounts with the worst names."""
    made = snapshot(*NAMES, permissions=("ACCOUNT_ADMIN", "Z" * 120))
    lost = replace(made.connections[1], error="X refused it: " + "y" * 300)
    made = replace(
        made,
        connections=(replace(made.connections[0], state=ConnectionState.ATTENTION), lost),
    )
    file = tmp_path / "report.html"
    file.write_text("".join(as_html(Report(made, NOW, DAY))).encode("utf-8", "replace").decode())
    page = QWebEnginePage()
    with qtbot.waitSignal(page.loadFinished, timeout=PATIENCE) as loaded:
        page.load(QUrl.fromLocalFile(str(file)))
    assert loaded.args == [True]
    yield page
    page.deleteLater()
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)


@pytest.mark.parametrize("width", [1280, 1920])
def test_nothing_is_cut_off_and_nothing_comes_with_a_name(
    qtbot: QtBot, page: QWebEnginePage, width: int
) -> None:
    from PySide6.QtWebEngineWidgets import QWebEngineView

    view = QWebEngineView()
    qtbot.addWidget(view)
    view.setPage(page)
    view.resize(width, 900)
    view.show()
    told: list[str] = []

    def settled() -> bool:
        page.runJavaScript("innerWidth", lambda wide: told.append(str(wide)))
        return bool(told) and float(told[-1]) == width

    qtbot.waitUntil(settled, timeout=PATIENCE)
    found: list[str] = []
    page.runJavaScript(SEEN, found.append)
    qtbot.waitUntil(lambda: bool(found), timeout=PATIENCE)
    seen = json.loads(found[0])
    assert seen["wider"] <= 0
    assert seen["cut"] == 0
    assert seen["strangers"] == 0
    assert seen["rows"] == ROWS + 2


def test_on_paper_every_sheet_has_the_heads_and_every_column(
    qtbot: QtBot, page: QWebEnginePage, tmp_path: Path
) -> None:
    file = tmp_path / "report.pdf"
    layout = QPageLayout(
        QPageSize(QPageSize.PageSizeId.A4),
        QPageLayout.Orientation.Landscape,
        QMarginsF(12, 12, 12, 12),
        QPageLayout.Unit.Millimeter,
    )
    with qtbot.waitSignal(page.pdfPrintingFinished, timeout=PATIENCE) as printed:
        page.printToPdf(str(file), layout)
    assert printed.args == [str(file), True]
    document = QPdfDocument()
    assert document.load(str(file)) == QPdfDocument.Error.None_
    sheets = document.pageCount()
    assert sheets >= 3
    for number in range(sheets):
        size = document.pagePointSize(number)
        assert size.width() > size.height()
        told = document.getAllText(number)
        words = told.text()
        assert "Permissions" in words
        assert "Fetched" in words  # the last column
        assert told.boundingRectangle().right() <= size.width()
    whole = "".join(document.getAllText(number).text() for number in range(sheets))
    for number, name in enumerate(NAMES):
        # Who reads a sheet back may turn what stands beside a name that runs to the left.
        assert f"id{number}" in whole or not name.isascii()
    assert "Point at" not in whole
    document.close()
