"""The options of the commands that deal with other tools: import, export, run, completion."""

from __future__ import annotations

TYPE_CHECKING = False  # as in the parser itself
if TYPE_CHECKING:
    import argparse


def fill_import(one: argparse.ArgumentParser) -> None:
    """Add the options of ``import``."""
    one.description = (
        "Take keys and tokens in from a file of another tool: .twurlrc, xurl’s auth.yml, .env, "
        "a Postman environment, JSON of the Ads SDKs, or a text with the values in it. Shows "
        "first what is new, known, or contradicts; values are never shown. FILE is not changed."
    )
    one.add_argument("file", metavar="FILE", help="the file, or “-” for standard input")
    one.add_argument(
        "--check",
        action="store_true",
        help="have X confirm each before it is taken in; X tells the @handle of a token, too",
    )
    one.add_argument(
        "--dry-run", action="store_true", help="only show what is in the file, and what is new"
    )
    one.add_argument("--yes", action="store_true", help="take in all that is new, without asking")
    one.add_argument(
        "--replace",
        action="store_true",
        help="with --yes, also what contradicts what is kept, which it replaces",
    )
    one.add_argument("--json", dest="as_json", action="store_true", help="as JSON")


def fill_export(one: argparse.ArgumentParser) -> None:
    """Add the options of ``export``."""
    from adwarden.services.handover.formats import FORMATS

    told = "; ".join(f"{key}: {item.title}" for key, item in FORMATS.items())
    one.description = (
        "Hand a connection’s keys and token over in the format that another tool reads. "
        f"Formats: {told}."
    )
    one.add_argument(
        "--format", dest="kind", choices=tuple(FORMATS), metavar="F", required=True,
        help="the format, as listed above",
    )  # fmt: skip
    _family(one)
    one.add_argument(
        "--output",
        metavar="FILE",
        help="write it into FILE, for your eyes only (0600), instead of standard output, which "
        "is also called “-”; what other tools have in a .twurlrc or an auth.yml stays there",
    )
    one.add_argument(
        "--force",
        action="store_true",
        help="replace FILE if it is there, and keep a copy of what it was",
    )
    one.add_argument(
        "--default", action="store_true", help="make it the one the tool uses when none is named"
    )
    one.add_argument(
        "--account", metavar="ID", help="the ad account, where the format has a place for it"
    )
    one.add_argument("--app-name", metavar="NAME", help="what xurl’s file is to call the X app")
    one.add_argument("--url", metavar="URL", help="the address that curl is to ask, with GET")


def fill_run(one: argparse.ArgumentParser) -> None:
    """Add the options of ``run``; the command itself never comes to the parser."""
    one.usage = "adwarden run [-h] [--family NAME] CONNECTION -- COMMAND ..."
    one.description = (
        "Run COMMAND with a connection’s keys and token in its environment, and nowhere else. "
        "Its exit code is the one of this; 127 is a command that was not found, 126 one that "
        "cannot be started."
    )
    _family(one)
    one.epilog = "Everything after -- belongs to COMMAND: adwarden run @handle -- python sync.py"


def fill_completion(one: argparse.ArgumentParser) -> None:
    """Add the options of ``completion``."""
    one.description = (
        "Print a script that has a shell complete adwarden’s commands and options. "
        "bash: adwarden completion bash > ~/.local/share/bash-completion/completions/adwarden. "
        "zsh: adwarden completion zsh > a folder of $fpath, as _adwarden. "
        "fish: adwarden completion fish > ~/.config/fish/completions/adwarden.fish."
    )
    one.add_argument("shell", choices=("bash", "zsh", "fish"), metavar="SHELL",
                     help="bash, zsh or fish")  # fmt: skip


def _family(one: argparse.ArgumentParser) -> None:
    from adwarden.services.handover.env import FAMILIES

    one.add_argument(
        "--family", choices=tuple(FAMILIES), metavar="NAME",
        help=f"how the variables are named: {', '.join(FAMILIES)}",
    )  # fmt: skip
