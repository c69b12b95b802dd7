from __future__ import annotations

import pytest

from adwarden.domain.checks import (
    WORDS,
    Finding,
    Way,
    accepted,
    finding_of,
    found,
    ways_of,
    working,
)
from adwarden.domain.errors import AdwardenError, ErrorCode, KeychainError
from adwarden.domain.model import AppAccess, Connection, XApp
from adwarden.ui.check_dialog import MOST_WAYS

APP = XApp("a", "x", "Agency app", AppAccess.STANDARD, "e", 0.0)
ONE = Connection("c", "a", "1", "ann", "e", 0.0)


@pytest.mark.parametrize("code", ErrorCode)
@pytest.mark.parametrize("connection", [ONE, None])
def test_every_error_has_a_finding_with_words_and_a_button(
    code: ErrorCode, connection: Connection | None
) -> None:
    result = found(connection, APP, AdwardenError(code, "What happened", "Why.", "What to do."))
    assert result.trouble
    assert WORDS[result.finding] in result.text
    assert "Why. What to do." in result.text
    # A result about keys alone offers no user to authorize again.
    assert result.ways or (connection is None and ways_of(result.finding) == (Way.RECONNECT,))
    assert len(result.ways) <= MOST_WAYS
    assert result.id == ("c" if connection else "a")


def test_the_pages_are_x_s_own_and_every_other_way_does_something_here() -> None:
    pages = {way: way.page for way in Way if way.page}
    assert set(pages) == {Way.CONSOLE, Way.ADS_FORM, Way.OPEN_X}
    assert all(page.startswith("https://") for page in pages.values())


def ways(error: AdwardenError) -> tuple[Way, ...]:
    return ways_of(finding_of(error))


def failure(code: ErrorCode) -> AdwardenError:
    return AdwardenError(code, "What happened", "Why.")


@pytest.mark.parametrize("code", ErrorCode)
def test_only_what_is_locked_is_to_be_unlocked(code: ErrorCode) -> None:
    locked = code in (ErrorCode.KEYCHAIN_LOCKED, ErrorCode.KEYCHAIN_DISMISSED)
    assert (Way.UNLOCK in ways(failure(code))) == locked


@pytest.mark.parametrize(
    "code",
    [
        ErrorCode.KEYCHAIN_MISSING,
        ErrorCode.KEYCHAIN_FAILED,
        ErrorCode.KEYCHAIN_TIMEOUT,
        ErrorCode.FILE_DAMAGED,
        ErrorCode.FILE_UNSUPPORTED,
        ErrorCode.FILE_CHANGED,
        ErrorCode.WRONG_PASSWORD,
    ],
)
def test_a_place_in_trouble_leads_to_the_places(code: ErrorCode) -> None:
    assert ways(failure(code)) == (Way.PLACES, Way.AGAIN)


def test_what_x_has_to_grant_leads_to_its_form_and_a_permission_to_the_console() -> None:
    assert ways(failure(ErrorCode.APP_NOT_APPROVED)) == (Way.ADS_FORM,)
    assert ways(failure(ErrorCode.ADS_READ_ONLY)) == (Way.ADS_FORM,)
    assert ways(failure(ErrorCode.APP_READ_ONLY)) == (Way.CONSOLE, Way.RECONNECT)
    analytics = XApp("a", "x", "Agency app", AppAccess.LEGACY_ANALYTICS, "e", 0.0)
    assert working(ONE, analytics, level="read").ways == (Way.ADS_FORM,)


def test_keys_that_are_gone_are_not_keys_that_x_refused() -> None:
    gone = KeychainError(ErrorCode.APP_KEYS, "The keys are gone", "Removed.")
    assert finding_of(gone) is Finding.NO_KEYS
    assert finding_of(failure(ErrorCode.APP_KEYS)) is Finding.WRONG_KEYS
    assert ways(gone)[0] is ways(failure(ErrorCode.APP_KEYS))[0] is Way.KEYS


def test_a_callback_that_is_missing_means_that_the_keys_are_right() -> None:
    result = found(None, APP, failure(ErrorCode.CALLBACK))
    assert result.works
    assert result.trouble
    assert result.message == "X accepts the keys. Why."
    assert not accepted(APP).trouble
    assert "API key and secret" in accepted(APP).text


def test_every_finding_has_words_of_its_own() -> None:
    assert len(set(WORDS.values())) == len(Finding)


@pytest.mark.parametrize(
    ("level", "access", "unenrolled", "finding"),
    [
        ("read-write", AppAccess.STANDARD, False, Finding.WORKING),
        ("", AppAccess.STANDARD, False, Finding.WORKING),
        ("read", AppAccess.STANDARD, False, Finding.READ_ONLY),
        ("read-write", AppAccess.LEGACY_ANALYTICS, False, Finding.APP_READ_ONLY),
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
