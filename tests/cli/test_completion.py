"""The scripts are what the shells themselves make of them."""

from __future__ import annotations

import os
import select
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from adwarden.cli.completion import commands
from adwarden.command_line import COMMANDS
from adwarden.services.handover.env import FAMILIES
from adwarden.services.handover.formats import FORMATS
from tests.test_cli import adwarden


def script(shell: str, folder: Path) -> Path:
    done = adwarden("completion", shell, folder=folder)
    assert done.returncode == 0, done.stderr
    file = folder / f"adwarden.{shell}"
    file.write_text(done.stdout)
    return file


def needs(shell: str) -> pytest.MarkDecorator:
    return pytest.mark.skipif(shutil.which(shell) is None, reason=f"{shell} is not installed")


def test_the_parser_is_what_they_are_made_of() -> None:
    found = {one.name: one for one in commands()}
    assert set(found) == {"", *COMMANDS}
    assert {"--data-dir", "--practice", "--help", "-h"} <= set(found[""].options)
    (kind,) = (word for word in found["export"].words if "--format" in word.names)
    assert kind.choices == tuple(FORMATS)


def test_another_shell_is_usage(tmp_path: Path) -> None:
    assert adwarden("completion", "tcsh", folder=tmp_path).returncode == 2
    assert adwarden("completion", folder=tmp_path).returncode == 2


def bash(file: Path, line: str) -> list[str]:
    """Return what bash offers at the end of a line."""
    words = line.split(" ")
    quoted = " ".join(f"'{word}'" for word in words)
    done = subprocess.run(
        ["bash", "--norc", "-u", "-c",
         f"source '{file}'; COMP_WORDS=({quoted}); COMP_CWORD={len(words) - 1}; _adwarden; "
         'printf "%s\\n" "${COMPREPLY[@]}"'],
        capture_output=True, text=True, check=False, cwd=file.parent,
    )  # fmt: skip
    assert done.stderr == ""
    return done.stdout.splitlines() if done.stdout.strip() else []


@needs("bash")
def test_bash(tmp_path: Path) -> None:
    file = script("bash", tmp_path)
    (tmp_path / "their.env").touch()
    assert bash(file, "adwarden ex") == ["export"]
    assert set(COMMANDS) <= set(bash(file, "adwarden "))
    assert bash(file, "adwarden --data-dir run re") == ["refresh", "report"]
    assert bash(file, "adwarden --data-dir th") == ["their.env"]
    assert bash(file, "adwarden export @x --format ") == list(FORMATS)
    assert bash(file, "adwarden export @x --format tw") == ["twurlrc", "tweepy"]
    assert bash(file, "adwarden run @x --family ") == list(FAMILIES)
    assert bash(file, "adwarden completion ") == ["-h", "--help", "bash", "zsh", "fish"]
    assert bash(file, "adwarden import th") == ["their.env"]
    assert bash(file, "adwarden import --dr") == ["--dry-run"]
    assert bash(file, "adwarden find --account 18 --can manage") == ["manage-campaigns"]
    assert bash(file, "adwarden list --j") == ["--json"]
    assert "ls" in bash(file, "adwarden run @x -- l")
    assert bash(file, "adwarden run @x -- cat th") == ["their.env"]
    (tmp_path / "two words.env").touch()
    assert bash(file, "adwarden import tw") == ["two words.env"]
    assert subprocess.run(["bash", "-n", str(file)], check=False).returncode == 0


@needs("fish")
def test_fish(tmp_path: Path) -> None:
    file = script("fish", tmp_path)
    (tmp_path / "their.env").touch()

    def offered(line: str) -> list[str]:
        done = subprocess.run(
            ["fish", "--no-config", "-c", f"source '{file}'; complete -C '{line}'"],
            capture_output=True, text=True, check=True, cwd=tmp_path,
            env={**os.environ, "HOME": str(tmp_path)},
        )  # fmt: skip
        assert done.stderr == ""
        return [line.split("\t")[0] for line in done.stdout.splitlines()]

    assert offered("adwarden ex") == ["export"]
    assert set(COMMANDS) <= set(offered("adwarden "))
    assert sorted(offered("adwarden export @x --format ")) == sorted(FORMATS)
    assert sorted(offered("adwarden completion ")) == ["bash", "fish", "zsh"]
    assert offered("adwarden import --dr") == ["--dry-run"]
    assert "their.env" in offered("adwarden import th")
    assert offered("adwarden find --can manage") == ["manage-campaigns"]
    assert "--port" not in offered("adwarden list --")


def typed(file: Path, keys: str) -> str:
    """Return the words of the command that zsh runs after these keys on a terminal."""
    parent, child = os.openpty()
    shell = subprocess.Popen(
        ["zsh", "-f", "-i"], stdin=child, stdout=child, stderr=child, close_fds=True,
        env={"PATH": os.environ["PATH"], "HOME": str(file.parent), "TERM": "dumb"},
        cwd=file.parent,
    )  # fmt: skip
    os.close(child)
    begin = (
        "unsetopt zle_bracketed_paste; PROMPT=; autoload -Uz compinit; compinit -u -D; "
        f"source '{file}'; adwarden() {{ print -r -- \"words<$*>\" }}; print REA''DY\n"
    )
    told = ""

    def until(mark: str) -> None:
        nonlocal told
        while mark not in told:
            assert select.select([parent], [], [], 30)[0], told
            told += os.read(parent, 4096).decode(errors="replace")

    try:
        os.write(parent, begin.encode())
        until("READY")
        told = ""
        os.write(parent, f"adwarden {keys}\n".encode())
        until("\nwords<")
        until(">")
        return told.rpartition("words<")[2].partition(">")[0]
    finally:
        os.close(parent)
        shell.terminate()
        shell.wait(10)


@needs("zsh")
def test_zsh(tmp_path: Path) -> None:
    file = script("zsh", tmp_path)
    (tmp_path / "their.env").touch()
    assert typed(file, "expo\t@x --form\ttwu\t") == "export @x --format twurlrc"
    assert typed(file, "--prac\tcompl\tfi\t") == "--practice completion fish"
    assert typed(file, "import --dr\tthei\t") == "import --dry-run their.env"
    assert (
        typed(file, "find --acc\t18 --can manage\t") == "find --account 18 --can manage-campaigns"
    )
    assert typed(file, "run --fam\tconsu\t@x -- cat thei\t") == (
        "run --family consumer @x -- cat their.env"
    )
    assert subprocess.run(["zsh", "-n", str(file)], check=False).returncode == 0


def test_no_shell_is_loaded_for_it(tmp_path: Path) -> None:
    """What is printed is the same for everybody: no name, id or folder of a person is in it."""
    assert sys.executable
    for shell in ("bash", "zsh", "fish"):
        text = script(shell, tmp_path).read_text()
        assert str(tmp_path) not in text
        assert str(Path.home()) not in text
