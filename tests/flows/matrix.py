"""Everything that can break below Adwarden: what a person sees then, and which tests show it.

``python -m tests.flows.matrix`` prints the table that stands in SECURITY.md.
"""

from __future__ import annotations

from dataclasses import dataclass

STARTS = "flows/test_starts.py"
FAULTS = "flows/test_faults.py"
SERVICE = "storage/test_keychain_secret_service.py"
VAULT = "storage/test_vault.py"
ACCOUNTS = "services/test_accounts.py"
NETWORK = "providers/test_network_faults.py"
HTTP = "providers/test_http.py"
CODES = "providers/x/test_every_code.py"
FILE = "storage/test_keepass_place.py"
LOST = "services/test_lost_index.py"


@dataclass(frozen=True)
class Fault:
    """One thing that breaks. ``tests`` are "file::function"; ``codes`` are X's own.

    ``stand_in`` is why no real part could be made to do it. ``slow`` are functions of
    ``tests.slow_faults``, which show it in its true length.
    """

    part: str
    what: str
    outcome: str
    tests: tuple[str, ...]
    codes: tuple[str, ...] = ()
    stand_in: str = ""
    slow: tuple[str, ...] = ()


def _of(file: str, *names: str) -> tuple[str, ...]:
    return tuple(f"{file}::{name}" for name in names)


KEYCHAIN = (
    Fault(
        "Keychain",
        "missing",
        "The list is there; whatever needs a secret says what to start, and nothing is stored.",
        _of(STARTS, "test_without_any_keychain_adding_an_app_says_what_to_do")
        + _of(
            SERVICE,
            "test_no_session_bus",
            "test_no_service_on_the_bus",
            "test_no_default_collection",
        ),
    ),
    Fault(
        "Keychain",
        "locked",
        "A banner offers “Unlock and retry”; a token just granted waits in memory meanwhile.",
        _of(STARTS, "test_a_keychain_locked_at_the_start_is_shown_and_can_be_retried")
        + _of(
            "flows/test_when_something_is_wrong.py",
            "test_a_locked_keychain_keeps_the_token_until_it_is_open",
        )
        + _of(SERVICE, "test_a_locked_keychain_is_seen_and_refused_without_a_prompt"),
    ),
    Fault(
        "Keychain",
        "prompt dismissed",
        "It is said that the prompt was dismissed, not that something failed; try again.",
        _of(
            SERVICE,
            "test_a_real_prompt_that_cannot_be_shown_counts_as_dismissed",
            "test_a_prompt_that_is_dismissed_is_not_a_failure",
        )
        + _of(
            "ui/test_authorize_dialog.py",
            "test_a_locked_keychain_is_unlocked_before_the_next_try",
        ),
    ),
    Fault(
        "Keychain",
        "answers after a minute",
        "“Did not answer in time”, or “busy”, within fifteen seconds; the window goes on, closes "
        "at once when told to, and what was typed stays.",
        _of(FAULTS, "test_a_keychain_that_takes_long_is_said_and_what_was_typed_stays")
        + _of(STARTS, "test_it_ends_promptly_while_the_keychain_hangs")
        + _of(SERVICE, "test_a_daemon_that_hangs_is_given_up_by_the_question_for_its_state")
        + _of(
            "services/test_keychain.py", "test_while_a_call_hangs_others_are_told_and_never_done"
        ),
        slow=("keychain_stopped_for_a_minute", "keychain_stopped_while_quitting"),
    ),
    Fault(
        "Keychain",
        "killed in the middle",
        "It is said; the token stays in the dialog, and “Try again” keeps it.",
        _of(FAULTS, "test_a_keychain_that_ends_before_the_token_is_kept_loses_nothing")
        + _of(
            SERVICE,
            "test_a_daemon_that_dies_during_a_call_is_an_error_of_ours",
            "test_a_daemon_that_is_killed_and_comes_back",
        ),
    ),
    Fault(
        "Keychain",
        "fails to write",
        "“The system keychain failed”; nothing is listed, the dialog keeps what was typed. What "
        "arrived all the same never replaces a later token.",
        _of(FAULTS, "test_a_keychain_that_cannot_write_is_said_and_nothing_is_listed")
        + _of(ACCOUNTS, "test_a_keychain_that_fails_leaves_nothing_behind")
        + _of(
            "services/test_kept_after_all.py", "test_a_discarded_token_does_not_replace_a_later_one"
        ),
    ),
    Fault(
        "Keychain",
        "fails to read",
        "The call that needed the secret says so; nothing is called revoked or removed.",
        _of(
            FAULTS,
            "test_a_keychain_that_fails_at_reading_alone_is_said_and_nothing_is_called_revoked",
        )
        + _of(
            "storage/test_keychain_errors.py",
            "test_every_exception_becomes_ours_and_loses_its_text",
        )
        + _of(VAULT, "test_a_failure_is_not_tried_again")
        + _of("services/test_keychain.py", "test_a_failure_of_the_keychain_itself_tells_its_state"),
    ),
    Fault(
        "Keychain",
        "fails to delete",
        "What was to go is listed again and says why; a token already revoked is deleted at the "
        "next start.",
        _of(
            FAULTS,
            "test_a_keychain_that_fails_at_deleting_alone_keeps_it_listed_or_deletes_it_later",
        )
        + _of(
            "services/test_removing.py",
            "test_a_keychain_that_deletes_nothing_leaves_it_listed",
            "test_a_revoked_token_that_cannot_be_deleted_goes_with_the_next_start",
        )
        + _of(VAULT, "test_a_delete_that_leaves_the_entry_is_a_failure"),
    ),
    Fault(
        "Keychain",
        "gives back something else",
        "While storing: “did not keep the entry”, and nothing is listed. Later: needs "
        "authorization.",
        _of(VAULT, "test_a_keychain_that_gives_back_something_else_has_not_stored")
        + _of(VAULT, "test_an_entry_that_somebody_changed_is_damaged_and_its_text_stays_unsaid")
        + _of(FAULTS, "test_an_entry_that_its_owner_touched_asks_for_authorization"),
    ),
    Fault(
        "Keychain",
        "entry removed in the system’s program",
        "“Needs authorization”, with “Reconnect”; an app asks for its keys again.",
        _of(FAULTS, "test_an_entry_that_its_owner_touched_asks_for_authorization")
        + _of(SERVICE, "test_what_a_person_does_in_the_systems_program_is_noticed")
        + _of(ACCOUNTS, "test_lost_keys_of_an_app_are_named_and_can_be_entered_again"),
    ),
    Fault(
        "Keychain",
        "more than 1,000 characters",
        "Refused in words before anything is written, on every system alike.",
        _of(VAULT, "test_what_would_not_fit_everywhere_is_refused_before_anything_is_written")
        + _of(SERVICE, "test_an_entry_of_the_full_length_is_kept"),
    ),
    Fault(
        "KeePass file",
        "wrong password, damaged, changed by others",
        "Told apart in words; what others changed is read and kept, damage is never overwritten.",
        _of(
            FILE,
            "test_a_wrong_password_and_a_damaged_file_are_told_apart",
            "test_what_another_wrote_meanwhile_stays",
            "test_damage_anywhere_is_told_and_nothing_is_written",
            "test_a_full_disk_keeps_all_that_was_confirmed",
        )
        + _of(
            "flows/test_keepassxc.py",
            "test_what_adwarden_wrote_keepassxc_reads_and_the_other_way_round",
        ),
    ),
)

DISK = (
    Fault(
        "Disk",
        "full",
        "The banner says so; the last state is on the screen and on the disk, and it goes on when "
        "there is room.",
        _of(STARTS, "test_a_full_disk_is_said_and_nothing_is_lost")
        + _of("storage/test_directory.py", "test_a_full_disk_is_said_and_the_old_state_stays")
        + _of("services/test_backup.py", "test_a_full_disk_leaves_the_old_backup"),
    ),
    Fault(
        "Disk",
        "read-only",
        "It does not start, and says which folder and how to use another, also in a box; nothing "
        "changes. The console goes on showing what was saved there.",
        _of(STARTS, "test_a_read_only_folder_is_said_and_nothing_changes")
        + _of("test_refusal.py", "test_a_folder_that_cannot_be_written_is_said_in_a_box")
        + _of("test_cli.py", "test_what_is_known_is_read_where_nothing_can_be_written"),
    ),
    Fault(
        "Disk",
        "permission denied",
        "The same.",
        _of(FAULTS, "test_a_folder_without_permission_is_said"),
    ),
    Fault(
        "Disk",
        "damaged or lost index",
        "It is said; the file is kept beside, and the list is made anew from the keychain alone, "
        "and from a KeePass file as soon as it is opened, even if it was moved meanwhile.",
        _of(
            STARTS,
            "test_a_damaged_index_is_said_and_rebuilt_from_the_keychain",
            "test_a_console_refresh_of_a_damaged_index_rebuilds_it_from_the_keychain",
        )
        + _of("storage/test_directory.py", "test_any_scribble_is_survived")
        + _of(
            LOST,
            "test_a_file_that_is_opened_after_everything_was_lost_is_listed",
            "test_a_rebuild_waits_for_a_file_that_is_not_there_and_takes_it_anywhere",
        ),
    ),
    Fault(
        "Disk",
        "data folder moved",
        "It still knows which entries are its own.",
        _of(LOST, "test_a_moved_folder_lists_its_own_entries_again"),
    ),
    Fault(
        "Disk",
        "data folder copied",
        "Said once: both list the same secrets, of which there is one each. What the copy adds is "
        "its own, and it takes none of the original’s up by itself while that is there.",
        _of(LOST, "test_a_copied_folder_is_told_of")
        + _of(
            "storage/test_homes.py",
            "test_a_copy_has_entries_of_its_own_and_says_so_once",
            "test_an_original_that_was_away_when_its_copy_began_is_told_of_later",
            "test_a_copy_whose_original_is_gone_has_what_was_that_ones",
        ),
    ),
    Fault(
        "Disk",
        "an older data folder or KeePass file put back",
        "What it lists without the secret is said to need it; the entries that there are instead "
        "can be taken over under “Where secrets are kept”.",
        _of(
            "services/test_survey.py",
            "test_what_an_older_list_does_not_know_is_taken_over",
            "test_what_an_older_file_has_is_taken_over",
            "test_what_another_folder_took_over_is_taken_back",
        ),
    ),
    Fault(
        "Disk",
        "damaged settings",
        "It is said; the file is kept beside, and the defaults count.",
        _of(
            STARTS,
            "test_damaged_settings_are_said_and_kept",
            "test_a_file_that_cannot_be_read_is_moved_aside_and_said",
        ),
    ),
)

_NETWORK = (
    Fault(
        "Network",
        "none",
        "“No connection”; the last known state stays, with its age.",
        _of(
            "flows/test_when_something_is_wrong.py",
            "test_without_a_network_the_last_known_state_is_there",
        )
        + _of(HTTP, "test_nobody_there"),
    ),
    Fault(
        "Network",
        "name not found",
        "“The address of … could not be found.”",
        _of(NETWORK, "test_a_name_that_nobody_knows_is_said"),
    ),
    Fault(
        "Network",
        "certificate self-signed, of an unknown authority, expired, of another host",
        "“The secure connection could not be made”, with which of them it is; nothing is sent.",
        _of(HTTP, "test_a_certificate_that_nobody_vouches_for_is_refused")
        + _of(
            NETWORK,
            "test_a_certificate_of_an_unknown_authority_is_refused",
            "test_an_authority_that_only_a_library_knows_is_refused",
            "test_an_expired_certificate_is_refused_and_said",
            "test_another_servers_certificate_is_refused_and_said",
        ),
    ),
    Fault(
        "Network",
        "proxy with a password",
        "“The proxy wants a password”, and where to put it; with it, all works.",
        _of(
            NETWORK,
            "test_a_proxy_that_wants_a_password_is_named_with_the_remedy",
            "test_a_proxy_gets_its_password_and_lets_through",
            "test_a_proxy_that_is_not_there_is_named",
        ),
    ),
    Fault(
        "Network",
        "captive portal",
        "“Somebody other than X has answered”, or not understood; nothing is called revoked.",
        _of("services/test_sync.py", "test_a_web_page_that_asks_for_a_sign_in_revokes_nothing")
        + _of("providers/x/test_provider.py", "test_what_is_not_a_token_is_not_taken_for_one")
        + _of("providers/x/test_provider.py", "test_redirects_are_not_followed"),
    ),
    Fault(
        "Network",
        "reset in the middle",
        "Reads are tried again by themselves, with growing pauses; then it is said. What changes "
        "something at X is never sent twice.",
        _of(NETWORK, "test_a_reset_in_the_middle_is_a_connection_that_broke")
        + _of("services/test_sync.py", "test_what_passes_is_tried_again"),
    ),
    Fault(
        "Network",
        "30 seconds of silence",
        "It is tried again for 40 seconds at most, then “No answer in time”; what was known stays.",
        _of(FAULTS, "test_silence_is_said_after_the_time_in_the_settings")
        + _of(NETWORK, "test_silence_in_the_middle_of_a_body_is_given_up"),
        slow=("network_silent_for_its_time",),
    ),
)

_EACH = _of(
    CODES,
    "test_every_code_of_the_documents_is_said_in_words",
    "test_every_problem_of_the_second_version_is_said_in_words",
)


def _x(what: str, outcome: str, *codes: str, tests: tuple[str, ...] = ()) -> Fault:
    return Fault("X", what, outcome, (*_EACH, *tests), codes)


X = (
    _x(
        "token revoked or expired",
        "“Revoked”, with “Reconnect”; what was known stays.",
        "89", "UNAUTHORIZED_ACCESS",
        tests=_of(
            "flows/test_when_something_is_wrong.py",
            "test_a_revoked_connection_is_told_and_can_be_reconnected",
        ),
    ),
    _x(
        "user suspended, or locked",
        "Said as such: the user must settle it at x.com.",
        "63", "64", "326", "CURRENT_USER_SUSPENDED", "ACCOUNT_LOCKED_OUT",
        tests=_of("services/test_checking.py", "test_what_x_says_is_told_by_its_code"),
    ),
    _x("app suspended", "Said as such, with the way to the developer console.", "416"),
    _x(
        "keys wrong or regenerated",
        "About the app and not the user: enter its keys again, in one place.",
        "32", "99", "215",
    ),
    _x("callback settings", "What to enter in the developer console, and where.", "415", "417"),
    _x(
        "not approved, not enrolled, no credit",
        "Said as such, with the form or the console that changes it.",
        "UNAUTHORIZED_CLIENT_APPLICATION", "client-not-enrolled", "client-forbidden", "402",
    ),
    _x(
        "may only read",
        "Said of the app, or of the token; the list is shown all the same.",
        "261", "READONLY_CLIENT_APPLICATION", "oauth1-permissions",
    ),
    _x(
        "no access to this",
        "Said of this ad account or call alone; the others go on.",
        "87", "93", "220", "453", "ACCOUNT_NOT_FOUND", "USER_NOT_FOUND", "ACTION_NOT_ALLOWED",
        tests=_of(ACCOUNTS, "test_one_failing_ad_account_hides_no_other"),
    ),
    _x("clock wrong", "By how many minutes, and which way.", "135",
       tests=_of("providers/x/test_provider.py", "test_a_wrong_clock_is_told_in_minutes")),
    _x(
        "rate limit",
        "It waits, says until when, and goes on by itself; also after a restart.",
        "88", "TOO_MANY_REQUESTS",
        tests=_of("services/test_sync.py", "test_a_session_ends_without_one_refusal"),
    ),
    _x("taken for a robot", "Wait some minutes.", "226"),
    _x(
        "trouble of X’s own",
        "Reads are tried again; X’s own pauses are kept.",
        "130", "131", "CANCELLED_REQUEST", "LOCK_ACQUISITION_TIMEOUT", "INTERNAL_ERROR",
        "SERVICE_UNAVAILABLE", "OVER_CAPACITY",
        tests=_of("services/test_sync.py", "test_a_pause_that_x_asks_for_is_waited_out"),
    ),
    _x(
        "call retired, or not understood",
        "Check the addresses in the settings, or look for a newer version.",
        "34", "50", "68", "251", "410", "92", "NOT_FOUND", "ROUTE_NOT_FOUND",
        "PROMOTABLE_USER_NOT_FOUND", "INVALID_PARAMETER", "MISSING_PARAMETER",
        "FEATURE_NOT_AVAILABLE", "INVALID_ACCOUNT_SERVICE_LEVEL", "METHOD_NOT_ALLOWED",
    ),
    Fault(
        "X",
        "wrong or used PIN",
        "Said; a new page is opened by itself.",
        _of(
            "flows/test_when_something_is_wrong.py",
            "test_a_wrong_pin_is_said_and_a_new_page_opened",
        )
        + _of("providers/x/test_provider.py", "test_a_used_pin_is_refused"),
    ),
)  # fmt: skip

PROGRAM = (
    Fault(
        "Program",
        "killed at any moment",
        "The next start finishes or takes back what was begun: no confirmed token is lost, nothing "
        "is listed without its secret, nothing is left that nothing finds.",
        _of("flows/test_kill_loop.py", "test_kills_at_random_moments_lose_nothing")
        + _of(STARTS, "test_a_kill_at_any_moment_loses_nothing_that_was_listed")
        + _of(
            "storage/test_directory.py",
            "test_a_kill_in_the_middle_of_writing_leaves_one_whole_state",
        )
        + _of("storage/test_keepass_crash.py", "test_a_kill_at_any_moment_leaves_a_whole_file"),
    ),
    Fault(
        "Program",
        "started twice",
        "The second start shows the window of the first; consoles take turns.",
        _of(
            STARTS,
            "test_a_second_start_raises_the_first_and_ends",
            "test_of_starts_at_once_one_opens_its_window",
        )
        + _of(
            "flows/test_two_at_once.py", "test_consoles_that_start_together_ask_for_nothing_twice"
        ),
    ),
    Fault(
        "Program",
        "clock set",
        "Waits and limits last as long as they should; X’s refusal names the minutes.",
        _of("services/test_sleeping.py", "test_setting_the_clock_shortens_and_lengthens_no_wait")
        + _of("services/test_sync.py", "test_limits_survive_a_restart_and_a_clock_that_was_set")
        + _of(
            "providers/x/test_limits.py",
            "test_windows_last_as_long_as_x_says_whatever_our_clock_shows",
        ),
        slow=("clock_set_for_the_program",),
    ),
    Fault(
        "Program",
        "computer sleeps",
        "The KeePass file is locked before; what waited goes on within five seconds after.",
        _of(
            "services/test_sleeping.py",
            "test_a_wait_that_was_slept_through_ends_with_the_first_look",
        )
        + _of(
            "system/test_lock_signals.py",
            "test_the_sleep_waits_until_it_is_locked_and_the_next_one_too",
            "test_a_look_that_comes_much_too_late_comes_after_a_sleep",
        ),
        stand_in="the tests’ machine cannot be put to sleep; they send its messages themselves",
        slow=("program_stopped_for_longer_than_an_undo", "program_stopped_like_in_a_sleep"),
    ),
    Fault(
        "Program",
        "crashes in native code",
        "No memory is written to a disk; the next start works.",
        _of("flows/test_canary.py", "test_no_secret_is_seen_anywhere_on_the_whole_journey")
        + _of(
            "system/test_hardening.py", "test_a_crash_leaves_no_core_file_and_no_secret_in_any_file"
        ),
    ),
)

MATRIX = (*KEYCHAIN, *DISK, *_NETWORK, *X, *PROGRAM)


def table() -> str:
    """Return the table for readers, as Markdown."""
    lines = ["| what breaks | what you see |", "|---|---|"]
    lines += [f"| **{one.part}**: {one.what} | {one.outcome} |" for one in MATRIX]
    return "\n".join(lines)


if __name__ == "__main__":
    print(table())
