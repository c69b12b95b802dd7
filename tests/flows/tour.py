"""Plays the main job against the practice server, step by step, with a picture of each.

``python3 make.py run`` does this on a machine without a display; pictures are in ``build/tour``.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from tests.flows import journey
from tests.flows.hand import Hand
from tests.flows.practice import Practice, practice_server
from tests.flows.record import BUILD, Record

USER = "northwind_ads"


async def play(hand: Hand, practice: Practice, record: Record) -> None:
    """Go through the steps; raises at the first one that fails."""
    with record.step("Open the window") as said:
        await hand.window("Adwarden")
        said.append("the window is there, empty, and says what to do")
    with record.step("Add an X app"):
        await journey.add_app(hand, practice)
    with record.step("Save its keys in the system keychain"):
        await journey.save_app(hand)
    with record.step("Connect an account: the authorization page"):
        await journey.open_page(hand)
    with record.step(f"Sign in as @{USER} on the page"):
        await journey.sign_in(hand, USER)
    with record.step("Authorize the app; the PIN is picked up and exchanged"):
        await journey.allow(hand)
    with record.step("See ad accounts, promotable users and permissions") as said:
        rows = await journey.loaded(hand, 1)
        said.append(f"{len(rows)} rows")
    with record.step("Look at one ad account") as said:
        said.append(await hand.select("Northwind EU"))


def main() -> int:
    """Play the tour; return 0 when every step was done."""
    with practice_server() as practice, tempfile.TemporaryDirectory() as data_dir:
        print(f"Practice server at {practice.url}. Nothing here is X.\n")
        record = Record(BUILD / "tour", Hand().shown)

        async def tour(hand: Hand) -> None:
            await play(hand, practice, record)

        try:
            journey.live(Path(data_dir), practice.environment, tour)
        except (TimeoutError, LookupError, RuntimeError) as error:
            print(f"\nThe tour stopped: {error}\n{record.summary()}", file=sys.stderr)
            return 1
    print(f"\n{record.summary()}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
