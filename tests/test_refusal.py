"""A start that is refused says so in a box, wherever somebody can see one."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from adwarden import refusal
from tests.storage.folders import read_only

CLOSER = """
import sys
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QMessageBox
shown = QMessageBox.show

def show(self):
    shown(self)
    print("box:", self.windowTitle(), "|", self.text(), "|", self.informativeText(), flush=True)
    if picture := sys.argv[1]:
        QTimer.singleShot(300, lambda: (self.grab().save(picture), self.accept()))
    else:
        QTimer.singleShot(0, self.accept)

QMessageBox.show = show
from adwarden import app
app.leave(app.main(sys.argv[2:]))
"""
"""Starts the program with somebody who closes the box as soon as it is there."""


def start(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    picture = os.environ.get("ADWARDEN_TEST_PICTURE", "")
    return subprocess.run(
        [sys.executable, "-c", CLOSER, picture, *arguments],
        capture_output=True, text=True, check=False, timeout=40,
        env={**os.environ, **environment}, cwd=Path(__file__).parents[1],
    )  # fmt: skip


def test_a_folder_that_cannot_be_written_is_said_in_a_box(tmp_path: Path) -> None:
    folder = tmp_path / "<b>data & more"
    folder.mkdir()
    with read_only(folder):
        ended = start("--data-dir", str(folder), QT_QPA_PLATFORM="xcb")
    told = f"Writing in {folder} is not allowed. Make the folder writable for you"
    assert f"box: Adwarden cannot start | The data folder cannot be used. | {told}" in ended.stdout
    assert ended.stderr.startswith("adwarden: The data folder cannot be used. Writing in")
    assert ended.returncode == 1


def test_an_address_in_the_settings_is_said_in_a_box(tmp_path: Path) -> None:
    file = tmp_path / "settings.ini"
    file.write_text("[server]\napi_url=http://api.x.com\n")
    ended = start("--data-dir", str(tmp_path), QT_QPA_PLATFORM="xcb")
    assert f"| “api_url” in {file} is not an address that can be used. |" in ended.stdout
    assert ended.returncode == 2


@pytest.mark.parametrize(
    ("arguments", "platform"),
    [(("--diagnose",), "xcb"), ((), "offscreen"), (("list",), "xcb")],
)
def test_no_box_where_nobody_waits_for_one(
    tmp_path: Path, arguments: tuple[str, ...], platform: str
) -> None:
    (tmp_path / "settings.ini").write_text("[server]\napi_url=http://api.x.com\n")
    ended = subprocess.run(
        [sys.executable, "-P", "-m", "adwarden", "--data-dir", str(tmp_path), *arguments],
        capture_output=True, text=True, check=False, timeout=30,
        env={**os.environ, "QT_QPA_PLATFORM": platform},
    )  # fmt: skip
    assert ended.returncode == 2
    assert "api_url" in ended.stderr


@pytest.mark.parametrize(
    ("chosen", "seen"),
    [("", True), ("xcb", True), ("wayland;xcb", True), ("offscreen", False),
     ("vnc:size=800x600", False), ("minimal", False)],
)  # fmt: skip
def test_who_can_see_a_box(chosen: str, seen: bool) -> None:
    assert refusal.can_be_seen({"QT_QPA_PLATFORM": chosen}) is seen
    assert refusal.can_be_seen({})
