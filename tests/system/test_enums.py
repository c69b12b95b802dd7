"""Qt's enums wait for the first look and are then what Qt for Python makes of them by itself."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]

START = """
import sys
sys.path.insert(0, "desktop")
if sys.argv[1] == "ours":
    from adwarden.system.imports import load_qt
    load_qt()
import enum, json, pickle, threading
import PySide6.QtCore, PySide6.QtGui, PySide6.QtSvg, PySide6.QtWidgets
MODULES = (PySide6.QtCore, PySide6.QtGui, PySide6.QtSvg, PySide6.QtWidgets)
def enums():
    for module in MODULES:
        for name in sorted(dir(module)):
            owner = getattr(module, name)
            if not isinstance(owner, type):
                continue
            if isinstance(owner, enum.EnumType):
                yield f"{module.__name__}.{name}", owner
            for inner, value in sorted(vars(owner).items()):
                if isinstance(value, enum.EnumType):
                    yield f"{module.__name__}.{name}.{inner}", value
"""

ALL = (
    START
    + """
def told(made):
    first = next(iter(made), None)
    return [
        made.__name__, made.__qualname__, made.__module__, made.__doc__, repr(made),
        [base.__qualname__ for base in made.__mro__],
        [
            [n, m.value, m.name, repr(m), str(m), hash(m) == hash(m.name)]
            for n, m in made.__members__.items()
        ],
        [m.name for m in made], len(made), bool(made), made._member_names_,
        sorted(n for n in dir(made) if not n.startswith("__adwarden")),
        str(getattr(made, "_boundary_", None)), getattr(made, "_flag_mask_", None),
        first is None or made(first.value) is first and made[first.name] is first,
        first is None or pickle.loads(pickle.dumps(first)) is first,
        first is None or isinstance(first, int) or made(0) is not None
        if isinstance(first, enum.Flag) else None,
        type(made).__name__, [n for n in vars(made) if "adwarden" in n],
    ]
found = {}
for name, made in enums():
    found[name] = told(made)
print(json.dumps(found))
"""
)

WAITING = (
    START
    + """
from adwarden.system.enums import Waiting
from PySide6.QtCore import QEvent, QSocketNotifier, Qt
from PySide6.QtGui import QFont
assert type(Qt.Key) is Waiting and type(QEvent.Type) is Waiting
assert (Qt.Key.__name__, Qt.Key.__qualname__) == ("Key", "Qt.Key") and type(Qt.Key) is Waiting
assert issubclass(Qt.Key, enum.IntEnum) and isinstance(Qt.Key, enum.EnumType)
assert type(Qt.Key) is Waiting
print(Qt.Key.Key_Return.value, type(Qt.Key).__name__)
print(len(Qt.CheckState), Qt.CheckState(2).name, "Checked" in Qt.CheckState.__members__)
print((Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop).value, list(Qt.Orientation)[0].name)
font = QFont()
font.setWeight(QFont.Weight.Bold)
print(font.weight().name, font.styleHint().name)
try:
    Qt.CursorShape.NoSuchShape
except AttributeError as error:
    print(type(error).__name__, type(Qt.CursorShape).__name__)
go, seen = threading.Barrier(8), []
def look():
    go.wait()
    seen.append((QEvent.Type.Paint, QEvent.Type(12)))
threads = [threading.Thread(target=look) for _ in range(8)]
[t.start() for t in threads]
[t.join() for t in threads]
print(len(seen), len({id(m) for pair in seen for m in pair}))
try:
    QSocketNotifier.Read
    print("found")
except AttributeError:
    print("not found")
from adwarden.system.enums import look_into
look_into(QSocketNotifier.Type)
print(QSocketNotifier.Read is QSocketNotifier.Type.Read)
"""
)


def run(program: str, *arguments: str) -> str:
    """Run a program of its own and return what it printed."""
    done = subprocess.run(
        [sys.executable, "-c", program, *arguments],
        cwd=ROOT,
        env=os.environ | {"QT_QPA_PLATFORM": "offscreen"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    return done.stdout


def test_all_enums_are_as_qt_for_python_makes_them() -> None:
    ours: dict[str, Any] = json.loads(run(ALL, "ours"))
    theirs: dict[str, Any] = json.loads(run(ALL, "plain"))
    assert len(theirs) > 500
    assert ours.keys() == theirs.keys()
    assert [name for name in theirs if ours[name] != theirs[name]] == []


def test_an_enum_waits_for_the_first_look() -> None:
    assert run(WAITING, "ours").splitlines() == [
        "16777220 EnumType",
        "3 Checked True",
        "33 Horizontal",
        "Bold AnyStyle",
        "AttributeError EnumType",
        "8 1",
        "not found",
        "True",
    ]
