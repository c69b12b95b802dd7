"""What the centre shows while there is no tree: the first steps, each with its button."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QHBoxLayout, QScrollArea, QVBoxLayout, QWidget

from adwarden.domain.data import dataclass
from adwarden.ui.icons import Icons
from adwarden.ui.parts import Mark, Text, make_button

ALONE = 375
"""Pixels that a card without others beside it has at most."""


@dataclass(frozen=True, slots=True)
class Step:
    """One card: what can be done and its button. ``name`` tells the button from its namesakes."""

    icon: str
    title: str
    words: str
    button: str
    name: str
    run: Callable[[], None]
    primary: bool = False


class StepsPage(QScrollArea):
    """A heading, a sentence and cards side by side, in the middle of the room there is."""

    def __init__(
        self,
        title: str,
        words: str,
        steps: tuple[Step, ...],
        icons: Icons,
        *,
        below: QWidget | None = None,
    ) -> None:
        super().__init__()
        self.setAccessibleName(title)
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        page = QWidget()
        page.setProperty("pane", True)
        outer = QHBoxLayout(page)
        outer.setContentsMargins(24, 24, 24, 24)
        outer.addStretch(1)
        middle = QWidget()
        middle.setMaximumWidth(764)
        column = QVBoxLayout(middle)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addStretch(1)
        column.addWidget(Text(title, role="display", wraps=True))
        column.addWidget(Text(words, role="dim", wraps=True))
        column.addSpacing(12)
        row = QHBoxLayout()
        row.setSpacing(14)
        for step in steps:
            card = _card(step, icons)
            if len(steps) == 1:
                card.setMaximumWidth(ALONE)
            row.addWidget(card, 1000)
        if len(steps) == 1:
            row.addStretch(1)
        column.addLayout(row)
        if below is not None:
            column.addWidget(below)
        column.addStretch(1)
        outer.addWidget(middle, 100)
        outer.addStretch(1)
        self.setWidget(page)


def _card(step: Step, icons: Icons) -> QWidget:
    card = QFrame()
    card.setProperty("card", True)
    column = QVBoxLayout(card)
    column.setContentsMargins(18, 18, 18, 18)
    column.setSpacing(6)
    column.addWidget(Mark(icons, step.icon, "accent", 24))
    column.addSpacing(8)
    column.addWidget(Text(step.title, role="strong", wraps=True))
    column.addWidget(Text(step.words, role="dim", wraps=True))
    column.addStretch(1)
    column.addSpacing(8)
    button = make_button(step.button, primary=step.primary, name=step.name)
    button.clicked.connect(step.run)
    column.addWidget(button, 0, Qt.AlignmentFlag.AlignLeft)
    return card


def welcome_page(
    icons: Icons,
    add_app: Callable[[], None],
    practice: Callable[[], None] | None,
    restore: Callable[[], None] | None = None,
    take_in: Callable[[], None] | None = None,
    *,
    in_practice: bool = False,
) -> StepsPage:
    """Return the page for somebody who has no X app here yet."""
    if in_practice:
        return _practice_page(icons, add_app)
    steps = [
        Step(
            "key-round",
            "Add my X app",
            "API key and secret from the developer console. The next page says where to find "
            "them and what to set there.",
            "Add X app",
            "Add my X app",
            add_app,
            primary=True,
        )
    ]
    if practice is not None:
        steps.append(
            Step(
                "play",
                "Try the practice server",
                "The whole journey on this computer: authorize, PIN, tree. No X app needed, "
                "nothing leaves the machine.",
                "Practice",
                "Try the practice server",
                practice,
            )
        )
    if restore is not None:
        steps.append(
            Step(
                "upload",
                "Bring in a backup",
                "Apps and connections from another computer, or from before. You see what is in "
                "it first.",
                "Restore …",
                "Bring in a backup",
                restore,
            )
        )
    return StepsPage(
        "Who let you in, and what may you do there?",
        "Adwarden keeps the tokens of your ads-API connections in the system keychain, or in "
        "another place of your choice, and shows what each of them opens.",
        tuple(steps),
        icons,
        below=_tools_line(icons, take_in) if take_in is not None else None,
    )


def _tools_line(icons: Icons, take_in: Callable[[], None]) -> QWidget:
    """Return the way in for tokens that lie about in files already."""
    part = QWidget()
    row = QHBoxLayout(part)
    row.setContentsMargins(18, 8, 0, 0)
    row.setSpacing(12)
    row.addWidget(Mark(icons, "key", "accent", 18))
    words = "Do you have tokens in a .twurlrc, an .env or another tool’s file? Drop it here."
    row.addWidget(Text(words, role="dim", wraps=True), 1)
    button = make_button("Bring in tokens …", name="Bring in tokens")
    button.clicked.connect(take_in)
    row.addWidget(button)
    return part


def _practice_page(icons: Icons, add_app: Callable[[], None]) -> StepsPage:
    return StepsPage(
        "Try the whole journey",
        "Add the practice app, have a made-up user authorize it, and see what that opens. It "
        "takes a minute and goes just as it does with X.",
        (
            Step(
                "key-round",
                "First, the practice app",
                "You need no keys: in the dialog, press Fill in the practice app’s keys, then "
                "Save. They are kept as real ones are, in an entry that says practice.",
                "Add X app",
                "Add the practice app",
                add_app,
                primary=True,
            ),
        ),
        icons,
    )


def first_connection_page(
    icons: Icons, connect: Callable[[], None], *, in_practice: bool = False
) -> StepsPage:
    """Return the page for somebody who has an X app and no connection yet."""
    words = (
        "A page like X’s opens. Choose any of the users there, no password is needed, and "
        "authorize the app: the PIN is picked up, and the ad accounts appear here."
        if in_practice
        else "X’s own page opens. The user signs in there and authorizes, X shows a PIN, and "
        "the ad accounts appear here. Not your screen? Send the link and ask for the PIN."
    )
    return StepsPage(
        "Now connect an account",
        "The next step is a user who authorizes an X app of yours."
        if in_practice
        else "The next step is a user of X who authorizes an X app of yours: you, or an advertiser "
        "whose ad accounts you work on.",
        (
            Step(
                "key-round",
                "Connect the first account",
                words,
                "Connect account",
                "Connect the first account",
                connect,
                primary=True,
            ),
        ),
        icons,
    )
