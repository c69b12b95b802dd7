"""``make.py`` sets up what is missing, says so, does nothing twice, and refuses in plain words."""

from __future__ import annotations

import ast
import importlib.util
import json
import os
import runpy
import shutil
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

import make

Calls = list[list[str]]


class Machine:
    """A pretended machine: answers the programs that ``make.py`` asks, and records them."""

    def __init__(self) -> None:
        self.calls: Calls = []
        self.installed = ["libc6"]
        self.known: list[str] = []
        self.failing: dict[str, str] = {}

    def run(self, command: make.Command, **options: object) -> SimpleNamespace:
        """Stand in for ``subprocess.run``."""
        words = [str(word) for word in command]
        self.calls.append(words)
        output = ""
        if words[0] == "dpkg-query":
            output = "".join(f"installed {name}\n" for name in self.installed)
        if words[0] == "apt-cache":
            output = "".join(f"Package: {name}\n" for name in words if name in self.known)
        if "venv" in words:
            make.PYTHON.parent.mkdir(parents=True, exist_ok=True)
            make.PYTHON.touch()
        if "sysconfig" in words[-1]:
            output = str(make.PYTHON.parent)
        failure = next((text for word, text in self.failing.items() if word in words), None)
        if failure is not None and hasattr(options.get("stdout"), "write"):
            options["stdout"].write(failure)  # type: ignore[attr-defined]
        return SimpleNamespace(returncode=int(failure is not None), stdout=output, stderr="")

    def ran(self, word: str) -> Calls:
        """Return the recorded commands that contain ``word``."""
        return [call for call in self.calls if word in call]


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Machine:
    """Return a Debian with nothing but Python, root in front of it, and an unset-up checkout."""
    machine = Machine()
    monkeypatch.setattr(subprocess, "run", machine.run)
    monkeypatch.setattr(make, "ROOT", tmp_path)
    monkeypatch.setattr(make, "BUILD", tmp_path / "build")
    monkeypatch.setattr(make, "VENV", tmp_path / ".venv")
    monkeypatch.setattr(make, "STAMP", tmp_path / ".venv" / "adwarden.json")
    monkeypatch.setattr(make, "PYTHON", tmp_path / ".venv" / "bin" / "python")
    monkeypatch.setattr(make, "LINUX", True)
    monkeypatch.setattr(make, "WINDOWS", False)
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    monkeypatch.setattr(shutil, "which", lambda name: f"/usr/bin/{name}")
    monkeypatch.setattr(importlib.util, "find_spec", lambda _name: object())
    for name in ("requirements.lock", "requirements-dev.lock"):
        (tmp_path / name).write_text(f"{name}==1 \\\n    --hash=sha256:0\n", encoding="utf-8")
    return machine


@pytest.fixture
def venv(machine: Machine) -> Path:
    """Return a ``.venv`` that works but was not set up by ``make.py``."""
    make.PYTHON.parent.mkdir(parents=True)
    make.PYTHON.touch()
    return make.VENV


NEEDS = (make.need("the window", "libglib2.0-0t64|libglib2.0-0 libnss3"),)


def test_standard_library_only() -> None:
    tree = ast.parse(Path(make.__file__).read_text(encoding="utf-8"))
    named = [node for node in ast.walk(tree) if isinstance(node, ast.Import | ast.ImportFrom)]
    tops = {
        (alias.name if isinstance(node, ast.Import) else node.module or "").partition(".")[0]
        for node in named
        for alias in node.names
    }
    assert tops <= sys.stdlib_module_names


def test_an_older_python_is_told_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "version_info", (3, 9, 2, "final", 0))
    with pytest.raises(SystemExit, match=r"needs Python 3\.11 or newer; this is Python 3\.9"):
        runpy.run_path(make.__file__)


def test_help_tells_every_command(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as end:
        make.main(["--help"])
    assert end.value.code == 0
    told = capsys.readouterr().out
    assert all(f"\n  {name}" in told for name in make.COMMANDS)


def test_an_unknown_command_is_a_usage_error() -> None:
    with pytest.raises(SystemExit) as end:
        make.main(["fly"])
    assert end.value.code == 2


def test_first_set_up_installs_everything_in_order(
    machine: Machine, capsys: pytest.CaptureFixture[str]
) -> None:
    machine.known = ["libglib2.0-0", "libnss3"]
    make.set_up(test=False, needs=NEEDS)

    (apt,) = machine.ran("install")[:1]
    assert apt[-2:] == ["libglib2.0-0", "libnss3"]
    assert machine.calls.index(machine.ran("update")[0]) < machine.calls.index(apt)
    (pip,) = machine.ran("pip")
    assert "--require-hashes" in pip
    assert pip[-1].endswith("requirements.lock")
    assert "for the window:\n    libglib2.0-0 libnss3" in capsys.readouterr().out
    assert (make.PYTHON.parent / "adwarden.pth").read_text("utf-8") == f"{make.ROOT / 'desktop'}\n"
    assert json.loads(make.STAMP.read_text("utf-8"))["root"] == str(make.ROOT)


@pytest.mark.usefixtures("venv")
def test_second_set_up_runs_nothing(machine: Machine) -> None:
    machine.installed += ["libglib2.0-0t64", "libnss3"]
    make.set_up(test=False, needs=NEEDS)
    machine.calls.clear()
    make.set_up(test=False, needs=NEEDS)
    assert machine.calls == []


@pytest.mark.usefixtures("venv")
def test_set_up_to_test_is_set_up_to_run(machine: Machine) -> None:
    machine.installed += ["libglib2.0-0t64", "libnss3"]
    make.set_up(test=True, needs=NEEDS)
    assert machine.ran("pip")[-1][-1].endswith("requirements-dev.lock")
    machine.calls.clear()
    make.set_up(test=False, needs=NEEDS)
    assert machine.calls == []
    (make.ROOT / "requirements.lock").write_text("other==2 \\\n", encoding="utf-8")
    make.set_up(test=False, needs=NEEDS)
    assert len(machine.ran("pip")) == 1


@pytest.mark.usefixtures("venv")
def test_a_moved_checkout_gets_a_new_environment(
    machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    make.set_up(test=False, needs=())
    assert not machine.ran("venv")
    stamp = json.loads(make.STAMP.read_text("utf-8")) | {"root": "/somewhere/else"}
    make.STAMP.write_text(json.dumps(stamp), encoding="utf-8")
    make.set_up(test=False, needs=())
    assert "--clear" in machine.ran("venv")[0]


def test_a_python_without_ensurepip_needs_the_venv_package(
    machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda _name: None)
    machine.known = ["python3-venv"]
    make.install_system_packages(())
    assert machine.ran("install")[0][-1] == "python3-venv"


@pytest.mark.usefixtures("machine")
def test_without_root_and_sudo_the_command_is_told(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    monkeypatch.setattr(shutil, "which", lambda name: None if name == "sudo" else name)
    monkeypatch.setattr(make, "WINDOW_NEEDS", NEEDS)
    monkeypatch.setenv("DISPLAY", ":0")
    assert make.main(["run"]) == 2
    told = capsys.readouterr().err
    assert "needs root" in told
    assert "--no-install-recommends libglib2.0-0 libnss3" in told


def test_with_sudo_everything_goes_through_it(
    machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    machine.known = ["libglib2.0-0t64", "libnss3"]
    make.install_system_packages(NEEDS)
    install = machine.ran("install")[0]
    assert install[0] == "sudo"
    assert install[-2:] == ["libglib2.0-0t64", "libnss3"]


@pytest.mark.parametrize(
    ("words", "meaning"),
    [
        ("E: Could not get lock /var/lib/dpkg/lock-frontend", "Another program is installing"),
        ("Err:1 Temporary failure resolving 'host'", "no network"),
    ],
)
def test_a_failing_apt_is_explained(machine: Machine, words: str, meaning: str) -> None:
    machine.known = ["libglib2.0-0", "libnss3"]
    machine.failing = {"install": words}
    with pytest.raises(make.RefusalError) as refusal:
        make.install_system_packages(NEEDS)
    assert words in str(refusal.value)
    assert meaning in str(refusal.value)
    assert "--no-install-recommends libglib2.0-0 libnss3" in str(refusal.value)


def test_a_failing_pip_leaves_no_stamp(machine: Machine, venv: Path) -> None:
    machine.failing = {"pip": ""}
    with pytest.raises(make.RefusalError, match="pip could not install"):
        make.set_up(test=False, needs=())
    assert not make.STAMP.exists()


def test_without_apt_nothing_is_installed(
    machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shutil, "which", lambda _name: None)
    make.install_system_packages(NEEDS)
    assert machine.calls == []


def test_a_program_from_elsewhere_needs_no_package(
    machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As with the Node.js of its makers, beside which Debian's npm cannot be installed."""
    machine.known = ["curl", "nodejs", "npm"]
    needs = (make.need("programs of others", "curl nodejs npm"),)
    make.install_system_packages(needs)
    assert not machine.ran("install")
    kept = {"apt-get", "dpkg-query", "node"}
    monkeypatch.setattr(shutil, "which", lambda name: f"/usr/bin/{name}" if name in kept else None)
    make.install_system_packages(needs)
    assert machine.ran("install")[0][-2:] == ["curl", "npm"]


class TestRunAndTest:
    """What the two commands do once everything is in place."""

    @pytest.fixture(autouse=True)
    def _in_place(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.done: list[str] = []
        monkeypatch.setattr(make, "LINUX", True)
        monkeypatch.delenv("DISPLAY", raising=False)
        monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)
        monkeypatch.setattr(make, "set_up", lambda **_: self.done.append("set up"))
        for name in ("become", "call"):
            monkeypatch.setattr(make, name, self._recorder(name))
        monkeypatch.setattr(make, "run_checks", self._fail_checks)

    def _fail_checks(self) -> int:
        self.done.append("checks")
        return 1

    def _recorder(self, name: str) -> object:
        def record(command: make.Command) -> int:
            self.done.append(f"{name} {' '.join(str(word) for word in command[1:])}")
            return 0

        return record

    def test_run_opens_the_window(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("WAYLAND_DISPLAY", "wayland-0")
        assert make.main(["run", "--practice"]) == 0
        assert self.done == ["set up", "become -P -m adwarden --practice"]

    def test_run_without_display_plays_the_tour(self) -> None:
        make.main(["run"])
        assert self.done[1].startswith("call -m tests.stage ")
        assert self.done[1].endswith("-m tests.flows.tour")

    @pytest.mark.parametrize("words", [["--help"], ["list", "--json"], ["--data-dir", "x", "list"]])
    def test_run_without_display_still_has_a_console(self, words: list[str]) -> None:
        make.main(["run", *words])
        assert self.done == ["set up", f"become -P -m adwarden {' '.join(words)}"]

    def test_run_without_display_refuses_a_window(self, capsys: pytest.CaptureFixture[str]) -> None:
        assert make.main(["run", "--practice"]) == 2
        assert "there is no display here" in capsys.readouterr().err

    def test_run_without_display_diagnoses_on_a_virtual_one(self) -> None:
        make.main(["run", "--diagnose"])
        assert self.done[1].startswith("call -m tests.stage ")
        assert self.done[1].endswith("-P -m adwarden --diagnose")

    def test_test_checks_first_and_fails_when_they_do(self) -> None:
        assert make.main(["test"]) == 1
        assert self.done[:3] == ["set up", "call -m tests.peers.fetch", "checks"]
        assert self.done[3].startswith("call -m pytest")

    def test_test_with_arguments_is_pytest_alone(self) -> None:
        assert make.main(["test", "tests/domain", "-x"]) == 0
        assert self.done == ["set up", "call -m pytest tests/domain -x"]

    def test_check_takes_no_arguments(self, capsys: pytest.CaptureFixture[str]) -> None:
        assert make.main(["check", "--fix"]) == 2
        assert "does not take --fix" in capsys.readouterr().err


def test_clean_removes_what_it_made_and_nothing_else(machine: Machine) -> None:
    keep, go = make.ROOT / "desktop" / "kept.py", make.ROOT / "build" / "gone.txt"
    for path in (keep, go, make.VENV / "kept"):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    assert make.main(["clean"]) == 0
    assert keep.exists()
    assert (make.VENV / "kept").exists()
    assert not go.parent.exists()
    assert make.main(["clean", "--all"]) == 0
    assert not make.VENV.exists()
