"""The house rules hold, each rule bites, and the process stays whole and light at start."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests import house

ROOT = house.ROOT

EMITS = """
from PySide6.QtCore import QObject, Signal
class Sender(QObject):
    sent = Signal()
sender = Sender()
heard = []
sender.sent.connect(lambda: heard.append(1))
for _ in range(5000):
    sender.sent.emit()
print(len(heard))
"""

LOADED_AT_FIRST_PAINT = """
import json, os, sys
from adwarden import app
def painted():
    from PySide6 import QtGui, QtWidgets
    made = [name for module in (QtGui, QtWidgets) for name in vars(module)]
    print(json.dumps([sorted(sys.modules), made]), flush=True)
    os._exit(0)  # before whatever the program does after it
sys.exit(app.main(sys.argv[1:], on_first_paint=painted))
"""

LOADED_WHEN_READY = """
import json, os, sys
from pathlib import Path
from adwarden import app
def ready():  # it works, and other starts can reach it
    mapped = Path("/proc/self/maps")
    libraries = mapped.read_text() if mapped.exists() else ""
    print(json.dumps([sorted(sys.modules), "Qt6Network" in libraries]), flush=True)
    os._exit(0)
sys.exit(app.main(sys.argv[1:], on_ready=ready))
"""

READS_NO_SOURCE = """
import linecache
from adwarden.system.imports import load_qt
load_qt()
from adwarden.ui import main_window
print([name for name in linecache.cache if "desktop/adwarden/" in name])
"""

HEAVY = {
    "keyring", "secretstorage", "jeepney", "requests", "requests_oauthlib", "oauthlib", "urllib3",
    "truststore", "msgspec", "asyncio", "qasync", "ssl", "hashlib", "email.message",
    "importlib.metadata", "configparser", "PySide6.QtNetwork", "socket",
    "pykeepass", "construct", "lxml", "argon2", "Cryptodome",
    "adwarden.domain.query", "adwarden.domain.completion", "adwarden.domain.reach",
    "adwarden.ui.reach_model", "adwarden.ui.search_popup", "adwarden.ui.view_bar",
    "adwarden.ui.authorize_dialog", "adwarden.ui.app_dialog", "adwarden.ui.settings_dialog",
}  # fmt: skip


def python(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Run a Python of its own that finds the package."""
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=ROOT,
        env=os.environ | {"PYTHONPATH": str(ROOT / "desktop")},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


@pytest.mark.parametrize("rule", house.RULES, ids=lambda rule: rule.__name__)
def test_house_rule(rule: house.Rule) -> None:
    assert list(rule(ROOT)) == []


def test_imports_run_one_way() -> None:
    done = python("-c", "from importlinter.cli import lint_imports_command as c; c()")
    assert done.returncode == 0, done.stdout + done.stderr


def test_five_thousand_signals_do_not_end_the_process() -> None:
    # PySide6 6.12.0 loses a reference to True with each one, and aborts on Python 3.11.
    done = python("-X", "faulthandler", "-c", EMITS)
    assert (done.returncode, done.stdout.strip()) == (0, "5000"), done.stderr


def test_first_paint_comes_before_the_heavy_imports(tmp_path: Path) -> None:
    done = python("-P", "-c", LOADED_AT_FIRST_PAINT, "--data-dir", str(tmp_path))
    assert done.returncode == 0, done.stderr
    loaded, made = map(set, json.loads(done.stdout.splitlines()[-1]))
    assert "PySide6.QtWidgets" in loaded
    assert sorted(loaded & HEAVY) == []
    assert not [name for name in loaded if name.startswith("PySide6.QtWebEngine")]
    # Made with all below them by the first look at any style, widget of Qt's own, event, brush.
    assert "QTreeView" in made
    assert sorted(made & {"QStyle", "QMessageBox", "QTouchEvent", "QGradient"}) == []


@pytest.mark.skipif(sys.platform == "win32", reason="a second start comes through Qt there")
def test_a_window_that_works_needs_no_network_part_of_qt(tmp_path: Path) -> None:
    done = python("-P", "-c", LOADED_WHEN_READY, "--data-dir", str(tmp_path))
    assert done.returncode == 0, done.stderr
    loaded, network = json.loads(done.stdout.splitlines()[-1])
    assert "adwarden.system.doorbell_unix" in loaded
    assert "PySide6.QtNetwork" not in loaded
    assert not network


def test_an_import_does_not_read_the_source_of_what_it_imports() -> None:
    # PySide6's hook does, for a feature that is not used here; see adwarden.system.imports.
    done = python("-P", "-c", READS_NO_SOURCE)
    assert (done.returncode, done.stdout.strip()) == (0, "[]"), done.stderr


@pytest.fixture
def broken(tmp_path: Path) -> Path:
    """Return a small project that breaks every rule."""
    package = tmp_path / "desktop" / "adwarden"
    package.mkdir(parents=True)
    (tmp_path / "tests").mkdir()
    (package / "long.py").write_text("x = 1\n" * 301, encoding="utf-8")
    (package / "nests.py").write_text(
        "import time\ndef f(d):\n    d.exec()\n    d.processEvents()\n    time.sleep(1)\n",
        encoding="utf-8",
    )
    (package / "swallows.py").write_text(
        "try:\n    pass\nexcept (ValueError, Exception):\n    pass\n", encoding="utf-8"
    )
    (tmp_path / "README.md").write_text(
        "python3 make.py fly\nhttps://" + "pypi" + ".org\n", encoding="utf-8"
    )
    for name in ("make.py", "requirements.lock", "requirements-dev.lock", "pyproject.toml"):
        shutil.copy(ROOT / name, tmp_path)
    lock = tmp_path / "requirements-dev.lock"
    lock.write_text(lock.read_text("utf-8").replace("\nruff==", "\nruffle=="), encoding="utf-8")
    return tmp_path


@pytest.mark.parametrize(
    ("rule", "words"),
    [
        (house.modules_are_short, "301 lines"),
        (house.nothing_blocks_or_nests_the_loop, "nests.py:3"),
        (house.nothing_blocks_or_nests_the_loop, "nests.py:4"),
        (house.nothing_blocks_or_nests_the_loop, "nests.py:5"),
        (house.failures_are_not_swallowed, "swallows.py:3"),
        (house.nothing_private_is_named, "README.md:2"),
        (house.documents_name_real_commands, "`make.py fly` does not exist"),
        (house.documents_name_real_commands, "CONTRIBUTING.md: missing"),
        (house.locks_fit_the_project, "ruff is not locked"),
    ],
)
def test_rule_bites(broken: Path, rule: house.Rule, words: str) -> None:
    assert any(words in line for line in rule(broken))
