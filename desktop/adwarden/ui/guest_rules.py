"""Which addresses the embedded page may reach, as plain functions of an address.

Whatever is not named here is refused.
"""

from __future__ import annotations

from PySide6.QtCore import QUrl

from adwarden.providers.base import GuestRules

_DEFAULT_PORTS = {"https": 443, "http": 80, "wss": 443, "ws": 80}
_SOCKET_OF = {"https": "wss", "http": "ws"}
_EMPTY_FRAMES = frozenset({"about:blank", "about:srcdoc"})
_INLINE_SCHEMES = frozenset({"data", "blob"})


def authority(url: QUrl) -> str:
    """Return ``host`` or ``host:port`` in lower case, without the scheme's own port."""
    host = url.host(QUrl.ComponentFormattingOption.FullyEncoded).lower()
    if ":" in host:
        host = f"[{host}]"
    port = url.port()
    if port == -1 or port == _DEFAULT_PORTS.get(url.scheme()):
        return host
    return f"{host}:{port}"


def allows_page(rules: GuestRules, url: QUrl) -> bool:
    """Return whether ``url`` may be shown at the top level."""
    return (
        url.isValid()
        and url.scheme() == rules.scheme
        and not url.userInfo()
        and authority(url) in rules.hosts
    )


def allows_frame(rules: GuestRules, url: QUrl) -> bool:
    """Return whether ``url`` may be shown in a frame of a page."""
    return url.toString() in _EMPTY_FRAMES or _allows_part(rules, url)


def allows_resource(rules: GuestRules, url: QUrl) -> bool:
    """Return whether a page may load ``url`` as a part of itself: a script, an image, a call."""
    return url.scheme() in _INLINE_SCHEMES or _allows_part(rules, url)


def is_pin_page(rules: GuestRules, url: QUrl) -> bool:
    """Return whether ``url`` is the one page on which the PIN may be read."""
    return on_pin_host(rules, url) and url.path() == rules.pin_path


def on_pin_host(rules: GuestRules, url: QUrl) -> bool:
    """Return whether ``url`` is on the host that answers an authorization."""
    return allows_page(rules, url) and authority(url) == rules.pin_host


def opens_elsewhere(url: QUrl) -> bool:
    """Return whether a refused ``url`` may be offered to the person's own browser."""
    return url.isValid() and url.scheme() in {"https", "http"} and bool(url.host())


def _allows_part(rules: GuestRules, url: QUrl) -> bool:
    scheme = url.scheme()
    if scheme not in {rules.scheme, _SOCKET_OF.get(rules.scheme, "")}:
        return False
    # Challenges and pictures come from hosts that nobody can list in advance; without
    # encryption, on this computer only, there is no reason to go anywhere else.
    return bool(url.host()) if rules.scheme == "https" else authority(url) in rules.hosts
