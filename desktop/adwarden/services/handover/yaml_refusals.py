"""Why a text is not read as YAML, in words: a line at most, and never a piece of the text."""

from __future__ import annotations

from adwarden.domain.errors import InputError

_NOT_READ = "This YAML cannot be read"
CHECK = "Look at the file in an editor, or export it anew from the tool that wrote it."
"""What helps against most of it."""


def refusal(message: str, remedy: str) -> InputError:
    """Return the error with these words."""
    return InputError(_NOT_READ, message, remedy)


def malformed(error: Exception | None, text: str) -> InputError:
    """Say where it is no YAML, as far as the parser's error tells."""
    mark = getattr(error, "problem_mark", None)
    line, index = getattr(mark, "line", None), getattr(mark, "index", None)
    if not isinstance(line, int) or not isinstance(index, int):
        return refusal("It is not well formed.", CHECK)
    if text[index : index + 1] == "\t":
        words = f"A tab stands in line {line + 1} where YAML wants blanks."
        return refusal(words, "Replace the tab by blanks.")
    return refusal(f"It is not well formed: look at line {line + 1}.", CHECK)


def too_much() -> InputError:
    """Say that there is too much of it."""
    return refusal("It holds, or unfolds into, far more than any file of credentials.", CHECK)


def too_deep(levels: int) -> InputError:
    """Say that there are too many levels."""
    return refusal(f"It is nested deeper than {levels} levels.", CHECK)
