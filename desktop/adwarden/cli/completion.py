"""``adwarden completion``: scripts for bash, zsh and fish, made from the parser itself.

They are plain text without any name or id of somebody's: what they offer is what the parser
takes. For connections and ad accounts they ask ``adwarden`` itself, which reads its index.
"""

from __future__ import annotations

import sys

from adwarden.arguments import Options
from adwarden.cli.completion_shells import bash, fish, zsh
from adwarden.cli.completion_words import commands

_SHELLS = {"bash": bash, "zsh": zsh, "fish": fish}


def run_completion(options: Options) -> int:
    """Print the script of one shell."""
    sys.stdout.write(_SHELLS[options.shell](commands()))
    return 0
