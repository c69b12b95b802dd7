"""The three plain steps of the authorization dialog, with the field for the PIN."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QFont
from PySide6.QtWidgets import QGridLayout, QLineEdit, QVBoxLayout, QWidget

from adwarden.domain.pin import PinFault, read_pin
from adwarden.ui.authorize_parts import StepMark, Words, announce
from adwarden.ui.icons import Icons
from adwarden.ui.theme import Theme, restyle

LONGEST_INPUT = 256
"""Characters that the field takes: a PIN with all that may be copied along with it."""

_PICKED_UP = "Picked up by itself, or type what X shows."
_TYPED = "Type the number that X shows."
_PIN_STEP = 2
_SPACING = 9.0
_TALL = "QLineEdit { min-height: 42px; } QLineEdit:focus { min-height: 40px; }"


class Step(QWidget):
    """A number, a title, a few words, and room for a control below them."""

    def __init__(self, icons: Icons, theme: Theme, number: int, title: str, words: str) -> None:
        super().__init__()
        self.setAccessibleName(f"Step {number}: {title}")
        self._mark = StepMark(icons, theme, number)
        self._words = Words(words, "caption")
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(10)
        grid.setVerticalSpacing(2)
        grid.setColumnStretch(1, 1)
        grid.addWidget(self._mark, 0, 0, Qt.AlignmentFlag.AlignTop)
        grid.addWidget(Words(title, "strong"), 0, 1)
        grid.addWidget(self._words, 1, 1)
        self._grid = grid

    def add(self, control: QWidget) -> None:
        """Put a control below the words."""
        self._grid.setRowMinimumHeight(self._grid.rowCount(), 4)
        self._grid.addWidget(control, self._grid.rowCount(), 1)

    def say(self, words: str, role: str = "caption") -> None:
        """Change the words."""
        self._words.say(words, role)

    def set_state(self, state: str) -> None:
        """Set ``later``, ``now`` or ``done``."""
        self._mark.set_state(state)


class Steps(QWidget):
    """Sign in, PIN, keep it; ``edited`` and ``submitted`` tell what happens in the PIN field."""

    edited = Signal()
    submitted = Signal()

    def __init__(self, icons: Icons, theme: Theme, *, embedded: bool, keychain_name: str) -> None:
        super().__init__()
        self._usual = _PICKED_UP if embedded else _TYPED
        self._outside = False
        self._first = Step(
            icons, theme, 1, "Sign in at X and authorize",
            "On X’s own page. Adwarden never reads the password. "
            "Not your screen? Send the link instead.",
        )  # fmt: skip
        self._second = Step(icons, theme, 2, "PIN", self._usual)
        self._third = Step(
            icons, theme, 3, "Keep it", f"The token goes to {keychain_name or 'the keychain'}."
        )
        self.pin = _pin_field(theme)
        self._fault = Words("", "error")
        self._fault.hide()
        self._second.add(self.pin)
        self._second.add(self._fault)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(18)
        for step in (self._first, self._second, self._third):
            column.addWidget(step)
        self.pin.textChanged.connect(self._check)
        self.pin.returnPressed.connect(self._submit)

    def digits(self) -> str:
        """Return the PIN in the field, or ``""`` while it is not one."""
        return read_pin(self.pin.text()).digits

    def show_pin(self, pin: str) -> None:
        """Fill in a PIN that was picked up, and say so."""
        self.pin.setText(pin)
        self._second.say("PIN picked up.", "ok")
        announce(self.pin, "PIN picked up.")

    def clear_pin(self) -> None:
        """Empty the field and say the usual words."""
        self._outside = False
        self.pin.clear()
        self._second.say(self._usual)

    def wait_outside(self, words: str) -> None:
        """Say that the PIN comes from somewhere else now."""
        self._outside = True
        self._second.say(words)

    def set_step(self, number: int) -> None:
        """Make ``number`` the step that is on; 4 means that all are done."""
        if number > _PIN_STEP and self._outside:
            self._outside = False
            self._second.say("PIN typed in.", "ok")
        for at, step in enumerate((self._first, self._second, self._third), start=1):
            step.set_state("done" if at < number else "now" if at == number else "later")

    def _check(self) -> None:
        fault = read_pin(self.pin.text()).fault
        # While somebody types, a PIN that is only too short is no mistake yet.
        unfinished = fault in (PinFault.EMPTY, PinFault.TOO_SHORT)
        self._say_fault(None if unfinished else fault)
        self.edited.emit()

    def _submit(self) -> None:
        fault = read_pin(self.pin.text()).fault
        self._say_fault(fault)
        if fault is None:
            self.submitted.emit()

    def _say_fault(self, fault: PinFault | None) -> None:
        words = fault.value if fault else ""
        if words and words != self._fault.text():
            announce(self.pin, words)
        self._fault.say(words)
        self._fault.setVisible(bool(words))
        self.pin.setAccessibleDescription(words)
        self.pin.setProperty("state", "bad" if fault else "")
        restyle(self.pin)


def _pin_field(theme: Theme) -> QLineEdit:
    field = QLineEdit()
    field.setAccessibleName("PIN")
    field.setPlaceholderText("– – – – – – –")
    field.setMaxLength(LONGEST_INPUT)
    field.setInputMethodHints(
        Qt.InputMethodHint.ImhPreferNumbers | Qt.InputMethodHint.ImhNoPredictiveText
    )
    font = theme.font("title")
    font.setLetterSpacing(QFont.SpacingType.AbsoluteSpacing, _SPACING)
    field.setFont(font)
    field.setStyleSheet(_TALL)
    return field
