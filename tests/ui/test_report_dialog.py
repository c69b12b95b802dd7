"""The folder that a report is proposed for is one that is there."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import QStandardPaths
from PySide6.QtWidgets import QLineEdit
from pytestqt.qtbot import QtBot

from adwarden.domain.report import Scope
from adwarden.ui.report_dialog import Choice, ReportDialog
from adwarden.ui.theme import Theme
from tests.fakes.services import NOW
from tests.ui.stagehand import named


@pytest.mark.parametrize(
    ("documents", "proposed"),
    [("Documents", "Documents"), ("missing", ""), ("file", ""), ("", "")],
)
def test_the_proposed_folder_is_there(
    qtbot: QtBot,
    theme: Theme,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    documents: str,
    proposed: str,
) -> None:
    home = tmp_path / "home"
    (home / "Documents").mkdir(parents=True)
    (home / "file").touch()
    monkeypatch.setattr(Path, "home", lambda: home)
    told = str(home / documents) if documents else ""
    monkeypatch.setattr(QStandardPaths, "writableLocation", lambda _: told)
    dialog = ReportDialog(None, [Choice("Everything", Scope())], now=NOW)
    qtbot.addWidget(dialog)
    dialog.show()
    field = named(dialog, "File", QLineEdit)
    assert isinstance(field, QLineEdit)
    assert Path(field.text()).parent == (home / proposed)
    assert dialog.path.parent.is_dir()


def test_a_folder_that_has_gone_since_is_not_proposed_again(
    qtbot: QtBot, theme: Theme, tmp_path: Path
) -> None:
    for folder in (tmp_path, tmp_path / "gone"):
        dialog = ReportDialog(None, [Choice("All", Scope())], now=NOW, folder=folder)
        qtbot.addWidget(dialog)
        assert dialog.path.parent.is_dir()
        assert (dialog.path.parent == tmp_path) is folder.is_dir()
