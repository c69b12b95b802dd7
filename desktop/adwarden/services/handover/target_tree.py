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
    folder = real.parent
    while not folder.is_dir() and folder != tree:
        folder = folder.parent  # one that is yet to be made
    name, beside = ((real.parent / one).relative_to(folder).as_posix() for one in (real.name, copy))
    tracked = _tracked(folder, name)
    ignored = _ignored(folder, [name, *([beside] if copy else [])])
    if tracked is None or ignored is None:
        return (
            f"{real.name} is inside the git work tree {tree}, and git could not be asked whether "
            "it ignores the file. Secrets that are committed stay in the history.",
        )
    words = []
    if tracked:
        words.append(
            f"{real.name} is tracked in the git work tree {tree}: the next commit could hold its "
            f"secrets, whatever .gitignore says. Let git forget it (git rm --cached {real.name}) "
            "and add it to .gitignore, or choose another place."
        )
    elif name not in ignored:
        words.append(
            f"{real.name} is inside the git work tree {tree} and is not ignored: it could be "
            "committed, with its secrets. Add it to .gitignore, or choose another place."
        )
    if copy and beside not in ignored:
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


def _tracked(folder: Path, name: str) -> bool | None:
    """Tell whether git keeps a file already, ``None`` where it does not say."""
    answer = _git(folder, "--literal-pathspecs", "ls-files", "-z", "--", f"./{name}")
    return None if answer is None or answer.returncode else bool(answer.stdout)


def _ignored(folder: Path, names: list[str]) -> set[str] | None:
    """Return which of these names git ignores in a folder, ``None`` where it does not say."""
    given = [f"./{name}" for name in names]
    listed = b"".join(os.fsencode(name) + b"\0" for name in given)
    answer = _git(folder, "check-ignore", "-z", "--stdin", said=listed)
    if answer is None or answer.returncode not in _KNOWN:
        return None
    found = {os.fsdecode(name) for name in answer.stdout.split(b"\0") if name}
    return {name for name, line in zip(names, given, strict=True) if line in found}


def _git(folder: Path, *words: str, said: bytes = b"") -> subprocess.CompletedProcess[bytes] | None:
    """Ask git in a folder, ``None`` where it is not there or does not answer."""
    program = shutil.which("git")
    if program is None or not folder.is_dir():
        return None
    # Of a hook that started us, these would lead to another work tree.
    environ = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    try:
        return subprocess.run(  # noqa: S603 - no shell; a name follows a -- or comes by the input
            # A work tree may name a program for git to run; nothing of it is to run for this.
            [program, "-c", "core.fsmonitor=false", *words],
            cwd=folder,
            env=environ,
            input=said,
            capture_output=True,
            timeout=_PATIENCE,
            check=False,
        )
    except (OSError, subprocess.SubprocessError):
        return None
