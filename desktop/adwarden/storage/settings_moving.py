"""The settings that go along to another computer, and their way back into effect."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from adwarden.domain.errors import InputError
from adwarden.storage.settings import TABLE, VAULT_PLACE, Kind, Setting, Settings

_STAY = frozenset({"window"})
"""Groups of what belongs to one screen."""

_OF_HERE = frozenset({VAULT_PLACE.key})
"""What depends on what this computer has: its places for secrets."""


def portable(settings: Settings) -> dict[str, str]:
    """Return the values, by key, that a person has changed and would change again elsewhere.

    Addresses of servers stay: a file that brings them along could send tokens somewhere else. So
    do paths, which are those of this computer.
    """
    return {
        setting.key: str(settings.get(setting))
        for setting in TABLE
        if _moves(setting) and settings.get(setting) != setting.default
    }


def differing(settings: Settings, saved: Mapping[str, str]) -> dict[Setting[Any], Any]:
    """Return which settings of a backup have another value here, and that of the backup."""
    found: dict[Setting[Any], Any] = {}
    for setting in TABLE:
        if not _moves(setting) or setting.key not in saved:
            continue
        try:
            value = type(setting.default)(saved[setting.key])
            value = setting.check(value)
        except (InputError, ValueError):
            continue  # of a newer version, or edited
        if value != settings.get(setting):
            found[setting] = value
    return found


def adopt(settings: Settings, saved: Mapping[str, str]) -> int:
    """Put a backup's settings into effect; returns how many have changed."""
    found = differing(settings, saved)
    for setting, value in found.items():
        settings.set(setting, value)
    return len(found)


def _moves(setting: Setting[Any]) -> bool:
    return (
        setting.group not in _STAY
        and setting.key not in _OF_HERE
        and setting.kind in (Kind.CHOICE, Kind.NUMBER)
    )
