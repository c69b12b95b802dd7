"""What tests of YAML share: other programs that read it, and a look for secrets that got out."""

from __future__ import annotations

import functools
import json
import shutil
import subprocess
import sys
from collections.abc import Iterable
from typing import Any

import pytest

from adwarden.domain.errors import AdwardenError

_PYTHON = "import json,sys,yaml; print(json.dumps(yaml.safe_load(sys.stdin.buffer)))"
_RUBY = "require 'yaml'; require 'json'; puts JSON.generate(YAML.safe_load(STDIN.read))"


@functools.cache
def _pyyaml() -> str | None:
    for program in (sys.executable, "/usr/bin/python3", shutil.which("python3")):
        if program and shutil.which(program):
            asked = subprocess.run([program, "-c", "import yaml"], capture_output=True, check=False)
            if asked.returncode == 0:
                return program
    return None


def by_pyyaml(text: str) -> Any:  # noqa: ANN401 - whatever the text says
    """Return what PyYAML reads; skips where no Python here has it."""
    program = _pyyaml()
    if program is None:
        pytest.skip("PyYAML is not installed")
    return _answer([program, "-c", _PYTHON], text)


def by_ruby(text: str) -> Any:  # noqa: ANN401 - whatever the text says
    """Return what Ruby reads; skips where it is not installed."""
    program = shutil.which("ruby")
    if program is None:
        pytest.skip("Ruby is not installed")
    return _answer([program, "-e", _RUBY], text)


def _answer(command: list[str], text: str) -> Any:  # noqa: ANN401 - whatever the text says
    done = subprocess.run(command, input=text.encode(), capture_output=True, check=True)
    return json.loads(done.stdout)


def assert_silent(words: Iterable[str], secrets: Iterable[str], size: int = 8) -> None:
    """Fail when any ``size`` characters of a secret in a row are in the words."""
    said = "\n".join(words)
    for secret in secrets:
        for start in range(max(1, len(secret) - size + 1)):
            piece = secret[start : start + size]
            assert not piece.strip() or piece not in said


def assert_alone(error: AdwardenError) -> None:
    """Fail when another error hangs on this one: those of parsers quote what they read."""
    assert error.__cause__ is None
    assert error.__context__ is None


def words_of(error: AdwardenError) -> list[str]:
    return [str(error), repr(error), error.title, error.message, error.remedy, error.detail]
