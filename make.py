#!/usr/bin/env python3
"""Sets Adwarden up and runs it: ``python3 make.py run``, ``test``, ``check``, ``bench`` and more.

Needs nothing but Python 3.11 or newer: system packages, ``.venv`` and the locked Python packages
are put in place on the first call; later calls find the stamp in ``.venv`` and start at once.
"""

from __future__ import annotations

import sys

if sys.version_info < (3, 11):  # noqa: UP036  (an older Python must get this far to be told)
    sys.exit(
        "Adwarden needs Python 3.11 or newer; this is Python %d.%d.\n"  # noqa: UP031
        "Install a newer one, then run this file with it, as in: python3.12 make.py run"
        % sys.version_info[:2]
    )

import argparse
import hashlib
import importlib.util
import json
import os
import re
import shlex
import shutil
import subprocess
import textwrap
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent
VENV = ROOT / ".venv"
STAMP = VENV / "adwarden.json"
BUILD = ROOT / "build"
WINDOWS = os.name == "nt"
LINUX = sys.platform == "linux"
PYTHON = VENV / ("Scripts/python.exe" if WINDOWS else "bin/python")
Command = Sequence[str | Path]

CONSOLE = {
    "list", "show", "find", "refresh", "history", "report", "export", "run", "import",
    "completion", "practice", "--help", "-h", "--version",
}  # fmt: skip
"""First words that ``adwarden`` answers on the console, without a window."""


class RefusalError(Exception):
    """Something a person must do first; ``code`` is what the command ends with."""

    def __init__(self, message: str, code: int = 1) -> None:
        super().__init__(message)
        self.code = code


@dataclass(frozen=True)
class Need:
    """System packages and what they are for; a package with other names is split by ``|``.

    Any one of the names will do, and the first one that exists here is installed: Ubuntu renamed
    some libraries with ``t64``.
    """

    why: str
    packages: tuple[str, ...]


def need(why: str, packages: str) -> Need:
    """Return a need from a text of package names."""
    return Need(why, tuple(packages.split()))


VENV_NEED = need(
    "the Python environment in .venv", f"python3.{sys.version_info.minor}-venv|python3-venv"
)

WINDOW_NEEDS = (
    need(
        "Qt, which draws the window",
        """libglib2.0-0t64|libglib2.0-0 libdbus-1-3 libegl1 libgl1 libfontconfig1 libfreetype6
        libx11-6 libx11-xcb1 libxext6 libxcb1 libxcb-cursor0 libxcb-glx0 libxcb-icccm4
        libxcb-image0 libxcb-keysyms1 libxcb-randr0 libxcb-render0 libxcb-render-util0
        libxcb-shape0 libxcb-shm0 libxcb-sync1 libxcb-util1 libxcb-xfixes0 libxcb-xkb1
        libxkbcommon0 libxkbcommon-x11-0 libwayland-client0 libwayland-cursor0 libwayland-egl1
        libbrotli1""",
    ),
    need(
        "Qt WebEngine, which shows X's authorization page",
        """libasound2t64|libasound2 libdrm2 libgbm1 libnspr4 libnss3 libxcb-dri3-0 libxcomposite1
        libxdamage1 libxfixes3 libxkbfile1 libxrandr2 libxtst6""",
    ),
    need("certificates, and opening links in your browser", "ca-certificates xdg-utils"),
)

STAGE_NEEDS = (
    need(
        "a virtual display, a session bus and a keychain, to run without a desktop",
        "xvfb dbus-x11|dbus-user-session gnome-keyring fonts-dejavu-core",
    ),
)

TEST_NEEDS = (
    need(
        "KeePassXC, which must be able to read what was written",
        "keepassxc|keepassxc-minimal|keepassxc-full",
    ),
    need("the keychain's own program for the console", "libsecret-tools"),
    need(
        "programs of others, which must be able to use what is handed over", "curl git nodejs npm"
    ),
    need("the shells that complete its commands, beside bash", "fish zsh"),
)

PROGRAMS = {
    "curl": "curl", "fish": "fish", "git": "git", "nodejs": "node", "npm": "npm", "zsh": "zsh",
}  # fmt: skip
"""Packages that are wanted for a program alone, which many people have from elsewhere.

Debian's npm does not even go with the Node.js of others.
"""


def main(arguments: Sequence[str]) -> int:
    """Carry out one command and return its exit code."""
    command, rest = _parse(arguments)
    try:
        return COMMANDS[command](rest)
    except RefusalError as refusal:
        print(f"\nmake.py: {refusal}", file=sys.stderr)
        return refusal.code
    except KeyboardInterrupt:
        return 130


def _parse(arguments: Sequence[str]) -> tuple[str, list[str]]:
    parser = argparse.ArgumentParser(
        prog="make.py",
        description="Every command does all its set-up itself.",
        formatter_class=argparse.RawDescriptionHelpFormatter,
        epilog="\n".join(
            f"  {name:<12}{(call.__doc__ or '')[:-1]}" for name, call in COMMANDS.items()
        ),
    )
    parser.add_argument("command", choices=list(COMMANDS), metavar="COMMAND", help="see below")
    parser.add_argument("rest", nargs=argparse.REMAINDER, metavar="...", help="passed on")
    parsed = parser.parse_args(arguments)
    return parsed.command, parsed.rest


# The commands -------------------------------------------------------------------------------


def run(rest: list[str]) -> int:
    """Open the window; without a display, play the main job on a virtual one [adwarden's args]."""
    if has_display():
        set_up(test=False, needs=WINDOW_NEEDS)
        return become([PYTHON, "-P", "-m", "adwarden", *rest])
    set_up(test=False, needs=WINDOW_NEEDS + STAGE_NEEDS)
    if CONSOLE & set(rest):
        return become([PYTHON, "-P", "-m", "adwarden", *rest])
    if rest and "--diagnose" not in rest:
        raise RefusalError(
            f"`adwarden {shlex.join(rest)}` opens a window and there is no display here.\n"
            "Without arguments, `python3 make.py run` plays the main job on a virtual display.",
            2,
        )
    if rest:
        return on_stage([PYTHON, "-P", "-m", "adwarden", *rest])
    print("No display here: playing the main job on a virtual one, against the practice server.\n")
    return on_stage([PYTHON, "-m", "tests.flows.tour"])


def test(rest: list[str]) -> int:
    """Run every check and every test; with arguments, pytest alone with these [pytest's args]."""
    set_up(test=True, needs=WINDOW_NEEDS + STAGE_NEEDS + TEST_NEEDS)
    pytest: list[str | Path] = [PYTHON, "-m", "pytest"]
    if rest:
        return call([*pytest, *rest])
    # Here and not in the tests, which have no proxy and none of your settings.
    fetched = call([PYTHON, "-m", "tests.peers.fetch"])
    checked = run_checks()
    # pytest comes last, so that its summary is the last thing on the screen.
    tested = call([*pytest, "-n", "2", "--dist", "load"])
    return fetched or checked or tested


def check(rest: list[str]) -> int:
    """Run ruff, mypy, the import contracts and the house rules, one line each."""
    refuse_arguments("check", rest)
    set_up(test=True, needs=())
    return run_checks()


def bench(rest: list[str]) -> int:
    """Measure start, memory and the longest pause of the window; build/bench.json [its args]."""
    set_up(test=True, needs=WINDOW_NEEDS + STAGE_NEEDS)
    return on_stage([PYTHON, "-m", "tests.bench.run", *rest])


def screenshots(rest: list[str]) -> int:
    """Take the pictures of every state of the window anew [its args]."""
    set_up(test=True, needs=WINDOW_NEEDS + STAGE_NEEDS)
    return on_stage([PYTHON, "-m", "tests.flows.screenshots", *rest])


def clean(rest: list[str]) -> int:
    """Remove build/ and all caches; with --all, .venv too."""
    if set(rest) - {"--all"}:
        refuse_arguments("clean", rest)
    caches = [".mypy_cache", ".ruff_cache", ".pytest_cache", ".import_linter_cache", ".hypothesis"]
    doomed = [BUILD, *(ROOT / name for name in caches)]
    for top in ("desktop", "tests"):
        doomed += (ROOT / top).rglob("__pycache__")
    if "--all" in rest:
        doomed.append(VENV)
    for folder in doomed:
        if folder.exists():
            shutil.rmtree(folder)
            print(f"removed {folder.relative_to(ROOT)}")
    return 0


COMMANDS = {
    "run": run,
    "test": test,
    "check": check,
    "bench": bench,
    "screenshots": screenshots,
    "clean": clean,
}

CHECKS = (
    ("ruff", ("-m", "ruff", "check", "--quiet", ".")),
    ("ruff format", ("-m", "ruff", "format", "--check", "--quiet", ".")),
    ("mypy --strict", ("-m", "mypy", "--no-error-summary")),
    ("import contracts", ("-c", "from importlinter.cli import lint_imports_command as c; c()")),
    ("house rules", ("-m", "tests.house")),
)


def run_checks() -> int:
    """Run every check, print a line for each and the output of those that fail."""
    failed = 0
    for name, arguments in CHECKS:
        begun = time.monotonic()
        done = subprocess.run(
            [PYTHON, *arguments], cwd=ROOT, env=child_env(), capture_output=True, text=True
        )
        took = time.monotonic() - begun
        print(f"{'FAILED' if done.returncode else 'ok':>6}  {name} ({took:.1f} s)", flush=True)
        if done.returncode:
            failed = 1
            print((done.stdout + done.stderr).rstrip(), flush=True)
    return failed


# Running things -----------------------------------------------------------------------------


def has_display() -> bool:
    """Return whether a window can be shown: always on macOS and Windows."""
    return not LINUX or bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


def child_env() -> dict[str, str]:
    """Return the environment for Python programs of this project."""
    # A PYTHONPATH or PYTHONHOME of another project would shadow what is locked here.
    dropped = {"PYTHONPATH", "PYTHONHOME", "PYTHONDONTWRITEBYTECODE", "VIRTUAL_ENV"}
    env = {name: value for name, value in os.environ.items() if name not in dropped}
    if LINUX and "UTF-8" not in (env.get("LC_ALL") or env.get("LANG") or "").upper():
        env["LC_ALL"] = "C.UTF-8"  # Qt complains in any other encoding
    return env


def call(command: Command) -> int:
    """Run ``command`` in the project's folder and return its exit code."""
    sys.stdout.flush()
    return subprocess.run(command, cwd=ROOT, env=child_env()).returncode


def become(command: Command) -> int:
    """Turn into ``command``, in the folder it was called from, where paths of its arguments count.

    Windows has no such thing: there it runs as a child.
    """
    sys.stdout.flush()
    if not WINDOWS:
        os.execve(command[0], [str(part) for part in command], child_env())
    return subprocess.run(command, env=child_env()).returncode


def on_stage(command: Command) -> int:
    """Run ``command`` on a display, session bus and keychain of its own; as is outside Linux."""
    return call([PYTHON, "-m", "tests.stage", *command] if LINUX else command)


def refuse_arguments(command: str, rest: list[str]) -> None:
    """Raise ``RefusalError`` when a command that takes no arguments got some."""
    if rest:
        raise RefusalError(f"`{command}` does not take {shlex.join(rest)}", 2)


# Setting up ---------------------------------------------------------------------------------


def set_up(*, test: bool, needs: tuple[Need, ...]) -> None:
    """Put in place what a command needs; returns at once where the stamp says that it is there.

    Raises ``RefusalError`` when something could not be installed.
    """
    lock = ROOT / "requirements.lock"
    test_lock = ROOT / "requirements-dev.lock"
    for_run = digest(lock.read_bytes())
    # The second lock contains the first, version by version: set up to test is set up to run.
    for_test = digest(lock.read_bytes() + test_lock.read_bytes())
    system = digest(repr(needs).encode())
    stamp = read_stamp()
    systems = stamp.get("systems", [])
    packages = stamp.get("packages")
    if LINUX and system not in systems:
        install_system_packages(needs)
        systems = [*systems, system]
    if packages != for_test and (test or packages != for_run):
        make_venv(anew=bool(stamp) and stamp.get("root") != str(ROOT))
        install_packages(test_lock if test else lock)
        packages = for_test if test else for_run
    if (systems, packages) != (stamp.get("systems"), stamp.get("packages")) and PYTHON.exists():
        done = {"root": str(ROOT), "systems": systems, "packages": packages}
        STAMP.with_suffix(".new").write_text(json.dumps(done), encoding="utf-8")
        STAMP.with_suffix(".new").replace(STAMP)


def read_stamp() -> dict[str, Any]:
    """Return what was put in place; nothing when ``.venv`` is missing or belongs elsewhere."""
    try:
        stamp = json.loads(STAMP.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    if not isinstance(stamp, dict) or not PYTHON.exists():
        return {}
    # A moved checkout takes its .venv along, with the old place written into it.
    return stamp if stamp.get("root") == str(ROOT) else {"root": ""}


def digest(content: bytes) -> str:
    """Return a short name for ``content``."""
    return hashlib.sha256(content).hexdigest()[:16]


def install_system_packages(needs: tuple[Need, ...]) -> None:
    """Install with apt what is missing of ``needs``, after saying what and why.

    Raises ``RefusalError``, with the command to run by hand where this process may not install.
    """
    if importlib.util.find_spec("ensurepip") is None:
        needs = (VENV_NEED, *needs)
    if not shutil.which("apt-get") or not shutil.which("dpkg-query"):
        print("No apt here: if Qt reports a missing library, install it with your system's tool.")
        return
    installed = installed_packages()
    missing = [
        Need(one.why, tuple(p for p in one.packages if not is_there(p, installed))) for one in needs
    ]
    missing = [one for one in missing if one.packages]
    if not missing:
        return
    alternatives = [name for one in missing for p in one.packages for name in p.split("|")]
    update, install = apt_command("update"), apt_command("install", "--no-install-recommends")
    if update is None or install is None:
        known = known_packages(alternatives)
        names = [first_of(p, known) or p.split("|")[-1] for one in missing for p in one.packages]
        raise RefusalError(
            "some system packages are missing, and installing them needs root.\n"
            "Run this as root, then the same command again:\n\n"
            f"  apt-get update && apt-get install --no-install-recommends {shlex.join(names)}\n",
            2,
        )
    print("Some system packages are missing. Reading apt's package lists …", flush=True)
    updated = logged(update)
    known = known_packages(alternatives)
    command = install
    for one in missing:
        chosen = {package: first_of(package, known) for package in one.packages}
        unknown = [package for package, name in chosen.items() if not name]
        if unknown and updated:
            raise RefusalError(f"apt-get update failed, see {updated}\n{hint(updated)}")
        if unknown:
            print(f"  (not known to apt here, left out: {', '.join(unknown)})")
        names = [name for name in chosen.values() if name]
        print(f"  for {one.why}:\n{wrapped(names)}")
        command = command + names
    print("Installing them with apt-get …", flush=True)
    if failed := logged(command):
        raise RefusalError(
            f"apt-get failed, its last words are below, all of them in {failed}\n{hint(failed)}\n"
            f"The command was:\n\n  {shlex.join(command)}\n"
        )


def is_there(package: str, installed: set[str]) -> bool:
    """Return whether one of the names of ``package`` is installed, or its program is."""
    program = PROGRAMS.get(package)
    return bool(installed & set(package.split("|")) or (program and shutil.which(program)))


def first_of(package: str, known: set[str]) -> str:
    """Return the first of a package's names that apt could install, empty when there is none."""
    return next((name for name in package.split("|") if name in known), "")


def installed_packages() -> set[str]:
    """Return the names of all installed system packages."""
    listed = subprocess.run(
        ["dpkg-query", "-W", "-f", "${db:Status-Status} ${Package}\n"],
        capture_output=True,
        text=True,
    )
    return {
        line.removeprefix("installed ")
        for line in listed.stdout.splitlines()
        if line.startswith("installed ")
    }


def known_packages(names: list[str]) -> set[str]:
    """Return those of ``names`` that apt could install."""
    shown = subprocess.run(
        ["apt-cache", "show", "--no-all-versions", *names], capture_output=True, text=True
    )
    return set(re.findall(r"^Package: (\S+)$", shown.stdout, re.MULTILINE))


def apt_command(verb: str, *options: str) -> list[str] | None:
    """Return an apt-get command that may install here, or ``None`` without root and sudo."""
    apt = ["env", "DEBIAN_FRONTEND=noninteractive", "NEEDRESTART_SUSPEND=1", "apt-get", "-q", "-y"]
    apt += ["-o", "DPkg::Lock::Timeout=180", verb, *options]
    if os.geteuid() == 0:
        return apt
    if not shutil.which("sudo"):
        return None
    if sys.stdin.isatty():
        return ["sudo", *apt]
    allowed = subprocess.run(["sudo", "-n", "true"], capture_output=True).returncode == 0
    return ["sudo", "-n", *apt] if allowed else None


def logged(command: list[str]) -> Path | None:
    """Run ``command`` with its output in a file; return that file when the command failed."""
    BUILD.mkdir(exist_ok=True)
    log = BUILD / f"setup-{'update' if 'update' in command else 'install'}.log"
    with log.open("w", encoding="utf-8") as output:
        done = subprocess.run(command, stdout=output, stderr=subprocess.STDOUT)
    return log if done.returncode else None


def hint(log: Path) -> str:
    """Return the last lines of a failed command's output, and what they usually mean."""
    text = log.read_text(encoding="utf-8", errors="replace")
    last = "\n".join(f"  | {line}" for line in text.splitlines()[-8:])
    if "Could not get lock" in text or "is held by" in text:
        return f"{last}\nAnother program is installing packages; try again when it is done."
    if re.search(r"resolving|Failed to fetch|Could not connect|Unable to locate", text):
        return f"{last}\nThat looks like no network, or a proxy that apt is not told of."
    return last


def wrapped(names: list[str]) -> str:
    """Return ``names`` as indented lines of readable length."""
    return textwrap.fill(
        " ".join(names), 90, initial_indent="    ", subsequent_indent="    ", break_on_hyphens=False
    )


def make_venv(*, anew: bool) -> None:
    """Make ``.venv`` where there is none that works; ``anew`` throws an existing one away.

    Raises ``RefusalError`` when Python cannot make one.
    """
    probe: Command = [PYTHON, "-c", "import sys, pip; sys.exit(sys.version_info < (3, 11))"]
    works = PYTHON.exists() and subprocess.run(probe, capture_output=True).returncode == 0
    if works and not anew:
        return
    print(f"Making .venv with Python {sys.version.split()[0]} …", flush=True)
    BUILD.mkdir(exist_ok=True)
    if failed := logged([sys.executable, "-m", "venv", "--clear", str(VENV)]):
        raise RefusalError(
            f"this Python cannot make an environment:\n{hint(failed)}\n"
            "It lacks the modules venv and ensurepip; install them, or use another Python 3.11+."
        )


def install_packages(lock: Path) -> None:
    """Install exactly what ``lock`` names, checked by hash, and put ``desktop/`` on the path.

    Raises ``RefusalError`` when pip fails.
    """
    count = len(re.findall(r"^\S+==", lock.read_text(encoding="utf-8"), re.MULTILINE))
    print(f"Installing {count} locked Python packages from {lock.name} …", flush=True)
    begun = time.monotonic()
    pip: list[str | Path] = [
        PYTHON,
        "-m",
        "pip",
        "install",
        "-qq",
        "--disable-pip-version-check",
        "--no-input",
    ]
    # Wheels only: building from source would run code of a package before it is ever imported.
    pip += ["--no-deps", "--require-hashes", "--only-binary", ":all:", "-r", lock]
    if subprocess.run(pip, env=child_env()).returncode:
        raise RefusalError(
            "pip could not install the locked packages; its own words are above.\n"
            "Without a network, or behind a proxy that pip is not told of, it cannot fetch them."
        )
    put_on_path()
    print(f"Ready after {time.monotonic() - begun:.0f} s.\n", flush=True)


def put_on_path() -> None:
    """Make ``import adwarden`` and the command ``adwarden`` work in ``.venv``.

    A path file instead of an editable install: that would need a build backend, and with it one
    more thing to fetch, to end at the same path file.
    """
    ask: Command = [PYTHON, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"]
    site = Path(subprocess.run(ask, capture_output=True, text=True, check=True).stdout.strip())
    (site / "adwarden.pth").write_text(f"{ROOT / 'desktop'}\n", encoding="utf-8")
    if WINDOWS:
        script = PYTHON.with_name("adwarden.cmd")
        script.write_text('@"%~dp0python.exe" -P -m adwarden %*\n', encoding="utf-8")
        return
    script = PYTHON.with_name("adwarden")
    script.write_text(f'#!/bin/sh\nexec "{PYTHON}" -P -m adwarden "$@"\n', encoding="utf-8")
    script.chmod(0o755)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
