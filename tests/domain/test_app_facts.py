from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adwarden.domain.app_facts import (
    TOKEN_REFUSED,
    AppFact,
    Weight,
    app_facts,
    is_older,
    tokens,
)
from adwarden.domain.model import AppAccess, Connection, ConnectionState, XApp
from adwarden.domain.permission_rules import LEGACY
from adwarden.domain.token_state import APP_REFUSED
from adwarden.providers.x.words import WORDS

APP = XApp("a1", "x", "Agency app", AppAccess.STANDARD, "entry", 1.0)
ONE = Connection("c1", "a1", "77", "northwind", "e", 100.0, ConnectionState.WORKING)
TWO = replace(ONE, id="c2", screen_name="contoso", authorized_at=200.0)


def facts(app: XApp, *connections: Connection, version: str = "12") -> dict[str, AppFact]:
    return {fact.key: fact for fact in app_facts(app, connections, version)}


def many(count: int) -> list[Connection]:
    return [replace(ONE, id=f"c{n}", screen_name=f"user{n}") for n in range(count)]


def test_an_app_without_trouble_has_only_its_version_told() -> None:
    found = facts(APP, ONE, TWO)
    assert list(found) == ["api-version"]
    assert found["api-version"].weight is Weight.INFO
    assert "27 October 2022" in found["api-version"].message


@pytest.mark.parametrize("level", [one for one in AppAccess if one in LEGACY])
def test_legacy_apps_have_a_meter_that_says_what_it_counts(level: AppAccess) -> None:
    fact = facts(replace(APP, access=level), *many(3))["tokens"]
    assert (fact.used, fact.of, fact.weight) == (3, 5, Weight.INFO)
    assert fact.title == "3 of 5 connections"
    assert "known here" in fact.message


def test_a_full_app_is_a_warning_with_a_way_out() -> None:
    fact = facts(replace(APP, access=AppAccess.LEGACY_ANALYTICS), *many(6))["tokens"]
    assert fact.weight is Weight.WARN
    assert "representative" in fact.remedy


def test_revoked_tokens_do_not_count() -> None:
    gone = replace(ONE, state=ConnectionState.REVOKED)
    legacy = replace(APP, access=AppAccess.LEGACY_CAMPAIGNS)
    assert tokens(legacy, [gone, TWO]) == (1, 5)
    assert tokens(APP, [gone, TWO]) is None


def test_an_unknown_access_says_so_instead_of_counting() -> None:
    fact = facts(replace(APP, access=AppAccess.UNKNOWN), ONE)["tokens"]
    assert fact.of == 0
    assert "July 2023" in fact.message


def test_tokens_older_than_the_approval_are_named_with_what_to_do() -> None:
    fact = facts(replace(APP, approved_at=150.0), ONE, TWO)["regenerate"]
    assert fact.weight is Weight.WARN
    assert "@northwind" in fact.message
    assert "@contoso" not in fact.message
    assert "Revoke at X" in fact.remedy


def test_an_older_token_that_is_refused_is_an_error() -> None:
    refused = replace(ONE, error=f"{TOKEN_REFUSED}. Reconnect.", state=ConnectionState.REVOKED)
    assert facts(replace(APP, approved_at=150.0), refused)["regenerate"].weight is Weight.ERROR
    guess = facts(APP, refused, TWO)["regenerate"]
    assert "Either" in guess.message
    assert "older than the app’s approval" in guess.message


def test_the_trap_is_over_once_everything_is_newer() -> None:
    assert "regenerate" not in facts(replace(APP, approved_at=50.0), ONE, TWO)


def test_an_app_without_approval_is_told_to_wait_before_anybody_authorizes() -> None:
    waiting = replace(ONE, error=f"{APP_REFUSED}. The token is fine.")
    fact = facts(APP, waiting)["approval"]
    assert fact.weight is Weight.ERROR
    assert "e-mail" in fact.remedy
    assert "approval" not in facts(replace(APP, approved_at=1.0), waiting)


def test_the_words_of_the_refusals_are_those_the_platform_s_errors_use() -> None:
    assert WORDS["UNAUTHORIZED_ACCESS"][2] == TOKEN_REFUSED
    assert WORDS["UNAUTHORIZED_CLIENT_APPLICATION"][2] == APP_REFUSED


def test_tokens_that_may_only_read_are_named() -> None:
    fact = facts(APP, replace(ONE, access_level="read"), TWO)["token-access"]
    assert "@northwind" in fact.message
    assert "Read and write" in fact.remedy


def test_long_lists_of_names_are_counted() -> None:
    readers = [replace(one, access_level="read") for one in many(9)]
    assert "@user0, @user1, @user2 and 6 more" in facts(APP, *readers)["token-access"].message


@pytest.mark.parametrize(
    ("version", "weight"), [("12", Weight.INFO), ("11", Weight.WARN), ("13", Weight.WARN)]
)
def test_the_version_is_compared_with_what_is_known(version: str, weight: Weight) -> None:
    fact = facts(APP, version=version)["api-version"]
    assert (fact.weight, version in fact.title) == (weight, True)
    assert bool(fact.remedy) is (weight is Weight.WARN)


@given(
    st.sampled_from(AppAccess),
    st.none() | st.floats(0, 300),
    st.lists(
        st.tuples(
            st.floats(0, 300),
            st.sampled_from(ConnectionState),
            st.sampled_from(["", TOKEN_REFUSED, APP_REFUSED, "other"]),
            st.sampled_from(["", "read", "read-write", "new"]),
        ),
        max_size=7,
    ),
)
def test_any_app_gets_facts_in_whole_sentences(
    level: AppAccess,
    approved: float | None,
    told: list[tuple[float, ConnectionState, str, str]],
) -> None:
    connections = [
        replace(ONE, id=str(n), authorized_at=at, state=state, error=error, access_level=access)
        for n, (at, state, error, access) in enumerate(told)
    ]
    app = replace(APP, access=level, approved_at=approved)
    found = app_facts(app, connections, "12")
    assert len({fact.key for fact in found}) == len(found)
    for fact in found:
        assert fact.title
        assert fact.message.endswith(".")
        assert fact.remedy or fact.weight is Weight.INFO
        assert fact.used >= 0


def test_a_day_that_is_not_known_warns_of_nothing() -> None:
    unknown = replace(ONE, authorized_at=0.0)
    app = replace(APP, approved_at=150.0)
    assert is_older(ONE, app)
    assert not is_older(unknown, app)
    assert not is_older(ONE, APP)
    assert "regenerate" not in facts(app, unknown)
    assert "@northwind" in facts(app, unknown, ONE)["regenerate"].message
