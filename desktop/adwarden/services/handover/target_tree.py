"""Tells whether a file would get into version control: secrets in a history stay there."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

_PATIENCE = 3.0  # seconds; git answers within hundredths, unless its disk sleeps
_KNOWN = (0, 1)  # git check-ignore: some are ignored, none is


def tree_warnings(real: Path, copy: str = "") -> tuple[str, ...]:
    """Say what speaks against a file at this place; empty outside of git's work trees.

    ``copy`` is how the name of a copy beside it begins, if there will be one. Never fails: where
    git cannot be asked, the words say so.
    """
    tree = _tree_of(real)
    if tree is None:
        return ()
    names = [real.name, *([copy] if copy else [])]
    ignored = _ignored(real.parent, names)
    if ignored is None:
        return (
            f"{real.name} is inside the git work tree {tree}, and git could not be asked whether "
            "it ignores the file. Secrets that are committed stay in the history.",
        )
    words = []
    if real.name not in ignored:
        words.append(
            f"{real.name} is inside the git work tree {tree} and is not ignored: it could be "
            "committed, with its secrets. Add it to .gitignore, or choose another place."
        )
    if copy and copy not in ignored:
        words.append(
            f"The copy that is kept beside it ({copy}…) is not ignored by git either. Remove it "
            "when it is no longer needed."
        )
    return tuple(words)


def _tree_of(real: Path) -> Path | None:
    """Return the work tree a file is in; a file ``.git`` marks those that git keeps elsewhere."""
    for folder in real.parents:
        if os.path.lexists(folder / ".git"):
            return None if ".git" in real.relative_to(folder).parts else folder
    return None


def _ignored(folder: Path, names: list[str]) -> set[str] | None:
    """Return which of these names git ignores in a folder, ``None`` where it does not say."""
    program = shutil.which("git")
    if program is None or not folder.is_dir():
        return None
    # Of a hook that started us, these would lead to another work tree.
    environ = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    given = [f"./{name}" for name in names]
    try:
        answer = subprocess.run(  # noqa: S603 - no shell, and the names come by its input
            # A work tree may name a program for git to run; nothing of it is to run for this.
            [program, "-c", "core.fsmonitor=false", "check-ignore", "-z", "--stdin"],
            cwd=folder,
            env=environ,
            input=b"".join(os.fsencode(name) + b"\0" for name in given),
            capture_output=True,
            timeout=_PATIENCE,
            check=False,
        )
    except (OSError, subprocess.SubprocessError):
        return None
    if answer.returncode not in _KNOWN:
        return None
    found = {os.fsdecode(name) for name in answer.stdout.split(b"\0") if name}
    return {name for name, line in zip(names, given, strict=True) if line in found}
