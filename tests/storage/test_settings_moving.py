"""Which settings go along in a backup, and which of them come into effect again."""

from __future__ import annotations

from pathlib import Path

from adwarden.storage.settings import (
    API_URL,
    CLIPBOARD_SECONDS,
    REVEAL,
    TABLE,
    THEME,
    VAULT_FILE,
    VAULT_PLACE,
    WINDOW_GEOMETRY,
    Settings,
)
from adwarden.storage.settings_moving import adopt, differing, portable


def test_what_a_person_has_set_goes_along(tmp_path: Path) -> None:
    settings = Settings(tmp_path / "settings.ini")
    assert portable(settings) == {}
    settings.set(THEME, "dark")
    settings.set(CLIPBOARD_SECONDS, 60)
    settings.set(WINDOW_GEOMETRY, "AAAA")
    settings.set(API_URL, "https://api.example.com")
    settings.set(VAULT_PLACE, "memory")
    settings.set(VAULT_FILE, "/home/jo/team.kdbx")
    assert portable(settings) == {"theme": "dark", "clipboard_seconds": "60"}
    other = Settings(tmp_path / "other.ini")
    assert adopt(other, portable(settings)) == 2
    assert (other.get(THEME), other.get(CLIPBOARD_SECONDS)) == ("dark", 60)
    assert differing(other, portable(settings)) == {}


def test_nothing_in_a_backup_leads_elsewhere_or_breaks_anything(tmp_path: Path) -> None:
    settings = Settings(tmp_path / "settings.ini")
    before = {setting.key: settings.get(setting) for setting in TABLE}
    saved = {
        API_URL.key: "https://evil.example",
        "ads_url": "https://evil.example",
        VAULT_FILE.key: "/tmp/evil.kdbx",
        VAULT_PLACE.key: "memory",
        THEME.key: "no such theme",
        CLIPBOARD_SECONDS.key: "a minute",
        REVEAL.key: "",
        "unknown": "value",
    }
    assert differing(settings, saved) == {}
    assert adopt(settings, saved) == 0
    assert {setting.key: settings.get(setting) for setting in TABLE} == before
