from __future__ import annotations

from pathlib import Path

import pytest

from adwarden.domain.errors import AdwardenError, KeychainError, NotFoundError
from adwarden.domain.handover import Taken
from adwarden.domain.model import AppAccess
from adwarden.domain.secret import Secret
from adwarden.services.handover.formats import Options
from adwarden.services.handover.reading import take
from adwarden.services.taking_in import Standing
from tests.services.conftest import House, OpenHouse
from tests.services.test_taking_in import of_x


async def connected(house: House) -> str:
    one = of_x(house)
    preview = await house.accounts.taking_in.compare(Taken("env", (one,)))
    (outcome,) = await house.accounts.taking_in.adopt(preview.sets)
    return outcome.connection_id


async def test_a_set_has_all_that_is_kept(open_house: OpenHouse) -> None:
    async with open_house() as house:
        connection_id = await connected(house)
        app = house.accounts.roster.apps[0]
        await house.accounts.apps.edit(
            app.id, label="Agency app", access=AppAccess.STANDARD, note="",
            secrets={"bearer": Secret("A" * 60), "client_id": Secret("c" * 34)},
        )  # fmt: skip
        one = await house.accounts.handing_over.set_of(connection_id, account_id="18ce54")
        assert one.api_key.unwrap() == house.server.world.apps[0].key
        assert (one.handle, one.app_name, one.account_id) == ("contoso", "Agency app", "18ce54")
        assert one.bearer.unwrap() == "A" * 60
        assert not one.client_secret
        assert house.server.journal.total == 0
        # What is being removed is handed over no more.
        await house.accounts.apps.edit(
            app.id, label="Agency app", access=AppAccess.STANDARD, note="", removed=["bearer"]
        )
        assert not (await house.accounts.handing_over.set_of(connection_id)).bearer
        await house.accounts.undoing.undo(next(iter(house.accounts.undoing._waiting)))


async def test_variables_go_by_family(open_house: OpenHouse) -> None:
    async with open_house() as house:
        connection_id = await connected(house)
        found = await house.accounts.handing_over.variables(connection_id, "consumer")
        assert set(found) == {
            "CONSUMER_KEY", "CONSUMER_SECRET", "ACCESS_TOKEN", "ACCESS_TOKEN_SECRET",
        }  # fmt: skip
        with pytest.raises(NotFoundError):
            await house.accounts.handing_over.variables("nobody", "x")


async def test_a_lost_entry_is_told(open_house: OpenHouse) -> None:
    async with open_house() as house:
        connection_id = await connected(house)
        house.backend.entries.clear()
        with pytest.raises(KeychainError):
            await house.accounts.handing_over.set_of(connection_id)


async def test_what_others_have_in_a_file_is_hidden_from_end_to_end(
    open_house: OpenHouse, tmp_path: Path
) -> None:
    async with open_house() as house:
        over = house.accounts.handing_over
        one = await over.set_of(await connected(house))
        file = tmp_path / ".twurlrc"
        file.write_text("bearer_tokens:\n  somebody: in clear\nextra:\n  secret: 'short sec'\n")
        draft = await over.draft(one, "twurlrc", file, Options())
        assert "in clear" in draft.text.unwrap()
        assert "somebody: ••••\nextra:\n  secret: '••••'\n" in draft.shown


@pytest.mark.parametrize("format_id", ["env", "json", "twurlrc", "xurl", "postman"])
async def test_what_is_written_is_known_when_it_is_read(
    open_house: OpenHouse, tmp_path: Path, format_id: str
) -> None:
    async with open_house() as house:
        over = house.accounts.handing_over
        one = await over.set_of(await connected(house))
        file = tmp_path / "there" / "file"
        file.parent.mkdir()
        draft = await over.draft(one, format_id, file, Options())
        assert not any(
            secret.unwrap() in draft.shown + repr(draft)
            for secret in (one.api_key, one.api_secret, one.token, one.token_secret)
        )
        assert not file.exists()
        await over.write(draft)
        assert file.stat().st_mode & 0o777 == 0o600
        preview = await house.accounts.taking_in.compare(take(file.name, file.read_text()))
        assert [found.standing for found in preview.sets] == [Standing.KNOWN]
        if draft.old is None:
            with pytest.raises(AdwardenError):
                await over.write(draft)
            await over.write(draft, replace=True)
        else:
            with pytest.raises(AdwardenError) as caught:
                await over.write(draft, replace=True)
            assert one.token.unwrap() not in str(caught.value)
