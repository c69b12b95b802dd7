"""The house rules that no linter knows; ``python -m tests.house`` prints what breaks them.

Each rule is a function of the project's folder that returns one line per break. Standard library
only.
"""

from __future__ import annotations

import ast
import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Callable, Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LONGEST_MODULE = 300
BROAD = {"Exception", "BaseException"}
NESTING = {"exec", "exec_", "processEvents"}

MAY_CATCH_ALL = {
    "desktop/adwarden/app.py": "the funnel for the unexpected",
    "desktop/adwarden/services/tasks.py": "hands every failure of a task or lane to the funnel",
    "desktop/adwarden/system/diagnostics.py": "a hook that fails has nobody left to tell",
    "desktop/adwarden/storage/vault.py": "keychain backends raise whatever their system raises",
}
"""Modules that may catch everything, and why."""

MAY_RUN_A_LOOP = {
    "desktop/adwarden/refusal.py": "Qt's own loop for the one box of a start that ends with it",
    "desktop/adwarden/session.py": "Qt's own loop until the first paint, before there is another",
}
"""Modules that may run a loop of Qt themselves, and why it is not nested."""

# Written so that this file does not break its own rule.
NOT_IN_TRACKED_FILES = re.compile(
    r"py[p]i\.(org|python)|python[h]osted\.|registry\.[n]pmjs|deb\.[d]ebian|snapshot\.[d]ebian"
    r"|/[w]ork/|/[f]arm/|/opt/(py[p]i|[w]heels)|[.][.]/shared[/]|--(extra-)?index[-]url|find[-]links"
)

TEXT = {".py", ".md", ".toml", ".lock", ".yml", ".yaml", ".in", ".cfg", ".ini", ".txt", ".sh", ""}
COMMAND = re.compile(r"python3? make\.py[ \t]+([a-z]+)")

Rule = Callable[[Path], Iterator[str]]


def project_files(root: Path) -> list[Path]:
    """Return the files that belong to the project: tracked or about to be, never ignored ones."""
    if shutil.which("git") and (root / ".git").exists():
        listed = subprocess.run(
            ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"],
            cwd=root,
            capture_output=True,
            text=True,
            check=True,
        )
        found = [root / name for name in listed.stdout.split("\0") if name]
    else:
        # A bare machine has no git; nothing of the project lies in these.
        left_out = {".venv", ".git", "build", "dist", "__pycache__"}
        found = [
            path
            for path in root.rglob("*")
            if not any(
                part in left_out or part.endswith("_cache") or part == ".hypothesis"
                for part in path.relative_to(root).parts
            )
        ]
    return sorted(path for path in found if path.is_file())


def product_modules(root: Path) -> list[Path]:
    """Return the modules of the product itself."""
    return sorted((root / "desktop" / "adwarden").rglob("*.py"))


def modules_are_short(root: Path) -> Iterator[str]:
    """A module is read in one sitting."""
    for path in product_modules(root):
        lines = len(path.read_text(encoding="utf-8").splitlines())
        if lines > LONGEST_MODULE:
            yield f"{path.relative_to(root)}: {lines} lines, at most {LONGEST_MODULE}"


def nothing_blocks_or_nests_the_loop(root: Path) -> Iterator[str]:
    """No nested event loops and no re-entering in the product, no sleeping anywhere."""
    for path in product_modules(root):
        for called, line in _calls(path):
            name = path.relative_to(root).as_posix()
            # Without an object before it, `exec` is Python's own.
            _, dot, method = called.rpartition(".")
            if dot and method in NESTING and name not in MAY_RUN_A_LOOP:
                yield f"{name}:{line}: {called}() nests or re-enters the loop"
    for path in project_files(root):
        if path.suffix == ".py":
            for called, line in _calls(path):
                if called in {"time.sleep", "sleep"}:
                    yield f"{path.relative_to(root)}:{line}: sleeps; wait for the thing itself"


def failures_are_not_swallowed(root: Path) -> Iterator[str]:
    """Broad excepts stand in the listed places only."""
    for path in product_modules(root):
        name = path.relative_to(root).as_posix()
        for node in ast.walk(_tree(path)):
            if (
                isinstance(node, ast.ExceptHandler)
                and _is_broad(node.type)
                and name not in MAY_CATCH_ALL
                and not _raises_again(node)
            ):
                yield f"{name}:{node.lineno}: catches everything; name the exceptions"


def nothing_private_is_named(root: Path) -> Iterator[str]:
    """No file names a package registry's host or a place on one developer's machine."""
    for path in project_files(root):
        if path.suffix not in TEXT:
            continue
        for number, line in enumerate(path.read_text("utf-8", "replace").splitlines(), 1):
            if found := NOT_IN_TRACKED_FILES.search(line):
                yield f"{path.relative_to(root)}:{number}: names {found.group()!r}"


def documents_name_real_commands(root: Path) -> Iterator[str]:
    """What README and CONTRIBUTING tell people to run exists."""
    known = set(re.findall(r'^    "(\w+)": \w+,$', (root / "make.py").read_text("utf-8"), re.M))
    for name, needed in (("README.md", {"run", "test"}), ("CONTRIBUTING.md", {"test"})):
        path = root / name
        if not path.exists():
            yield f"{name}: missing"
            continue
        named = set(COMMAND.findall(path.read_text(encoding="utf-8")))
        for command in sorted(named - known):
            yield f"{name}: `make.py {command}` does not exist"
        for command in sorted(needed - named):
            yield f"{name}: does not tell of `python3 make.py {command}`"


def locks_fit_the_project(root: Path) -> Iterator[str]:
    """Every dependency is locked with hashes, the same in both locks, at a version it allows."""
    project = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))
    run = _locked(root / "requirements.lock")
    test = _locked(root / "requirements-dev.lock")
    for wanted in project["project"]["dependencies"]:
        name, exact = re.fullmatch(r"([\w.-]+)(?:==(\S+)|[<>=!~].*)?", wanted).groups()  # type: ignore[union-attr]
        version = run.get(_plain(name))
        if version is None or (exact and version != exact):
            yield f"requirements.lock: {wanted} is locked at {version}"
    for wanted in project["dependency-groups"]["dev"]:
        if _plain(re.split(r"[<>=!~\[ ]", wanted)[0]) not in test:
            yield f"requirements-dev.lock: {wanted} is not locked"
    for name, version in run.items():
        if test.get(name) != version:
            yield f"requirements-dev.lock: {name} is {test.get(name)}, not {version}"


RULES: tuple[Rule, ...] = (
    modules_are_short,
    nothing_blocks_or_nests_the_loop,
    failures_are_not_swallowed,
    nothing_private_is_named,
    documents_name_real_commands,
    locks_fit_the_project,
)


def _tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"), str(path))


def _calls(path: Path) -> Iterator[tuple[str, int]]:
    for node in ast.walk(_tree(path)):
        if isinstance(node, ast.Call):
            yield ast.unparse(node.func), node.lineno


def _is_broad(kind: ast.expr | None) -> bool:
    if isinstance(kind, ast.Tuple):
        return any(_is_broad(part) for part in kind.elts)
    return kind is None or (isinstance(kind, ast.Name) and kind.id in BROAD)


def _raises_again(handler: ast.ExceptHandler) -> bool:
    """Return whether the handler only tidies up and lets the exception go on."""
    last = handler.body[-1]
    return isinstance(last, ast.Raise) and last.exc is None


def _locked(lock: Path) -> dict[str, str]:
    text = lock.read_text(encoding="utf-8")
    return dict(re.findall(r"^([\w.-]+)==([\w.+!]+).*\\\n    --hash=sha256:", text, re.MULTILINE))


def _plain(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def main() -> int:
    """Print what breaks a rule; return 1 when something does."""
    broken = [line for rule in RULES for line in rule(ROOT)]
    print("\n".join(broken))
    return bool(broken)


if __name__ == "__main__":
    sys.exit(main())
