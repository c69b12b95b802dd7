from __future__ import annotations

import asyncio

from PySide6.QtWidgets import QApplication
from shiboken6 import delete

from adwarden.services.tasks import Tasks
from adwarden.ui.backup_forms import RestoreForm
from adwarden.ui.clipboard import Clipboard
from adwarden.ui.icons import Icons
from adwarden.ui.saving_dialog import SavingDialog
from tests.flows.outside import ROOT


async def test_what_ends_after_its_dialog_is_gone_touches_nothing(
    qapp: QApplication, icons: Icons
) -> None:
    let_out: list[BaseException] = []
    tasks = Tasks(lambda error, name: let_out.append(error))
    begun = asyncio.Event()

    async def hangs() -> object:
        begun.set()
        return await asyncio.get_running_loop().create_future()

    async def unlocks(place: str) -> object:
        return place

    dialog = SavingDialog(
        None, "Restore from backup", RestoreForm(icons, ROOT), work=hangs, unlock=unlocks,
        tasks=tasks, icons=icons, clipboard=Clipboard(qapp.clipboard(), lambda words: None),
        size=(400, 300),
    )  # fmt: skip
    task = tasks.spawn(dialog, "restore", dialog._run(hangs, "Opening"))
    await begun.wait()
    # As at the end of the program: first the window goes, then what ran for it is cancelled.
    delete(dialog)
    task.cancel()
    await asyncio.wait([task])
    await asyncio.sleep(0)
    assert task.cancelled()
    assert let_out == []
