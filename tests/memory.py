"""Finds texts that are alive: everything the garbage collector knows of, and what that refers to.

It looks for texts backwards, so that looking for them does not keep them alive.
"""

from __future__ import annotations

import gc
import sys
from collections.abc import Iterable
from types import FrameType

from adwarden.domain.secret import Secret


def backwards(secret: Secret) -> str:
    """Return what a secret is looked for by."""
    return secret.unwrap()[::-1]


def holders(wanted: Iterable[str]) -> tuple[list[str], int, int]:
    """Return who holds one of the texts, given backwards, or a text that contains it.

    Each as a chain of types, outermost first. A text inside a ``Secret`` is where it belongs: the
    second number counts these. The third is how many objects were looked at.
    """
    texts = tuple(wanted)
    coded = tuple(text.encode() for text in texts)
    shortest = min(map(len, texts))
    found: list[str] = []
    kept = 0
    own = {id(texts), id(coded), id(found), id(wanted)}
    here = sys._getframe()
    own |= {id(here), id(here.f_locals)}
    roots: list[object] = [one for one in gc.get_objects() if id(one) not in own]
    for top in sys._current_frames().values():
        frame: FrameType | None = top
        while frame is not None:
            if frame is not here:
                roots.append(frame.f_locals)
            frame = frame.f_back
    seen = {id(roots)} | own
    queue: list[tuple[object, str]] = [(root, "") for root in roots]
    looked = 0
    while queue:
        one, chain = queue.pop()
        if id(one) in seen:
            continue
        seen.add(id(one))
        looked += 1
        name = type(one).__name__
        for part in gc.get_referents(one):
            if isinstance(part, str):
                if len(part) >= shortest and any(text in part[::-1] for text in texts):
                    if isinstance(one, Secret):
                        kept += 1
                    else:
                        found.append(f"{chain} > {name}{_where(one, part)}")
            elif isinstance(part, bytes | bytearray):
                if len(part) >= shortest and any(text in part[::-1] for text in coded):
                    found.append(f"{chain} > {name}{_where(one, part)}")
            elif id(part) not in seen and not isinstance(part, type):
                queue.append((part, f"{chain[-200:]} > {name}"))
    return found, kept, looked


def _where(one: object, part: object) -> str:
    """Return at which key a dictionary has it; never the text."""
    if isinstance(one, dict):
        return str([key for key, value in one.items() if value is part and key is not part])
    return ""
