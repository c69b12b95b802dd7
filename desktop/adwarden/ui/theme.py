"""Light and dark, following the system live: Fusion, a ``QPalette`` and one style sheet.

Widgets say what they are by dynamic properties (``primary``, ``flat``, ``role``); the colours
and measures are in the tokens.
"""

from __future__ import annotations

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QColor, QFont, QFontInfo, QPalette
from PySide6.QtWidgets import QApplication, QToolTip, QWidget

from adwarden.ui.stylesheet import stylesheet
from adwarden.ui.tokens import DARK, LIGHT, Palette

MODES = ("system", "light", "dark")
_BODY = 13


class Theme(QObject):
    """Dresses one application; ``changed`` comes after the new colours are in force.

    With ``starting`` the application has been started with Fusion, and the style sheet waits for
    ``put_sheet``: every widget that is moved into another while there is one is matched against
    it anew, with all that is in it.
    """

    changed = Signal()

    def __init__(self, app: QApplication, mode: str = "system", *, starting: bool = False) -> None:
        super().__init__(app)
        self._app = app
        self._mode = "system"
        self._sheet = not starting
        self._palette: Palette | None = None
        if not starting:
            app.setStyle("Fusion")
        self._font = _body_font(app.font())
        app.setFont(self._font)
        app.styleHints().colorSchemeChanged.connect(self._follow)
        self.set_mode(mode)

    @property
    def mode(self) -> str:
        """``system``, ``light`` or ``dark``, as it was set."""
        return self._mode

    @property
    def palette(self) -> Palette:
        """The tokens in force."""
        return self._palette or LIGHT

    @property
    def dark(self) -> bool:
        """Whether the dark tokens are in force."""
        return self.palette is DARK

    def set_mode(self, mode: str) -> None:
        """Switch at once; an unknown mode counts as ``system``."""
        self._mode = mode if mode in MODES else "system"
        hints = self._app.styleHints()
        # The native parts, such as the title bar, follow what Qt is told here.
        if self._mode == "system":
            hints.unsetColorScheme()
        else:
            dark = self._mode == "dark"
            hints.setColorScheme(Qt.ColorScheme.Dark if dark else Qt.ColorScheme.Light)
        self._follow(hints.colorScheme())

    def put_sheet(self) -> None:
        """Put the style sheet on, over the widgets that have been made by now."""
        self._sheet = True
        self._app.setStyleSheet(stylesheet(self.palette, self._font.pixelSize()))

    def font(self, role: str = "body") -> QFont:
        """Return the font of a role: ``body``, ``strong``, ``caption``, ``heading``, ``title``.

        Ids and counts line up because all of them ask for tabular figures.
        """
        font = QFont(self._font)
        size = self._font.pixelSize()
        if role in ("caption", "heading"):
            font.setPixelSize(size - 2)
        elif role == "title":
            font.setPixelSize(size + 3)
        if role in ("strong", "heading", "title"):
            font.setWeight(QFont.Weight.DemiBold)
        return font

    def _follow(self, scheme: Qt.ColorScheme) -> None:
        dark = scheme == Qt.ColorScheme.Dark if self._mode == "system" else self._mode == "dark"
        palette = DARK if dark else LIGHT
        if palette is self._palette:
            return
        self._palette = palette
        colours = qt_palette(palette)
        self._app.setPalette(colours)
        QToolTip.setPalette(colours)
        if self._sheet:
            self.put_sheet()
        self.changed.emit()


def restyle(widget: QWidget) -> None:
    """Make the style sheet look again after a dynamic property of ``widget`` has changed."""
    style = widget.style()
    style.unpolish(widget)
    style.polish(widget)
    widget.update()


def qt_palette(tokens: Palette) -> QPalette:
    """Return the tokens as Qt's own palette, for everything that the style sheet leaves alone."""
    role = QPalette.ColorRole
    palette = QPalette()
    for which, colour in (
        (role.Window, tokens.window),
        (role.WindowText, tokens.text),
        (role.Base, tokens.pane),
        (role.AlternateBase, tokens.window),
        (role.Text, tokens.text),
        (role.PlaceholderText, tokens.dim),
        (role.Button, tokens.pane),
        (role.ButtonText, tokens.text),
        (role.BrightText, tokens.on_accent),
        (role.ToolTipBase, tokens.pane),
        (role.ToolTipText, tokens.text),
        (role.Highlight, tokens.accent_fill),
        (role.HighlightedText, tokens.on_accent),
        (role.Accent, tokens.accent_fill),
        (role.Link, tokens.accent),
        (role.LinkVisited, tokens.accent),
        (role.Light, tokens.pane),
        (role.Midlight, tokens.hover),
        (role.Mid, tokens.line_strong),
        (role.Dark, tokens.line_strong),
        (role.Shadow, tokens.line_strong),
    ):
        palette.setColor(which, QColor(colour))
    disabled = QPalette.ColorGroup.Disabled
    for which in (role.WindowText, role.Text, role.ButtonText, role.PlaceholderText):
        palette.setColor(disabled, which, QColor(tokens.disabled))
    palette.setColor(disabled, role.Highlight, QColor(tokens.line))
    palette.setColor(disabled, role.HighlightedText, QColor(tokens.disabled))
    return palette


def _body_font(system: QFont) -> QFont:
    # A person who asked the system for larger type gets it here too.
    font = QFont(system)
    font.setPixelSize(max(_BODY, QFontInfo(system).pixelSize()))
    font.setFeature(QFont.Tag("tnum"), 1)
    return font
