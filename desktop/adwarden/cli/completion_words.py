"""What can be said to ``adwarden``, as a shell has to know it; read from the parser itself."""

from __future__ import annotations

import argparse
from collections.abc import Iterator

from adwarden.cli.offering import ACCOUNTS, CONNECTIONS
from adwarden.command_line import make_parser
from adwarden.domain.data import dataclass
from adwarden.domain.permission_rules import CAPABILITIES
from adwarden.services.handover.formats import FORMATS

FILES = "files"
"""What is offered where a file is to be named."""

_OFFERED = {"FILE": FILES, "DIR": FILES, "CONNECTION": CONNECTIONS, "ID": ACCOUNTS}
"""What may stand for a value, by how the parser calls it."""


@dataclass(frozen=True, slots=True)
class Word:
    """One option, or one place for a value (without ``names``), and what may stand there.

    ``choices`` are the values it takes, each with what it is in words, which may be empty;
    ``offered`` is where else its values come from: files, or the names of a kind that are known
    here. A word that ``takes`` nothing stands for itself.
    """

    names: tuple[str, ...]
    about: str
    takes: str
    choices: tuple[tuple[str, str], ...]
    offered: str

    @property
    def values(self) -> str:
        """The choices alone, with blanks between them."""
        return " ".join(value for value, _ in self.choices)


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
            tuple((str(one), _meaning(str(one))) for one in action.choices or ()),
            _OFFERED.get(takes, ""),
        )


def _meaning(choice: str) -> str:
    """Return what a choice is in words, for shells that show them."""
    if choice in FORMATS:
        return FORMATS[choice].title
    return CAPABILITIES.get(choice, "")
