"""Qt without its help texts says the same of wrong calls, and help() still helps."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

WRONG_CALLS = """
import sys
sys.path.insert(0, "desktop")
if sys.argv[1] == "ours":
    from adwarden.late import be_late
    from adwarden.system.imports import load_qt
    be_late()
    load_qt()
    assert sys.modules["shibokensupport.signature.loader"].stands_in
    assert "adwarden.system.signatures" in sys.modules
import PySide6.QtWidgets
from PySide6.QtCore import QObject, QSize, QTimer, Qt, Signal
from PySide6.QtWidgets import QApplication, QLabel
class Sender(QObject):
    sent = Signal(int)
app = QApplication([])
label, sender = QLabel(), Sender()
for call in (
    lambda: label.resize("a"), lambda: QSize("a"), lambda: label.nonsense(3),
    lambda: label.setText(3), lambda: QTimer(parent="x"), lambda: QTimer(nonsense=3),
    lambda: sender.sent.emit("x", "y"), lambda: Qt.AlignmentFlag(3) | "s",
    lambda: QApplication.setStyle(1, 2), lambda: label.setText("a", "b", c=1),
):
    try:
        print(call())
    except Exception as error:
        print(type(error).__name__, error)
import inspect, shiboken6
print(len(QLabel.__doc__), QTimer.start.__doc__, inspect.signature(len))
print(shiboken6.__version__, shiboken6.isValid(label), shiboken6.__file__.endswith("__init__.py"))
print("adwarden" in PySide6.__file__, sorted(n for n in vars(shiboken6) if "Wrapped" in n))
"""

TOGETHER = """
import sys, threading
sys.path.insert(0, "desktop")
from adwarden.late import LateModule, be_late
be_late()
import inspect, zipfile, traceback, ipaddress
assert all(isinstance(m, LateModule) for m in (inspect, zipfile, traceback, ipaddress))
assert not inspect.iscoroutinefunction(len) and isinstance(sys.modules["inspect"], LateModule)
go, failed, seen = threading.Barrier(8), [], []
def look():
    go.wait()
    try:
        seen.append((inspect.signature, zipfile.ZipFile, traceback.format_exc, inspect.isclass))
    except Exception as error:
        failed.append(repr(error))
threads = [threading.Thread(target=look) for _ in range(8)]
[t.start() for t in threads]
[t.join() for t in threads]
import inspect as true
print(failed, len(set(seen)), isinstance(true, LateModule), ipaddress.ip_address("::1"))
try:
    inspect.no_such_name
except AttributeError as error:
    print(error)
"""


def run(program: str, *arguments: str) -> str:
    """Run a program of its own and return what it printed."""
    done = subprocess.run(
        [sys.executable, "-c", program, *arguments],
        cwd=ROOT,
        env=os.environ | {"QT_QPA_PLATFORM": "offscreen"},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_wrong_calls_are_told_as_qt_tells_them() -> None:
    theirs, ours = run(WRONG_CALLS, "theirs"), run(WRONG_CALLS, "ours")
    assert "called with wrong argument types" in theirs
    assert ours == theirs


def test_a_version_that_was_not_tried_is_loaded_as_it_is() -> None:
    untried = """
import sys
sys.path.insert(0, "desktop")
from adwarden.system import imports
imports.KNOWN_VERSIONS = frozenset()
imports.load_qt()
import PySide6.QtCore
print(hasattr(sys.modules["shibokensupport.signature.loader"], "stands_in"), __import__.__name__)
"""
    stands_in, hook = run(untried).split()
    assert stands_in == "False"
    assert hook != "__feature_import__"


@pytest.mark.parametrize("turn", range(3))
def test_late_modules_come_whole_to_all_threads(turn: int) -> None:
    printed = run(TOGETHER).splitlines()
    assert printed[0] == "[] 1 False ::1"
    assert "no_such_name" in printed[1]
