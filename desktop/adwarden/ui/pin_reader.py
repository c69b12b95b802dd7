"""Reads the PIN off the provider's page from the outside, on the one page where it may be.

Knows no browser: it is given a way to run a script and the address of the page.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import field

from PySide6.QtCore import QObject, QTimer, QUrl, QUrlQuery, Signal

from adwarden.domain.data import dataclass
from adwarden.domain.pin import read_pin
from adwarden.providers.base import GuestRules
from adwarden.ui.guest_rules import is_pin_page, on_pin_host

POLL_MS = 200
"""How often the PIN page is looked at; the PIN may appear without a new load."""

READ_SCRIPT = r"""
(() => {
  const texts = (selector) => Array.from(document.querySelectorAll(selector))
    .slice(0, 20).map((element) => (element.textContent || "").slice(0, 200));
  const words = document.body ? (document.body.textContent || "").slice(0, 20000) : "";
  return JSON.stringify({
    address: location.href.slice(0, 8000),
    named: [
      "#oauth_pin code",
      "#oauth_pin > p > kbd > code",
      'kbd[aria-labelledby="code-desc"] > code',
      "#oauth-pin",
      "#oauth_pin kbd",
    ].map(texts),
    codes: texts("kbd, code"),
    asks: document.querySelector('input[type="password"]') !== null,
    denied: /^\s*you(?:['’]ve| have)? denied\b/im.test(texts("h1, h2").join("\n")),
    expired: /whoa there!?/i.test(words)
      && /request token/i.test(words) && /invalid|expired/i.test(words),
  });
})()
"""
"""Looks without touching; the answer is JSON text, because a bare null would arrive as ``""``."""

_RUN = re.compile(r"(?<![0-9])[0-9]{6,8}(?![0-9])")


@dataclass(frozen=True, slots=True)
class Reading:
    """What one look at a page gave: where it was, and the PIN if exactly one was there."""

    address: str = field(repr=False)
    pin: str = field(default="", repr=False)
    expired: bool = False
    denied: bool = False


def parse_reading(answer: object) -> Reading | None:
    """Turn the script's answer into a reading; ``None`` for anything of another shape."""
    if not isinstance(answer, str):
        return None
    try:
        found = json.loads(answer)
    except (ValueError, RecursionError):
        return None
    if not isinstance(found, dict):
        return None
    address = found.get("address")
    if not isinstance(address, str):
        return None
    named = found.get("named")
    groups = [_texts(group) for group in named] if isinstance(named, list) else []
    pin = _named_pin(groups)
    if not pin and found.get("asks") is False:
        pin = _lone_pin(_texts(found.get("codes")))
    # A page with a PIN on it is what it is, whatever else it says.
    return Reading(
        address,
        pin,
        expired=not pin and found.get("expired") is True,
        denied=not pin and found.get("denied") is True,
    )


def _texts(value: object) -> list[str]:
    return [text for text in value if isinstance(text, str)] if isinstance(value, list) else []


def _named_pin(groups: list[list[str]]) -> str:
    """Return the PIN of the first selector that gives one; two different ones are none."""
    for group in groups:
        # In a page's source a line break is a blank like any other.
        pins = {pin for pin in (read_pin(" ".join(text.split())).digits for text in group) if pin}
        if pins:
            return pins.pop() if len(pins) == 1 else ""
    return ""


def _lone_pin(codes: list[str]) -> str:
    runs = {run for text in codes for run in _RUN.findall(text)}
    return runs.pop() if len(runs) == 1 else ""


def token_of(address: str) -> str:
    """Return the request token that an authorization address or a callback carries, or ``""``."""
    return QUrlQuery(QUrl(address)).queryItemValue("oauth_token")


class PinReader(QObject):
    """Watches one attempt's page and says once what came of it.

    ``run(script, answer)`` must run the script in the top frame, in a world of its own that the
    page's scripts cannot reach, and call ``answer`` with the result.
    """

    picked = Signal(str)
    """The PIN, or the verifier of a callback."""
    denied = Signal()
    expired = Signal()

    def __init__(
        self,
        parent: QObject,
        rules: GuestRules,
        request_url: str,
        run: Callable[[str, Callable[[object], None]], None],
    ) -> None:
        super().__init__(parent)
        self._rules = rules
        self._token = token_of(request_url)
        self._run = run
        self._over = False
        self._timer = QTimer(self)
        self._timer.setInterval(POLL_MS)
        self._timer.timeout.connect(self._look)

    def moved(self, url: QUrl) -> None:
        """Note that the page is at ``url`` now, or that it has finished loading there."""
        if self._over:
            return
        if on_pin_host(self._rules, url) and self._returned(url):
            return
        if is_pin_page(self._rules, url):
            self._timer.start()
            self._look()
        else:
            self._timer.stop()

    def stop(self) -> None:
        """Look no more."""
        self._over = True
        self._timer.stop()

    def _look(self) -> None:
        self._run(READ_SCRIPT, self._read)

    def _read(self, answer: object) -> None:
        reading = None if self._over else parse_reading(answer)
        # The address comes from the document that was read: the page may have moved since.
        if reading is None or not is_pin_page(self._rules, QUrl(reading.address)):
            return
        if reading.pin:
            self.stop()
            self.picked.emit(reading.pin)
        elif reading.expired:
            self.stop()
            self.expired.emit()
        elif reading.denied:
            self.stop()
            self.denied.emit()

    def _returned(self, url: QUrl) -> bool:
        """Handle a callback's address, if it belongs to this attempt's request token."""
        query = QUrlQuery(url)
        verifier = query.queryItemValue("oauth_verifier")
        if verifier and query.queryItemValue("oauth_token") == self._token:
            self.stop()
            self.picked.emit(verifier)
            return True
        if query.hasQueryItem("denied") and query.queryItemValue("denied") == self._token:
            self.stop()
            self.denied.emit()
            return True
        return False
