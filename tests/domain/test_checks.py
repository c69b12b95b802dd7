from __future__ import annotations

import pytest

from adwarden.domain.checks import WORDS, Finding, Way, found, working
from adwarden.domain.errors import AdwardenError, ErrorCode
from adwarden.domain.model import AppAccess, Connection, XApp
from adwarden.ui.check_dialog import _BUTTONS, _PAGES

APP = XApp("a", "x", "Agency app", AppAccess.STANDARD, "e", 0.0)
ONE = Connection("c", "a", "1", "ann", "e", 0.0)


@pytest.mark.parametrize("code", ErrorCode)
def test_every_error_has_a_finding_with_words_and_a_button(code: ErrorCode) -> None:
    result = found(ONE, APP, AdwardenError(code, "What happened", "Why.", "What to do."))
    assert result.trouble
    assert not result.works
    assert WORDS[result.finding] in result.text
    assert "Why. What to do." in result.text
    assert result.way is not Way.NONE
    assert bool(result.page) == (result.way is Way.PAGE)
    assert result.page.startswith("https://") or not result.page
    assert _PAGES[result.finding] if result.page else _BUTTONS[result.way]


def test_every_finding_has_words_of_its_own() -> None:
    assert len(set(WORDS.values())) == len(Finding)


@pytest.mark.parametrize(
    ("level", "access", "unenrolled", "finding"),
    [
        ("read-write", AppAccess.STANDARD, False, Finding.WORKING),
        ("", AppAccess.STANDARD, False, Finding.WORKING),
        ("read", AppAccess.STANDARD, False, Finding.READ_ONLY),
        ("read-write", AppAccess.LEGACY_ANALYTICS, False, Finding.READ_ONLY),
        ("read-write", AppAccess.STANDARD, True, Finding.NOT_ENROLLED),
    ],
)
def test_what_works_may_still_need_somebody(
    level: str, access: AppAccess, unenrolled: bool, finding: Finding
) -> None:
    app = XApp("a", "x", "Agency app", access, "e", 0.0)
    result = working(ONE, app, level=level, unenrolled=unenrolled)
    assert result.finding is finding
    assert result.works
    assert result.trouble == (finding is not Finding.WORKING)
    assert bool(result.remedy) == result.trouble
