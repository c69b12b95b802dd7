"""What stands beside a form: where keys and tokens are, and what X wants set."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QScrollArea, QVBoxLayout, QWidget

from adwarden.domain.model import KEYCHAIN, MEMORY
from adwarden.ui.parts import Text
from adwarden.ui.phrases import PLACE_NAMES

_HELP = (
    ("Where the keys are", "console.x.com › your app › Keys and tokens. The console shows the "
     "secret only once, and may call it Secret Key: regenerate it if it was not kept."),
    ("Set a callback URL", "X refuses to authorize an app without one, even with a PIN. In the "
     "app’s settings under User authentication, any https address of yours will do."),
    ("Ads API approval", "The app must be approved once: docs.x.com/forms/ads-api-access. Users "
     "who authorized before the approval have to authorize again after it."),
)  # fmt: skip

_PRACTICE = (
    ("This is practice", "The practice server has an app that is ready to use. Its keys are "
     "public and open nothing but the practice server."),
    ("With an app of your own", "You would copy the keys from console.x.com, set a callback URL "
     "there, and have the app approved for the Ads API. None of that is needed here."),
)  # fmt: skip


_TOKEN = (
    ("Where the token is", "console.x.com › your app › Keys and tokens › Access token and secret. "
     "It is always that of the app’s owner, and is shown only once."),
    ("Both at once", "Copy the two together if you like: they are told apart by their shape."),
    ("Other users", "Nobody else’s token is in the console: have them authorize with "
     "Connect account."),
    ("What happens", "X is asked once whose token it is. Then it is kept like any other."),
)  # fmt: skip


def app_help(*, practice: bool, place: str = KEYCHAIN) -> QWidget:
    """Return what stands beside ``Add X app``; ``place`` is where the keys will be kept."""
    if place == MEMORY:
        kept = "Into memory only: they are gone when Adwarden quits."
    elif practice:
        kept = f"Into {PLACE_NAMES[place]}, in an entry that says practice."
    else:
        kept = f"Into {PLACE_NAMES[place]} and nowhere else."
    return _pane((*(_PRACTICE if practice else _HELP), ("Where they go", kept)))


def token_help() -> QWidget:
    """Return what stands beside ``Add token``."""
    return _pane(_TOKEN)


def _pane(help_of: tuple[tuple[str, str], ...]) -> QWidget:
    """Return the pane on the right of a dialog; it scrolls where the screen is low."""
    pane = QFrame()
    pane.setProperty("side", True)
    column = QVBoxLayout(pane)
    column.setContentsMargins(20, 24, 20, 20)
    column.setSpacing(4)
    for title, words in help_of:
        column.addWidget(Text(title, role="strong"))
        column.addWidget(Text(words, role="dim", wraps=True, selectable=True))
        column.addSpacing(10)
    column.addStretch(1)
    scroll = QScrollArea()
    scroll.setProperty("side", True)
    scroll.setAccessibleName("Help")
    scroll.setWidget(pane)
    scroll.setWidgetResizable(True)
    scroll.setFrameShape(QFrame.Shape.NoFrame)
    scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    scroll.setFixedWidth(264)
    return scroll
