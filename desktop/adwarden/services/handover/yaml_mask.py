"""Hides in YAML what may be a secret of anybody, for a preview: each value from end to end.

What counts is where a value stands, not what it looks like: others have secrets of any shape,
with blanks, over several lines, or repeated by an alias.
"""

from __future__ import annotations

import re

from adwarden.domain.secret import MASK
from adwarden.services.handover.naming import words_of
from adwarden.services.handover.yaml_text import BOM, Kind, Node, compose

_SECRET = frozenset(
    {
        "secret", "secrets", "token", "tokens", "key", "keys", "bearer", "password", "passwords",
        "passwd", "passcode", "passphrase", "pin", "signature", "cookie", "cookies", "credential",
        "credentials", "verifier",
    }
)  # fmt: skip
"""Words in a name that tell that what stands below is secret."""
_WHOLE = frozenset({"client_id"})
_ABOUT = frozenset(
    {
        "type", "token_type", "username", "user", "name", "scope", "expiration_time", "expires_at",
        "expires_in",
    }
)  # fmt: skip
"""Names below such a one whose values are none."""
_LONGEST_NAME = 200
_COMMENT = re.compile(r"(?:^|(?<=[ \t]))#[^\n]*", re.MULTILINE)
_SAID = re.compile(
    r"""((?:secret|token|key|bearer|passw\w{0,8}|passcode|client_id)s?["']?
        [ \t]*(?:[:=]|\bis\b)[ \t]*)\S.*""",
    re.VERBOSE | re.IGNORECASE,
)


def hidden(text: str) -> str:
    """Return a text with ``••••`` for what may be secret, comments included.

    Raises ``InputError`` for what is no YAML: nothing of that can be shown.
    """
    body = text.removeprefix(BOM)
    root = compose(body)
    if root is None:
        return _in_comments(text)
    spans: dict[int, Node] = {}
    _mark(root, spans)
    secrets = {node.text for node in spans.values()}
    _mark_same(root, secrets, spans)
    for start in sorted(spans, reverse=True):
        node = spans[start]
        quote = node.style if node.style in ("'", '"') else ""
        body = f"{body[:start]}{quote}{MASK}{quote}{body[node.end :]}"
    return _in_comments(text[: len(text) - len(text.removeprefix(BOM))] + body)


def _mark(root: Node, spans: dict[int, Node]) -> None:
    """Note every value that stands below a name of a secret."""
    left = [(root, False)]
    while left:
        node, secret = left.pop()
        if node.kind is Kind.TEXT:
            if secret and node.text and not node.empty:
                spans[node.start] = node
        elif node.kind is Kind.LIST:
            left += [(child, secret) for child in node.children]
        else:
            for key, value in node.pairs():
                about = value.kind is Kind.TEXT and key.text in _ABOUT
                left.append((value, not about and (secret or _is_secret(key.text))))


def _mark_same(root: Node, secrets: set[str], spans: dict[int, Node]) -> None:
    """Note what says the same elsewhere: where an anchor is, in a list, or as a name."""
    left = [root]
    while left:
        node = left.pop()
        if node.kind is Kind.TEXT and node.text in secrets and not node.empty:
            spans[node.start] = node
        left += node.children


def _is_secret(name: str) -> bool:
    words = words_of(name[:_LONGEST_NAME])
    return "_".join(words) in _WHOLE or not _SECRET.isdisjoint(words)


def _in_comments(text: str) -> str:
    return _COMMENT.sub(lambda found: _SAID.sub(rf"\g<1>{MASK}", found[0]), text)
