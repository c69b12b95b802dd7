"""What is said of a secret that is gone tells which place it was kept in."""

from __future__ import annotations

from pathlib import Path

import pytest

from adwarden.domain.app_facts import keys_trouble
from adwarden.domain.errors import ErrorCode, KeychainError
from adwarden.domain.model import FILE, KEYCHAIN, MEMORY, AppState
from adwarden.services.roster import app_keys, entry_of
from adwarden.storage import settings as known
from tests.services.conftest import OpenHouse
from tests.storage.keepass_parts import PASSWORD


@pytest.mark.parametrize(
    ("place", "entry", "keys", "why"),
    [
        (KEYCHAIN, "The keychain entry is gone", "in the keychain", "removed or changed outside"),
        (
            FILE,
            "The entry in the KeePass file",
            "in the KeePass file",
            "Somebody who shares the file has taken them over",
        ),
        (MEMORY, "The secret went with its session", "in memory any more", "session only"),
    ],
)
async def test_by_the_place_that_kept_it(
    open_house: OpenHouse, tmp_path: Path, place: str, entry: str, keys: str, why: str
) -> None:
    async with open_house() as house:
        await house.accounts.vault_file.create(tmp_path / "team.kdbx", PASSWORD)
        house.settings.set(known.VAULT_PLACE, place)
        app = await house.add_app()
        name = entry_of(app)
        assert (app.entry in house.places.in_memory) == (place == MEMORY)
        await house.places.delete(*name)
        assert app.entry not in house.places.in_memory
        with pytest.raises(KeychainError) as caught:
            await house.places.get(*name)
        assert caught.value.code is ErrorCode.ENTRY_MISSING
        assert caught.value.title.startswith(entry)
        assert ("has taken it over" in caught.value.message) is (place != MEMORY)
        assert ("Where secrets are kept" in caught.value.remedy) is (place != MEMORY)
        with pytest.raises(KeychainError) as caught:
            await app_keys(house.accounts.roster, house.places, app)
        assert caught.value.title == f"The keys of {app.label} are not {keys}"
        assert why in caught.value.message
        # Whoever takes over the keys of an app may have taken its tokens as well.
        assert ("not affected" in caught.value.message) is (place == MEMORY)
        assert ("Where secrets are kept" in caught.value.remedy) is (place != MEMORY)
        await house.accounts.checking.check([app.id])
        now = house.accounts.roster.app(app.id)
        assert now.state is AppState.KEYS_MISSING
        assert why in keys_trouble(now)[1]
