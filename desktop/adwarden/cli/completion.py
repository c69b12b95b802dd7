"""``adwarden completion``: scripts for bash, zsh and fish, made from the parser itself.

They are plain text without any name or id of somebody's: what they offer is what the parser takes.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterator

from adwarden.arguments import Options
from adwarden.command_line import make_parser
from adwarden.domain.data import dataclass

_FILES = frozenset({"FILE", "DIR"})


@dataclass(frozen=True, slots=True)
class Word:
    """One option, or one place for a value (without ``names``), and what may stand there.

    ``choices`` are the values it takes, ``files`` is whether they are files' names; a word
    that ``takes`` nothing stands for itself.
    """

    names: tuple[str, ...]
    about: str
    takes: str
    choices: tuple[str, ...]
    files: bool


@dataclass(frozen=True, slots=True)
class Command:
    """A command, or the program itself with an empty name."""

    name: str
    about: str
    words: tuple[Word, ...]

    @property
    def options(self) -> tuple[str, ...]:
        """All its options by their names."""
        return tuple(name for word in self.words for name in word.names)


def run_completion(options: Options) -> int:
    """Print the script of one shell."""
    sys.stdout.write(_SHELLS[options.shell](commands()))
    return 0


def commands(parser: argparse.ArgumentParser | None = None) -> tuple[Command, ...]:
    """Return the program itself first, then all its commands, as the parser has them."""
    parser = parser or make_parser()
    (below,) = (one for one in parser._actions if isinstance(one, argparse._SubParsersAction))  # noqa: SLF001 - it tells nobody otherwise
    abouts = {one.dest: one.help or "" for one in below._choices_actions}  # noqa: SLF001
    found = [Command("", "", tuple(_words(parser)))]
    for name, one in below.choices.items():
        found.append(Command(name, abouts.get(name, ""), tuple(_words(one))))
    return tuple(found)


def _words(parser: argparse.ArgumentParser) -> Iterator[Word]:
    for action in parser._actions:  # noqa: SLF001
        if isinstance(action, argparse._SubParsersAction):  # noqa: SLF001
            continue
        takes = "" if action.nargs == 0 else str(action.metavar or action.dest.upper())
        yield Word(
            tuple(action.option_strings),
            (action.help or "").split(";")[0].split(":")[0].split(" (")[0],
            takes,
            tuple(map(str, action.choices or ())),
            takes in _FILES,
        )


# bash


def _bash(all_commands: tuple[Command, ...]) -> str:
    top, *rest = all_commands
    values = "\n".join(line for one in all_commands for line in _bash_values(one))
    first = "\n".join(
        f"        {one.name}) offered={_quoted(' '.join(one.options))};{_bash_first(one)} ;;"
        for one in rest
    )
    skipped = "|".join(name for word in top.words if word.takes for name in word.names)
    offered = " ".join((*top.options, *(one.name for one in rest)))
    return _BASH.format(values=values, first=first, skipped=skipped, offered=_quoted(offered))


def _bash_values(command: Command) -> Iterator[str]:
    for word in command.words:
        if not word.names or not word.takes:
            continue
        pattern = "|".join(f"'{command.name} {name}'" for name in word.names)
        if word.files:
            act = "_adwarden_files"
        else:
            act = f'COMPREPLY=($(compgen -W {_quoted(" ".join(word.choices))} -- "$current"))'
        yield f"        {pattern}) {act}; return ;;"


def _bash_first(command: Command) -> str:
    places = [word for word in command.words if not word.names]
    if any(word.files for word in places):
        return " files=1"
    choices = " ".join(choice for word in places for choice in word.choices)
    return f' offered="$offered "{_quoted(choices)}' if choices else ""


# zsh


def _zsh(all_commands: tuple[Command, ...]) -> str:
    top, *rest = all_commands
    listed = "\n".join(f"        {_quoted(f'{one.name}:{one.about}')}" for one in rest)
    cases = "\n".join(
        f"        {one.name})\n            _arguments -S {_zsh_words(one)} ;;" for one in rest
    )
    return _ZSH.format(top=_zsh_words(top), listed=listed, cases=cases)


def _zsh_words(command: Command) -> str:
    lines = []
    for word in command.words:
        # An empty list where anything goes: a mere message would keep options from completing.
        act = "_files" if word.files else f"({' '.join(word.choices)})"
        about = _zsh_plain(word.about)
        after = f":{word.takes}:{act}" if word.takes else ""
        if word.names:
            lines += [_quoted(f"{name}[{about}]{after}") for name in word.names]
        else:
            lines.append(_quoted(f":{about}:{act}"))
    if command.name == "run":
        lines.append(_quoted("*::command:_normal"))
    return " \\\n            ".join(lines)


def _zsh_plain(text: str) -> str:
    for char in "\\[]:":
        text = text.replace(char, f"\\{char}")
    return text


# fish


def _fish(all_commands: tuple[Command, ...]) -> str:
    top, *rest = all_commands
    lines = ["complete -c adwarden -f"]
    for word in top.words:
        lines += _fish_word("__fish_use_subcommand", word)
    for one in rest:
        about = _quoted(one.about)
        lines.append(f"complete -c adwarden -n __fish_use_subcommand -a {one.name} -d {about}")
    for one in rest:
        when = f"'__fish_seen_subcommand_from {one.name}'"
        for word in one.words:
            lines += _fish_word(when, word)
    return "\n".join(lines) + "\n"


def _fish_word(when: str, word: Word) -> Iterator[str]:
    start = f"complete -c adwarden -n {when}"
    values = f" -a {_quoted(' '.join(word.choices))}" if word.choices else ""
    if not word.names:
        if word.files or word.choices:
            yield f"{start}{' -F' if word.files else values}"
        return
    names = "".join(
        f" -l {name[2:]}" if name.startswith("--") else f" -s {name[1:]}" for name in word.names
    )
    takes = f" -x{values}" if word.takes else ""
    yield f"{start}{names}{' -r -F' if word.files else takes} -d {_quoted(word.about)}"


# Inside

_SHELLS: dict[str, Callable[[tuple[Command, ...]], str]] = {
    "bash": _bash,
    "zsh": _zsh,
    "fish": _fish,
}

_BASH = """\
# Completion of adwarden for bash, as `adwarden completion bash` prints it.
_adwarden() {{
    local current=${{COMP_WORDS[COMP_CWORD]}} before=${{COMP_WORDS[COMP_CWORD-1]}}
    local command= end=0 files= offered= at
    COMPREPLY=()
    for ((at = 1; at < COMP_CWORD; at++)); do
        case ${{COMP_WORDS[at]}} in
        --) end=$at; break ;;
        {skipped}) [[ $command ]] || ((at++)) ;;
        -*) ;;
        *) [[ $command ]] || command=${{COMP_WORDS[at]}} ;;
        esac
    done
    if ((end)); then
        # What comes now is another program's.
        if [[ $command == run ]] && declare -F _command_offset >/dev/null; then
            _command_offset $((end + 1))
        elif [[ $command == run ]] && ((COMP_CWORD == end + 1)); then
            COMPREPLY=($(compgen -c -- "$current"))
        else
            _adwarden_files
        fi
        return
    fi
    case "$command $before" in
{values}
    esac
    case $command in
        '') offered={offered} ;;
{first}
    esac
    COMPREPLY=($(compgen -W "$offered" -- "$current"))
    if [[ $files && $current != -* ]]; then
        _adwarden_files
    fi
}}
_adwarden_files() {{
    local IFS=$'\\n'
    COMPREPLY+=($(compgen -f -- "$current"))
    compopt -o filenames 2>/dev/null
}}
complete -F _adwarden adwarden
"""

_ZSH = """\
#compdef adwarden
# Completion of adwarden for zsh, as `adwarden completion zsh` prints it.
_adwarden() {{
    local curcontext=$curcontext state line
    local -a listed
    listed=(
{listed}
    )
    _arguments -C {top} \\
            '1:command:->command' \\
            '*::word:->word'
    case $state in
    command) _describe -t commands command listed ;;
    word)
        case $words[1] in
{cases}
        esac ;;
    esac
}}
if [[ $funcstack[1] == _adwarden ]]; then
    _adwarden "$@"
else
    compdef _adwarden adwarden
fi
"""


def _quoted(text: str) -> str:
    """Return a text as one word of any of the three shells, whatever is in it."""
    return "'" + text.replace("'", "’") + "'"
