from __future__ import annotations

import dataclasses
import re

import pytest
from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QColor, QIcon, QImage
from PySide6.QtWidgets import QApplication, QPushButton
from pytestqt.qtbot import QtBot

from adwarden.ui.assets import resource_dir
from adwarden.ui.icons import Icons
from adwarden.ui.stylesheet import stylesheet
from adwarden.ui.theme import Theme
from adwarden.ui.tokens import DARK, LIGHT, Palette, contrast, luminance

BOTH = pytest.mark.parametrize("palette", [LIGHT, DARK], ids=lambda palette: palette.name)


@pytest.fixture
def theme(qapp: QApplication) -> Theme:
    return Theme(qapp, "light")


def test_contrast_by_the_rules_own_examples() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)
    assert luminance("#ff0000") == pytest.approx(0.2126)


@BOTH
@pytest.mark.parametrize("ground", ["window", "pane", "selection", "hover"])
@pytest.mark.parametrize("words", ["text", "dim", "accent", "ok", "bad", "warn"])
def test_words_are_legible_on_every_ground(palette: Palette, words: str, ground: str) -> None:
    assert contrast(getattr(palette, words), getattr(palette, ground)) >= 4.5


@BOTH
@pytest.mark.parametrize("state", ["ok", "bad", "warn", "info"])
def test_banners_are_legible(palette: Palette, state: str) -> None:
    tint = getattr(palette, f"{state}_tint")
    words = palette.accent if state == "info" else getattr(palette, state)
    for colour in (palette.text, palette.dim, words):
        assert contrast(colour, tint) >= 4.5


@BOTH
def test_accented_areas_and_found_text_are_legible(palette: Palette) -> None:
    for ground in (palette.accent_fill, palette.accent_hover, palette.accent_pressed):
        assert contrast(palette.on_accent, ground) >= 4.5
    assert contrast(palette.text, palette.match) >= 4.5
    for ground in palette.avatars:
        assert contrast("#ffffff", ground) >= 4.5


@BOTH
@pytest.mark.parametrize("ground", ["window", "pane"])
def test_the_ring_of_the_keyboard_stands_out(palette: Palette, ground: str) -> None:
    assert contrast(palette.focus, getattr(palette, ground)) >= 3


@BOTH
def test_every_token_is_a_colour(palette: Palette) -> None:
    for field in dataclasses.fields(palette):
        value = getattr(palette, field.name)
        if isinstance(value, str) and field.name != "name":
            assert re.fullmatch(r"#[0-9a-f]{6}", value), field.name


@BOTH
def test_the_style_sheet_is_whole_and_its_pictures_exist(palette: Palette) -> None:
    sheet = stylesheet(palette, 13)
    assert sheet.count("{") == sheet.count("}")
    pictures = re.findall(r'url\("([^"]+)"\)', sheet)
    assert pictures
    for picture in pictures:
        assert not QImage(picture).isNull()


def test_switching_tells_everybody_and_dresses_the_application(
    theme: Theme, qapp: QApplication, qtbot: QtBot
) -> None:
    assert not theme.dark
    with qtbot.waitSignal(theme.changed):
        theme.set_mode("dark")
    assert theme.dark
    assert theme.palette is DARK
    assert qapp.palette().window().color() == QColor(DARK.window)
    assert DARK.accent_fill in qapp.styleSheet()
    with qtbot.assertNotEmitted(theme.changed):
        theme.set_mode("dark")


def test_system_follows_what_the_system_says(theme: Theme, qapp: QApplication) -> None:
    theme.set_mode("system")
    hints = qapp.styleHints()
    hints.colorSchemeChanged.emit(Qt.ColorScheme.Dark)
    assert theme.dark
    hints.colorSchemeChanged.emit(Qt.ColorScheme.Light)
    assert not theme.dark
    theme.set_mode("light")
    hints.colorSchemeChanged.emit(Qt.ColorScheme.Dark)
    assert not theme.dark
    theme.set_mode("system")
    assert theme.mode == "system"
    assert theme.palette in (LIGHT, DARK)
    theme.set_mode("no such mode")
    assert theme.mode == "system"


def test_a_primary_button_wears_the_accent(theme: Theme, qtbot: QtBot) -> None:
    button = QPushButton("")
    button.setProperty("primary", True)
    qtbot.addWidget(button)
    button.resize(80, 32)
    button.show()
    assert button.grab().toImage().pixelColor(40, 16) == QColor(LIGHT.accent_fill)


def colours(image: QImage) -> set[str]:
    found = set()
    for x in range(image.width()):
        for y in range(image.height()):
            colour = image.pixelColor(x, y)
            if colour.alpha() == 255:
                found.add(colour.name())
    return found


def test_icons_are_drawn_in_the_themes_colour_and_follow_it(theme: Theme) -> None:
    icons = Icons(theme)
    icon = icons.icon("check")
    assert colours(icon.pixmap(QSize(64, 64)).toImage()) == {LIGHT.text}
    theme.set_mode("dark")
    assert colours(icon.pixmap(QSize(64, 64)).toImage()) == {DARK.text}
    grey = icon.pixmap(QSize(64, 64), QIcon.Mode.Disabled)
    assert colours(grey.toImage()) == {DARK.disabled}


@pytest.mark.parametrize("dpr", [1.0, 1.25, 2.0, 3.0])
def test_pixmaps_have_the_pixels_of_their_screen(theme: Theme, dpr: float) -> None:
    pixmap = Icons(theme).pixmap("key", 16, "bad", dpr)
    assert pixmap.width() == round(16 * dpr)
    assert pixmap.deviceIndependentSize().width() == pytest.approx(16, abs=0.5)


def test_an_unknown_icon_is_an_error_at_once(theme: Theme) -> None:
    with pytest.raises(FileNotFoundError):
        Icons(theme).icon("no-such-icon")


def test_every_icon_of_the_set_draws_something(theme: Theme) -> None:
    icons = Icons(theme)
    names = sorted(path.stem for path in resource_dir("icons").glob("*.svg"))
    assert "adwarden" in names
    for name in names:
        image = icons.pixmap(name, 24, "text", 1.0).toImage()
        drawn = any(image.pixelColor(x, y).alpha() for x in range(24) for y in range(24))
        assert drawn, name
