"""A step leaves a line and a picture, also when it fails."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from tests.flows import record
from tests.flows.record import Record


@pytest.fixture
def label(qtbot: QtBot) -> QLabel:
    label = QLabel("shown")
    qtbot.addWidget(label)
    return label


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(record, "BUILD", tmp_path / "build")
    return tmp_path / "build" / "tour"


def test_a_step_is_told_with_its_result_and_picture(label: QLabel, folder: Path) -> None:
    out = io.StringIO()
    tour = Record(folder, lambda: label.grab().toImage(), out)
    with tour.step("Add an X app") as said:
        said.append("saved in GNOME Keyring")
    assert "  1  Add an X app … saved in GNOME Keyring (0.0 s)" in out.getvalue()
    assert not QImage(str(folder / "01-add-an-x-app.png")).isNull()
    assert tour.summary().startswith("1 of 1 steps done")


def test_a_failing_step_is_told_and_ends_the_journey(label: QLabel, folder: Path) -> None:
    out = io.StringIO()
    tour = Record(folder, lambda: label.grab().toImage(), out)
    with pytest.raises(ValueError, match="no"), tour.step("Connect"):
        raise ValueError("no answer")
    assert "Connect … FAILED: no answer" in out.getvalue()
    assert (folder / "01-connect.png").exists()
    assert tour.summary().startswith("0 of 1 steps done")


def test_a_new_record_starts_with_an_empty_folder(folder: Path) -> None:
    folder.mkdir(parents=True)
    (folder / "09-old.png").touch()
    Record(folder, lambda: None, io.StringIO())
    assert list(folder.iterdir()) == []
