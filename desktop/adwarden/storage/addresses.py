"""Which server addresses may be used: https anywhere, plain http on this computer alone."""

from __future__ import annotations

import ipaddress
import re
from urllib.parse import urlsplit

from adwarden.domain.errors import InputError

# Compiled when an address is looked at: most starts have none.
_LABEL = r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?"
_NUMBER = r"[0-9]+|0x[0-9a-f]*"


def checked_address(text: str, name: str, *, field: str = "") -> str:
    """Return a server address as ``scheme://host[:port]``; ``name`` is where it came from.

    https is taken for any host, plain http for loopback alone (127.0.0.0/8, ::1, localhost):
    tokens must not cross a network unencrypted. Raises ``InputError``.
    """
    text = text.strip()

    def refuse(why: str, remedy: str = "Write it like https://api.x.com") -> InputError:
        shown = "" if "@" in text else text[:60]  # what stands before an @ may be a password
        title = f"{name} is not an address that can be used"
        return InputError(title, why, remedy, field=field or name, detail=shown)

    # Browsers and urllib read blanks, backslashes and other scripts' letters differently.
    if len(text) > 2000 or not re.fullmatch(r"[!-~]+", text) or "\\" in text:
        raise refuse("It contains characters that have no place in an address, or is too long.")
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError:
        raise refuse("Its host or port cannot be read.") from None
    host = parts.hostname or ""
    if parts.scheme not in ("https", "http") or not parts.netloc:
        raise refuse("It does not begin with https://")
    if "@" in parts.netloc:
        raise refuse("It contains a user name or an @ sign.", "Leave out all before the host.")
    if parts.path not in ("", "/") or "?" in text or "#" in text:
        raise refuse("It goes on after the host.", "Leave out all after the host and the port.")
    if port == 0:
        raise refuse("Its port cannot be 0.")
    host, loopback = _host(host, bracketed="[" in parts.netloc)
    if not host:
        raise refuse("Its host is missing or not spelled like one.")
    if parts.scheme == "http" and not loopback:
        raise refuse(
            "Plain http is accepted for this computer alone (127.0.0.1, [::1] or localhost), "
            "because tokens must not cross a network unencrypted.",
            "Use https.",
        )
    usual = 443 if parts.scheme == "https" else 80
    return f"{parts.scheme}://{host}" + (f":{port}" if port not in (None, usual) else "")


def _host(host: str, *, bracketed: bool) -> tuple[str, bool]:
    """Return the host in its normal form, empty if it is none, and whether it is loopback."""
    if host == "localhost" and not bracketed:
        return host, True
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        labels = host.split(".")
        # A browser takes 127.1 or 0x7f.1 for a number; a name never ends in one.
        named = all(re.fullmatch(_LABEL, part) for part in labels)
        numeric = re.fullmatch(_NUMBER, labels[-1])
        usable = named and not numeric and not bracketed and len(host) <= 253
        return (host if usable else ""), False
    if isinstance(address, ipaddress.IPv6Address) != bracketed or "%" in host:
        return "", False
    if isinstance(address, ipaddress.IPv6Address):
        return f"[{address.compressed}]", address == ipaddress.IPv6Address("::1")
    return str(address), address.is_loopback
