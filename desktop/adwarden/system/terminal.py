"""Asks for a password on the terminal that started the program, without showing it."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from adwarden.domain.secret import Secret


def is_there() -> bool:
    """Tell whether somebody can be asked: whether the standard input is a terminal."""
    try:
        return sys.stdin is not None and sys.stdin.isatty()
    except ValueError:  # closed
        return False


def ask_password(prompt: str) -> Secret | None:
    """Return what was typed, ``None`` for nothing, or where it could not be kept unseen.

    Waits for a person: for a thread of its own, inside ``unseen``.
    """
    import getpass
    import warnings

    with warnings.catch_warnings():
        # It would go on with what is typed on the screen otherwise.
        warnings.simplefilter("error", getpass.GetPassWarning)
        try:
            text = getpass.getpass(prompt)
        except (getpass.GetPassWarning, EOFError, OSError):
            return None
    return Secret(text) if text else None


@contextmanager
def unseen() -> Iterator[None]:
    """Give the terminal back as it was, also when nobody waits for the answer any more."""
    try:
        import termios
    except ImportError:  # Windows: nothing is changed there
        yield
        return
    was = None
    with suppress(termios.error, OSError, ValueError):
        was = termios.tcgetattr(sys.stdin.fileno())
    try:
        yield
    finally:
        if was is not None:
            with suppress(termios.error, OSError, ValueError):
                termios.tcsetattr(sys.stdin.fileno(), termios.TCSADRAIN, was)
