"""Asks before what is kept in memory only ends with the program."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtWidgets import QWidget

from adwarden.domain.model import Connection, XApp
from adwarden.ui.dialogs import Question, outcome
from adwarden.ui.phrases import counted

CANCEL, QUIT, MOVE = range(3)


def lost_words(kept: Sequence[XApp | Connection]) -> str:
    """Return what would be lost, as the subject of a sentence: ``1 token``."""
    apps = sum(isinstance(one, XApp) for one in kept)
    parts = [counted(len(kept) - apps, "token", "tokens")] if len(kept) > apps else []
    if apps:
        parts.append(f"the keys of {counted(apps, 'X app', 'X apps')}")
    words = " and ".join(parts)
    return words[:1].upper() + words[1:]


def memory_question(parent: QWidget | None, kept: Sequence[XApp | Connection]) -> Question:
    """Ask what is to become of it."""
    one = len(kept) == 1 and isinstance(kept[0], Connection)
    it, verbs = ("it", ("is", "ends")) if one else ("them", ("are", "end"))
    dialog = Question(
        parent,
        f"Quit and lose {it}?",
        f"{lost_words(kept)} {verbs[0]} kept in memory only and {verbs[1]} with Adwarden. At X "
        "nothing changes: what was authorized stays so, but can no longer be used or revoked from "
        "here.",
    )
    cancel = dialog.answer("Cancel", CANCEL)
    dialog.answer(f"Quit and lose {it}", QUIT).setProperty("danger", True)
    dialog.answer(f"Move {it} …", MOVE, primary=True)
    cancel.setDefault(True)
    cancel.setFocus()
    return dialog


async def ask_about_memory(
    parent: QWidget | None,
    kept: Sequence[XApp | Connection],
    end: Callable[[], None],
    move: Callable[[], None],
) -> None:
    """Ask, then quit, or show where it can be moved to, or do nothing."""
    answer = await outcome(memory_question(parent, kept))
    if answer == QUIT:
        end()
    elif answer == MOVE:
        move()
