"""Takes secrets out of text before it is logged or shown, by their shape and by their value.

It would rather take out too much than too little.
"""

from __future__ import annotations

import re
import threading
from collections import OrderedDict
from functools import cache
from urllib.parse import quote

from adwarden.domain.secret import MASK, Secret

_SHORTEST = 6  # characters; hiding shorter values would hide half of every text
_MOST_VALUES = 8192  # five hundred connections have two secrets each, in up to two forms
_LONGEST_TEXT = 64_000  # characters; what is longer is cut, at the end of a word

# Every quantifier below is bounded or starts at the edge of a word: no text takes long.
_NAME = (
    r"(?<![\w-])(pin|[\w-]*(?:oauth_\w+|token(?:[_ -]?secret)?|secret|verifier|signature|password"
    r"|passwd|passphrase|(?:consumer|api|app)[_ -]?key(?:[_ -]?secret)?))"
)
_BETWEEN = r"""(["']\s*,\s*|["']?\s*(?:[=:>]|%3D)\s*)"""
_VALUE = r"""(?:b?"(?:[^"\\]|\\.)*"?|b?'(?:[^'\\]|\\.)*'?|[^\s&,;"'<>)\]}]+)"""


@cache
def _shapes() -> tuple[tuple[re.Pattern[str], str], ...]:
    """Compile the shapes, at the first use."""
    return (
        # A header's whole value, to the end of its line: it may hold several parts.
        (
            re.compile(r"(?i)\b((?:proxy-)?authorization|(?:set-)?cookie)(?=\W{0,3}[:=,])[^\n]*"),
            rf"\1: {MASK}",
        ),
        (re.compile(r"(?i)\b(OAuth)\s+(?:realm|oauth_\w+)=[^\n]*"), rf"\1 {MASK}"),
        (re.compile(r"(?i)\b(Bearer|Basic)\s+[\w.~+/%=-]{8,}"), rf"\1 {MASK}"),
        (re.compile(r"(://)[^/\s@]{0,300}@"), rf"\1{MASK}@"),
        (re.compile(rf"(?i){_NAME}{_BETWEEN}{_VALUE}"), rf"\1\2{MASK}"),
        (
            re.compile(r"(?i)\b(pin|verifier)\b(\W{1,5}(?:[a-z]{1,20}\W{1,5}){0,2})\d{4,10}\b"),
            rf"\1\2{MASK}",
        ),
        (re.compile(r"(?<!\d)\d{1,20}-[A-Za-z0-9]{20,}"), MASK),
        (re.compile(r"A{10,100}[\w%+/=-]{16,}"), MASK),
    )


# Compiled when a text is cleaned: a start has none.
_LONG = r"[A-Za-z0-9_-]{24,}"
_MIXED = r"(?=[^\d]*\d)(?=[^A-Z]*[A-Z])(?=[^a-z]*[a-z])"


class Redactor:
    """Cleans texts; knows values by their hash alone, so that it keeps no secret itself.

    Safe to use from several threads.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._known: OrderedDict[tuple[int, int], None] = OrderedDict()
        self._shared: frozenset[tuple[int, int]] | None = None  # the same, for readers

    def learn(self, *secrets: Secret) -> None:
        """Hide these values wherever they turn up; the oldest of many are forgotten."""
        for secret in secrets:
            text = secret.unwrap()
            for form in {text, quote(text, safe="")}:
                if len(form) < _SHORTEST:
                    continue
                with self._lock:
                    self._known[len(form), hash(form)] = None
                    self._known.move_to_end((len(form), hash(form)))
                    self._shared = None
                    while len(self._known) > _MOST_VALUES:
                        self._known.popitem(last=False)

    def clean(self, text: str) -> str:
        """Return the text without what is, or looks like, a secret. Never raises."""
        if len(text) > _LONGEST_TEXT:
            # A secret cut in two would no longer be known, so the cut takes its whole word.
            whole, _, _ = text[:_LONGEST_TEXT].replace("\n", " \n").rpartition(" ")
            text = f"{whole} … (cut)"
        text = self._without_known(text)
        for shape, mask in _shapes():
            text = shape.sub(mask, text)
        return re.sub(_LONG, _mask_mixture, text)

    def _without_known(self, text: str) -> str:
        with self._lock:
            if self._shared is None:
                self._shared = frozenset(self._known)
            known = self._shared
        for length in sorted({length for length, _ in known}, reverse=True):
            start = 0
            pieces: list[str] = []
            position = 0
            while position + length <= len(text):
                if (length, hash(text[position : position + length])) in known:
                    pieces += [text[start:position], MASK]
                    position = start = position + length
                else:
                    position += 1
            text = "".join([*pieces, text[start:]]) if pieces else text
        return text


def _mask_mixture(found: re.Match[str]) -> str:
    """Mask a long run that mixes digits and both cases, as keys do and words do not."""
    run = found.group()
    if run.isalnum() and (len(run) >= 40 or re.match(_MIXED, run)):
        return MASK
    return MASK if len(run) >= 40 and re.match(_MIXED, run) else run
