"""Asking on a terminal; with a real one in the flows of ``--diagnose``."""

from __future__ import annotations

import getpass
import os
import sys
import warnings
from pathlib import Path

import pytest

from adwarden.domain.secret import Secret
from adwarden.system import terminal


def test_without_a_terminal_nobody_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    with Path(os.devnull).open() as nothing:
        monkeypatch.setattr(sys, "stdin", nothing)
        assert not terminal.is_there()
    assert not terminal.is_there()  # closed
    monkeypatch.setattr(sys, "stdin", None)
    assert not terminal.is_there()


def test_what_would_be_seen_is_not_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    reached: list[str] = []

    def shown(prompt: str) -> str:
        # As the library does where it cannot switch off what is typed.
        warnings.warn("Can not control echo on the terminal.", getpass.GetPassWarning, stacklevel=2)
        reached.append(prompt)
        return "seen by everybody"

    monkeypatch.setattr(getpass, "getpass", shown)
    assert terminal.ask_password("Password: ") is None
    assert not reached


@pytest.mark.parametrize(("typed", "given"), [("four words", Secret("four words")), ("", None)])
def test_what_was_typed_is_a_secret_and_nothing_is_none(
    monkeypatch: pytest.MonkeyPatch, typed: str, given: Secret | None
) -> None:
    monkeypatch.setattr(getpass, "getpass", lambda _: typed)
    assert terminal.ask_password("Password: ") == given
