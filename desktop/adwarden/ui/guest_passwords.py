"""How a page's wish for an HTTP or proxy password is refused, so that nothing is sent.

Imported only with the browser engine.
"""

from __future__ import annotations

import ctypes

import shiboken6
from PySide6.QtNetwork import QAuthenticator


def refuse_password(asked: QAuthenticator) -> None:
    """Make ``asked`` null, which is how the engine is told that there is no password.

    One that is merely left alone is not null: it has the realm, and the engine would answer with
    an empty name and password, some thirty times.
    """
    # ``*asked = QAuthenticator()`` in C++. Qt for Python has no assignment; the object's one
    # member is the pointer to its contents, and what is swapped out dies with ``nothing``.
    nothing = QAuthenticator()
    mine, theirs = _contents(nothing), _contents(asked)
    mine.value, theirs.value = theirs.value, mine.value


def _contents(authenticator: QAuthenticator) -> ctypes.c_void_p:
    return ctypes.c_void_p.from_address(shiboken6.getCppPointer(authenticator)[0])
