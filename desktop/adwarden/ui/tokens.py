"""The look as data: every colour and measure, light and dark, and what they guarantee.

Nothing here draws; the theme, the icons and the badges read from it.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from adwarden.domain.data import dataclass

RADIUS = 6
ROW = 32
ROW_COMPACT = 26
ICON = 16
CONTROL = 32
"""Pixels: the grid, corner radius, tree rows, icons and the height of buttons and fields."""


@dataclass(frozen=True, slots=True)
class BadgeColours:
    """One badge style; an empty ``fill`` or ``outline`` is not drawn."""

    text: str
    fill: str = ""
    outline: str = ""
    dashed: bool = False


@dataclass(frozen=True, slots=True)
class Palette:
    """All colours of one appearance, as ``#rrggbb``.

    ``accent`` is for text, lines and rings; ``accent_fill`` for areas under ``on_accent``.
    The ``*_tint`` and ``*_line`` colours are the ground and border of banners and fields that
    carry a state. ``focus`` is the ring around what has the keyboard.
    """

    name: str
    window: str
    pane: str
    line: str
    line_strong: str
    text: str
    dim: str
    disabled: str
    accent: str
    accent_fill: str
    accent_hover: str
    accent_pressed: str
    on_accent: str
    focus: str
    focus_on_accent: str
    selection: str
    hover: str
    pressed: str
    match: str
    ok: str
    bad: str
    warn: str
    ok_tint: str
    bad_tint: str
    warn_tint: str
    info_tint: str
    ok_line: str
    bad_line: str
    warn_line: str
    info_line: str
    placeholder: str
    badges: Mapping[str, BadgeColours]
    avatars: tuple[str, ...]
    """Grounds for white initials."""

    @property
    def dark(self) -> bool:
        """Whether this is a dark appearance."""
        return luminance(self.window) < 0.2


def luminance(colour: str) -> float:
    """Return the relative luminance of ``#rrggbb`` by WCAG 2, from 0 (black) to 1 (white)."""

    def channel(text: str) -> float:
        value = int(text, 16) / 255
        return value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4

    red, green, blue = (channel(colour[at : at + 2]) for at in (1, 3, 5))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(first: str, second: str) -> float:
    """Return the contrast of two colours by WCAG 2, from 1 to 21; text needs 4.5."""
    low, high = sorted((luminance(first), luminance(second)))
    return (high + 0.05) / (low + 0.05)


_AVATARS = (
    "#6d3fc4", "#b42318", "#0e7490", "#475569", "#9a5b00", "#166534",
    "#1d4ed8", "#9d174d", "#4d5b12", "#7c2d12", "#0f766e", "#6b21a8",
)  # fmt: skip

LIGHT = Palette(
    name="light",
    window="#f6f7f9",
    pane="#ffffff",
    line="#e2e5ea",
    line_strong="#c5cad3",
    text="#1b1f27",
    dim="#5b6472",
    disabled="#98a2b3",
    accent="#3552d6",
    accent_fill="#3552d6",
    accent_hover="#2c47c0",
    accent_pressed="#253ca6",
    on_accent="#ffffff",
    focus="#3552d6",
    focus_on_accent="#1b1f27",
    selection="#e9edff",
    hover="#f0f2f6",
    pressed="#e6e9ef",
    match="#ffe58a",
    ok="#157347",
    bad="#b42318",
    warn="#8a5a00",
    ok_tint="#e8f5ee",
    bad_tint="#fbeceb",
    warn_tint="#fdf3de",
    info_tint="#eef1ff",
    ok_line="#a9d8c0",
    bad_line="#e5aaa5",
    warn_line="#e3c68c",
    info_line="#bcc8f7",
    placeholder="#e9ebf0",
    badges=MappingProxyType(
        {
            "admin": BadgeColours("#5b21b6", fill="#ede7ff"),
            "ad_manager": BadgeColours("#1746b8", fill="#e0edff"),
            "creative": BadgeColours("#9d174d", fill="#fde8f3"),
            "campaign_analyst": BadgeColours("#146138", fill="#e2f5e8"),
            "organic_analyst": BadgeColours("#115e59", fill="#dff4f2"),
            "partner": BadgeColours("#7c4a03", fill="#fdf0d5"),
            "posts": BadgeColours("#5b6472", outline="#c5cad3"),
            "unknown": BadgeColours("#5b6472", outline="#98a2b3", dashed=True),
            "filled": BadgeColours("#1b1f27", fill="#eceef2"),
            "outlined": BadgeColours("#5b6472", outline="#c5cad3"),
            "warn": BadgeColours("#7a4f00", fill="#f6ead2"),
            "bad": BadgeColours("#a01e14", fill="#fbe3e1"),
        }
    ),
    avatars=_AVATARS,
)

DARK = Palette(
    name="dark",
    window="#16181d",
    pane="#1d2026",
    line="#2c313a",
    line_strong="#48505d",
    text="#e6e9ef",
    dim="#9aa4b2",
    disabled="#667080",
    accent="#8ea2ff",
    accent_fill="#3552d6",
    accent_hover="#4562e6",
    accent_pressed="#2c47c0",
    on_accent="#ffffff",
    focus="#8ea2ff",
    focus_on_accent="#c9d3ff",
    selection="#262d4d",
    hover="#252932",
    pressed="#2c313a",
    match="#6b5510",
    ok="#5bd08d",
    bad="#ff8a80",
    warn="#f0c063",
    ok_tint="#182a22",
    bad_tint="#2d1f21",
    warn_tint="#2d2718",
    info_tint="#1f2440",
    ok_line="#2f6b4b",
    bad_line="#7a3f3c",
    warn_line="#6e5a2c",
    info_line="#3c4a8c",
    placeholder="#2a2f38",
    badges=MappingProxyType(
        {
            "admin": BadgeColours("#d9ccff", fill="#3b2a66"),
            "ad_manager": BadgeColours("#bcd3ff", fill="#1f3565"),
            "creative": BadgeColours("#ffc4e1", fill="#57213f"),
            "campaign_analyst": BadgeColours("#b6efcb", fill="#1b4630"),
            "organic_analyst": BadgeColours("#aeeee8", fill="#15474a"),
            "partner": BadgeColours("#fbdc9a", fill="#4d3710"),
            "posts": BadgeColours("#9aa4b2", outline="#48505d"),
            "unknown": BadgeColours("#9aa4b2", outline="#98a2b3", dashed=True),
            "filled": BadgeColours("#e6e9ef", fill="#2f343e"),
            "outlined": BadgeColours("#9aa4b2", outline="#48505d"),
            "warn": BadgeColours("#f0c063", fill="#403722"),
            "bad": BadgeColours("#ffb3ac", fill="#4a2523"),
        }
    ),
    avatars=_AVATARS,
)
