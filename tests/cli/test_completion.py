"""The scripts are what the shells themselves make of them."""

from __future__ import annotations

import os
import select
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from adwarden.cli.completion_words import commands
from adwarden.cli.quick import NAMES
from adwarden.command_line import COMMANDS
from adwarden.services.handover.env import FAMILIES
from adwarden.services.handover.formats import FORMATS
from tests.test_cli import adwarden, fill


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
    assert kind.choices == tuple((one.id, one.title) for one in FORMATS.values())


def test_another_shell_is_usage(tmp_path: Path) -> None:
    assert adwarden("completion", "tcsh", folder=tmp_path).returncode == 2
    assert adwarden("completion", folder=tmp_path).returncode == 2


def bash(file: Path, line: str) -> list[str]:
    """Return what bash offers at the end of a line."""
    words = line.split(" ")
    quoted = " ".join(f"'{word}'" for word in words)
    done = subprocess.run(
        ["bash", "--norc", "-u", "-c",
         f"source '{file}'; COMP_WORDS=({quoted}); COMP_CWORD={len(words) - 1}; "
         f"_adwarden adwarden '{words[-1]}' '{words[-2]}'; "
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


@pytest.fixture
def outfit(tmp_path: Path) -> Path:
    """Return a home with connections, and an ``adwarden`` that tells what it was started with."""
    fill(tmp_path / "data", "contoso", "northwind")
    fill(tmp_path / "data", "contoso", "litware_jp", label="It's $(touch /tmp/x) app", app_id="b1")
    program = tmp_path / "bin" / "adwarden"
    program.parent.mkdir()
    program.write_text(
        "#!/bin/sh\n"
        f'case "$*" in *{NAMES}*) exec "{sys.executable}" -P -m adwarden "$@" ;; esac\n'
        'printf "words<"; printf "%s|" "$@"; echo ">"\n'
    )
    program.chmod(0o700)
    return tmp_path


def surroundings(folder: Path) -> dict[str, str]:
    return {
        "PATH": f"{folder / 'bin'}{os.pathsep}{os.environ['PATH']}", "HOME": str(folder),
        "TERM": "dumb", "ADWARDEN_DATA_DIR": str(folder / "data"),
    }  # fmt: skip


_BEGIN = {
    "zsh": "unsetopt zle_bracketed_paste; PROMPT=; autoload -Uz compinit; compinit -u -D; ",
    "bash": "bind 'set enable-bracketed-paste off'; PS1=; ",
}
_INTERACTIVE = {"zsh": ["zsh", "-f", "-i"], "bash": ["bash", "--norc", "--noprofile", "-i"]}


def typed(file: Path, keys: str) -> str:
    """Return the words of the command that a shell runs after these keys on a terminal."""
    parent, child = os.openpty()
    name = file.suffix[1:]
    shell = subprocess.Popen(
        _INTERACTIVE[name], stdin=child, stdout=child, stderr=child, close_fds=True,
        env=surroundings(file.parent), cwd=file.parent, start_new_session=True,
    )  # fmt: skip
    os.close(child)
    begin = f"{_BEGIN[name]}source '{file}'; echo REA''DY\n"
    told = ""

    def until(mark: str) -> None:
        nonlocal told
        while mark not in told:
            assert select.select([parent], [], [], 30)[0], told
            told += os.read(parent, 4096).decode(errors="replace")

    try:
        os.write(parent, begin.encode())
        until("READY\r\n")
        told = ""
        os.write(parent, f"adwarden {keys}\n".encode())
        until("words<")
        until("|>")
        return told.rpartition("words<")[2].partition("|>")[0].replace("|", " ")
    finally:
        os.close(parent)
        shell.terminate()
        shell.kill()
        shell.wait(10)


@needs("bash")
def test_bash_on_a_terminal_offers_connections(outfit: Path) -> None:
    """To bash an @ is a word of its own, which only a terminal shows."""
    file = script("bash", outfit)
    assert typed(file, "show @nor\t") == "show @northwind"
    assert typed(file, "export @lit\t--form\ttwu\t") == "export @litware_jp --format twurlrc"
    assert typed(file, "show @contoso/Ag\t") == "show @contoso/Agency app"
    assert typed(file, "show '@contoso/Ag\t") == "show @contoso/Agency app"
    assert typed(file, "show @contoso/It\t") == "show @contoso/It's $(touch /tmp/x) app"
    assert typed(file, "find --account 18\t--can manage\t") == (
        "find --account 18k3 --can manage-campaigns"
    )
    assert typed(file, "--data-dir /nowhere show @nor\tx") == "--data-dir /nowhere show @norx"


@needs("zsh")
def test_zsh_on_a_terminal_offers_connections(outfit: Path) -> None:
    file = script("zsh", outfit)
    assert typed(file, "show @nor\t") == "show @northwind"
    assert typed(file, "export @lit\t--form\ttwu\t") == "export @litware_jp --format twurlrc"
    assert typed(file, "show @contoso/It\t") == "show @contoso/It's $(touch /tmp/x) app"
    assert typed(file, "find --account 18\t--can manage\t") == (
        "find --account 18k3 --can manage-campaigns"
    )
    assert typed(file, "run @nor\t-- cat") == "run @northwind -- cat"
    assert typed(file, "--data-dir /nowhere show @nor\tx") == "--data-dir /nowhere show @norx"


@needs("fish")
def test_fish_offers_connections_and_what_others_offer(outfit: Path) -> None:
    file = script("fish", outfit)

    def offered(line: str) -> dict[str, str]:
        done = subprocess.run(
            ["fish", "--no-config", "-c", f"source '{file}'; complete -C '{line}'"],
            capture_output=True, text=True, check=True, cwd=outfit, env=surroundings(outfit),
        )  # fmt: skip
        assert done.stderr == ""
        return dict(line.partition("\t")[::2] for line in done.stdout.splitlines())

    assert offered("adwarden show @nor") == {"@northwind": "Agency app"}
    assert len(offered("adwarden show @con")) == 2
    assert offered("adwarden find --account 18") == {"18k3": "Northwind �[31mOutdoor"}
    assert offered("adwarden --data-dir /nowhere show @nor") == {}
    assert offered("adwarden export @x --format tw") == {
        "twurlrc": FORMATS["twurlrc"].title, "tweepy": FORMATS["tweepy"].title,
    }  # fmt: skip
    (outfit / "their.env").touch()
    assert "their.env" in offered("adwarden run @x -- cat th")
    assert "env" in offered("adwarden run @x -- en")
    assert "adwarden" in offered("adwarden run @x -- adward")
    assert offered("adwarden run @x -- adwarden show @nor") == {"@northwind": "Agency app"}


@needs("zsh")
def test_zsh(outfit: Path) -> None:
    file = script("zsh", outfit)
    (outfit / "their.env").touch()
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
