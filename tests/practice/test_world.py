"""The world is the same for the same seed, holds every case, and starts at once when it is big."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adwarden.domain.errors import InputError
from adwarden.practice import cast
from adwarden.practice.keys import Scatter
from adwarden.practice.people import AppKind
from adwarden.practice.world import MAX_ACCOUNTS, World, make_world

SEEDS = st.integers(min_value=-(2**63), max_value=2**63)


@given(SEEDS, st.integers(1, MAX_ACCOUNTS), st.data())
def test_the_same_seed_is_the_same_world(seed: int, accounts: int, data: st.DataObject) -> None:
    one, other = make_world(seed=seed, accounts=accounts), make_world(seed=seed, accounts=accounts)
    index = data.draw(st.integers(0, accounts - 1))
    assert one.people == other.people
    assert one.account(index) == other.account(index)
    assert one.promotable_users(index) == other.promotable_users(index)


@given(SEEDS, st.integers(1, MAX_ACCOUNTS), st.data())
def test_an_account_is_the_same_however_many_there_are(
    seed: int, accounts: int, data: st.DataObject
) -> None:
    index = data.draw(st.integers(0, accounts - 1))
    big = make_world(seed=seed, accounts=MAX_ACCOUNTS)
    assert make_world(seed=seed, accounts=accounts).account(index) == big.account(index)


@given(SEEDS, st.integers(1, MAX_ACCOUNTS), st.data())
def test_ids_lead_back_to_their_account(seed: int, accounts: int, data: st.DataObject) -> None:
    world = make_world(seed=seed, accounts=accounts)
    index = data.draw(st.integers(0, accounts - 1))
    account_id = world.account_id(index)
    assert len(account_id) == 11
    assert account_id.isalnum()
    assert account_id == account_id.lower()
    assert world.index_of(account_id) == index
    assert world.index_of(account_id.upper()) in (None, index)


@given(SEEDS, st.text(max_size=20))
def test_no_other_text_is_an_account(seed: int, text: str) -> None:
    world = make_world(seed=seed, accounts=5)
    known = {world.account_id(index): index for index in range(5)}
    assert world.index_of(text) == known.get(text)


@given(SEEDS, st.integers(0, 10**9))
def test_scattering_can_be_undone(seed: int, index: int) -> None:
    scatter = Scatter(seed, "x", low=10**18, modulus=400_000_000_000_000_013)
    assert scatter.inside(scatter.outside(index)) == index


@given(SEEDS)
def test_other_seeds_are_other_worlds_with_the_same_cast(seed: int) -> None:
    world, other = make_world(seed=seed), make_world(seed=seed + 1)
    assert [p.screen_name for p in world.people] == [p.screen_name for p in other.people]
    assert [p.user_id for p in world.people] != [p.user_id for p in other.people]
    assert world.apps == other.apps
    assert world.account_id(0) != other.account_id(0)
    assert len({p.user_id for p in world.people}) == len(world.people)


@pytest.fixture(scope="module")
def world() -> World:
    return make_world()


def test_thirty_accounts_show_every_case(world: World) -> None:
    agency = world.people[0]
    assert list(world.reach(agency)) == list(range(30))
    seen = {p for index in range(30) for p in world.permissions(agency, index) or ()}
    documented = {
        "ACCOUNT_ADMIN", "AD_MANAGER", "CREATIVE_MANAGER", "CAMPAIGN_ANALYST", "ANALYST",
        "PARTNER_AUDIENCE_MANAGER", "TWEET_COMPOSER",
    }  # fmt: skip
    assert seen == documented | {"LOYALTY_MANAGER"}
    statuses = {world.account(index).approval_status for index in range(30)}
    assert statuses >= {"ACCEPTED", "UNDER_REVIEW", "REJECTED", "PENDING_TAX_FORM"}
    assert any(world.account(index).deleted for index in range(30))
    types = {user.type for index in range(30) for user in world.promotable_users(index)}
    assert types == {"FULL", "RETWEETS_ONLY", "BRAND_PARTNER"}
    assert any(person.suspended for person in world.people)


def test_an_account_has_at_most_one_full_user(world: World) -> None:
    for index in range(30):
        users = world.promotable_users(index)
        assert sum(user.type == "FULL" for user in users) <= 1
        assert len({user.id for user in users}) == len(users)
    without = [i for i in range(30) if all(u.type != "FULL" for u in world.promotable_users(i))]
    assert without


def test_the_advertisers_own_account_promotes_them(world: World) -> None:
    for index, part in enumerate(cast.CAST):
        if part.owner and part.full:
            owner = world.person_named(part.owner)
            assert owner is not None
            assert world.promotable_users(index)[0].user_id == owner.user_id


def test_promoted_users_can_be_looked_up_but_some_are_gone(world: World) -> None:
    ids = [user.user_id for index in range(30) for user in world.promotable_users(index)]
    found = [world.user(user_id) for user_id in ids]
    assert None in found
    assert sum(person is not None for person in found) > len(found) / 2
    assert all(person.user_id == i for person, i in zip(found, ids, strict=True) if person)
    assert world.user("1234567890123456789") is None


def test_apps_have_the_shapes_of_x(world: World) -> None:
    assert all(len(app.key) == 25 and app.key.isalnum() for app in world.apps)
    assert all(len(app.secret) == 50 and app.secret.isalnum() for app in world.apps)
    assert len({app.key for app in world.apps}) == len(world.apps)
    assert {app.kind for app in world.apps} == set(AppKind)
    assert sum(app.kind is AppKind.READY for app in world.apps) == 2


@pytest.mark.parametrize("accounts", [0, -1, MAX_ACCOUNTS + 1])
def test_an_impossible_number_is_refused(accounts: int) -> None:
    with pytest.raises(InputError) as caught:
        make_world(accounts=accounts)
    assert caught.value.field == "accounts"
    assert caught.value.exit_code == 2


def test_fifty_thousand_accounts(capsys: pytest.CaptureFixture[str]) -> None:
    started = time.perf_counter()
    world = make_world(accounts=MAX_ACCOUNTS)
    made = time.perf_counter() - started
    ids = {world.account_id(index) for index in range(MAX_ACCOUNTS)}
    assert len(ids) == MAX_ACCOUNTS
    assert len(world.folded_names) == MAX_ACCOUNTS
    with capsys.disabled():
        print(f"\n50,000 ad accounts: made in {made * 1000:.1f} ms")


def test_the_world_alone_needs_no_server() -> None:
    program = (
        "import sys, adwarden.practice.world as w; w.make_world();"
        "sys.exit(bool({'oauthlib', 'http.server', 'PySide6', 'requests'} & set(sys.modules)))"
    )
    desktop = Path(__file__).parents[2] / "desktop"
    environment = {**os.environ, "PYTHONPATH": str(desktop)}
    done = subprocess.run([sys.executable, "-c", program], env=environment, check=False)
    assert done.returncode == 0
