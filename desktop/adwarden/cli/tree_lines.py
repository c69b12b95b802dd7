"""The lines that ``adwarden list`` prints, from plain values; names never steer a terminal."""

from __future__ import annotations

TYPE_CHECKING = False  # typing takes milliseconds, and somebody waits for this at a prompt
if TYPE_CHECKING:
    from collections.abc import Sequence

NOTHING = "Nothing is here yet. Open the window with `adwarden` and add an X app."


def app_line(label: str, access: str) -> str:
    """Return the line of an X app."""
    return f"{shown(label)}  (X app, access: {access})"


def connection_line(handle: str, connection_id: str, state: str, accounts: int | None) -> str:
    """Return the line of a connection; ``handle`` is with its ``@``.

    ``accounts`` is how many ad accounts it reaches, ``None`` where nobody has asked X yet.
    """
    reaches = "1 ad account" if accounts == 1 else f"{accounts} ad accounts"
    if accounts is None:
        reaches = "ad accounts not fetched yet: adwarden refresh"
    return f"  {shown(handle)}  {connection_id}  {state}  {reaches}"


def account_line(name: str, account_id: str, permissions: Sequence[str] | None) -> str:
    """Return the line of an ad account; ``None`` stands for permissions not fetched yet."""
    held = "not known yet" if permissions is None else ", ".join(permissions)
    return f"    {shown(name)}  {account_id}  [{shown(held)}]"


def user_line(handle: str, user_id: str, type_: str) -> str:
    """Return the line of a promotable user; ``handle`` is without ``@`` and may be empty."""
    return f"      {shown(f'@{handle}' if handle else user_id)}  {shown(type_)}"


def shown(text: str) -> str:
    """Return ``text`` without characters that could steer a terminal."""
    if text.isprintable():
        return text
    return "".join(char if char.isprintable() else "�" for char in text)
