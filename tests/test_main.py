"""The very start: what comes before any part of the program is loaded."""

from __future__ import annotations

import subprocess
import sys

import pytest

_INTERRUPTED = """
import os, signal, sys
from importlib.abc import MetaPathFinder

class Interrupts(MetaPathFinder):
    def find_spec(self, name, path=None, target=None):
        if name == {module!r}:
            os.kill(os.getpid(), signal.SIGINT)
        return None

sys.meta_path.insert(0, Interrupts())
from adwarden.__main__ import main
sys.exit(main({said!r}))
"""


@pytest.mark.parametrize(
    ("module", "said"),
    [
        ("adwarden.cli.quick", ["show", "@contoso"]),
        ("argparse", ["--help"]),
        ("adwarden.command_line", ["show", "@contoso"]),
        ("adwarden.cli.showing", ["show", "@contoso"]),
    ],
)
def test_ctrl_c_while_it_is_being_loaded_ends_it_without_a_word(
    module: str, said: list[str]
) -> None:
    """As a person does who sees at once that it was the wrong command."""
    done = subprocess.run(
        [sys.executable, "-P", "-c", _INTERRUPTED.format(module=module, said=said)],
        capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip
    assert (done.returncode, done.stdout, done.stderr) == (130, "", "")
