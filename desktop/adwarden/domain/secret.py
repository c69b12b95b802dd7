"""A text that must not be seen: it hides itself wherever Python would print it.

Only the keychain, the signer, the clipboard and the hand-over writers unwrap it.
"""

from __future__ import annotations

from typing import NoReturn

MASK = "••••"


class Secret:
    """Holds one secret text; prints as ``••••``, compares in constant time, is never pickled."""

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        self._text = text

    def unwrap(self) -> str:
        """Return the text itself; every call site of this is a place to audit."""
        return self._text

    @property
    def is_blank(self) -> bool:
        """Whether there is nothing in it that can be seen: no key or token is like that."""
        return not any(one.isprintable() and not one.isspace() for one in self._text)

    def __repr__(self) -> str:
        return MASK

    __str__ = __repr__

    def __format__(self, spec: str) -> str:
        return format(MASK, spec)

    def __bool__(self) -> bool:
        return bool(self._text)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Secret):
            return NotImplemented
        import hmac

        # Half a surrogate pair is no UTF-8, and must not fail with the text in its error.
        mine = self._text.encode("utf-8", "surrogatepass")
        return hmac.compare_digest(mine, other._text.encode("utf-8", "surrogatepass"))

    def __hash__(self) -> int:
        return hash(("Secret", self._text))

    def __reduce__(self) -> NoReturn:
        raise TypeError("a Secret is not pickled or copied out of the process")

    def __copy__(self) -> Secret:
        return self

    def __deepcopy__(self, memo: dict[int, object]) -> Secret:
        return self
