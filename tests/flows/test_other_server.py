from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication

from tests.fakes import other_x
from tests.flows.driver import Page, click, closed, journey, until, window_named

pytestmark = [pytest.mark.flow, pytest.mark.webengine, pytest.mark.keychain]


async def test_the_journey_against_another_implementation_of_x(
    qapp: QApplication, tmp_path: Path
) -> None:
    server = other_x.OtherX()
    try:
        async with journey(qapp, tmp_path, (server.api_url, server.ads_url)) as here:
            await here.add_app("Other app", other_x.KEY, other_x.SECRET)
            await click(here.window, "Connect account")
            dialog = await window_named("Connect account")
            await Page(dialog).click("#allow")
            await until(lambda: closed(dialog), "connected")
            await here.row("@other_user", "Working")
            await here.row("First ünïcode account", "Account administrator")
            await here.row("Second account", "SOMETHING_ELSE")
        assert not server.bad
    finally:
        server.stop()
