from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import cast

import pytest
from PySide6.QtCore import QMessageLogContext, QtMsgType

from adwarden.process import _log_qt


@dataclass(frozen=True, slots=True)
class At:
    category: str


@pytest.mark.parametrize(
    ("category", "level"),
    [("default", logging.WARNING), ("qt.accessibility.atspi", logging.DEBUG)],
)
def test_what_qt_cannot_tell_a_screen_reader_is_no_warning(
    caplog: pytest.LogCaptureFixture, category: str, level: int
) -> None:
    with caplog.at_level(logging.DEBUG, logger="qt"):
        _log_qt(QtMsgType.QtWarningMsg, cast("QMessageLogContext", At(category)), "no answer")
    assert [(record.levelno, record.message) for record in caplog.records] == [(level, "no answer")]
