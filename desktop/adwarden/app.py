"""The start of the window: what must happen before Qt is loaded, in the order it must happen.

Environment and limits first, then the data folder and the index, then the window.
"""

from __future__ import annotations

import contextlib
import gc
import os
import sys
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, NoReturn

from adwarden.late import be_late

if TYPE_CHECKING:
    from adwarden.arguments import Options

Hook = Callable[[], None]

SWITCH_SECONDS = 0.001
"""How long a busy thread may keep the interpreter: the window waits for workers, and the index,
that is being read at the start, for the window."""

INDEX_SECONDS = 0.03
"""How long reading the index may hold up everything else of a start."""


def main(
    argv: Sequence[str], *, on_first_paint: Hook | None = None, on_ready: Hook | None = None
) -> int:
    """Read the command line and run the window; for programs that start it themselves."""
    be_late()
    from adwarden import arguments

    options = arguments.read(list(argv))
    return run(options, on_first_paint=on_first_paint, on_ready=on_ready)


def run(
    options: Options, *, on_first_paint: Hook | None = None, on_ready: Hook | None = None
) -> int:
    """Open the window and return the exit code once it has been closed.

    ``on_first_paint`` is called right after it, ``on_ready`` on the loop, once it works.
    """
    # A start makes much and drops nothing: until the first paint, collecting is time lost.
    gc.disable()
    sys.setswitchinterval(SWITCH_SECONDS)
    try:
        return _run(options, on_first_paint, on_ready)
    finally:
        gc.enable()


def leave(code: int) -> NoReturn:
    """End the process at once, after ``run``: everything is closed and written by then.

    Python's own end stops daemon threads wherever they are. One that is importing is inside
    shiboken's C++, which answers that by aborting the process.
    """
    for stream in (sys.stdout, sys.stderr):
        # A reader that has gone, or no stream at all (pythonw), is no reason to stay.
        with contextlib.suppress(AttributeError, OSError, ValueError):
            stream.flush()
    os._exit(code)


def _run(options: Options, on_first_paint: Hook | None, on_ready: Hook | None) -> int:
    from adwarden.domain.errors import AdwardenError
    from adwarden.system.hardening import display_is_there, harden, qt_is_usable, sandbox_state
    from adwarden.system.imports import load_qt

    # Asked before the environment is cleaned, as an explicit wish is part of it.
    sandbox = sandbox_state(os.environ)
    failed = harden()
    display = False
    try:
        load_qt()
        qt_is_usable()
        display_is_there()
        display = True
        from adwarden.storage.settings import VIEW
        from adwarden.system.instance import Doorbell, Instance
        from adwarden.wiring import make_base, make_services

        base = make_base(options)
        doorbell = Doorbell()
        instance = Instance(base.folder.root, doorbell.ring)
        if not options.diagnose and not instance.claim():
            if instance.problem is not None:
                raise instance.problem
            return 0
    except AdwardenError as error:
        print(f"adwarden: {error}", file=sys.stderr)  # noqa: T201 - there is no window yet
        if display and not options.diagnose:
            from adwarden import refusal

            if refusal.can_be_seen():
                refusal.show(error)
        return error.exit_code
    services = make_services(base, options)
    services.index.prefetch(by_account=base.settings.get(VIEW) == "account")
    # Two threads that take turns at every row are slower than one that waits; a slow disk is
    # read while Qt loads.
    services.index.peek(INDEX_SECONDS)

    from adwarden.process import run_session
    from adwarden.session import Start

    start = Start(base, options, services, sandbox, tuple(failed), on_first_paint, on_ready)
    try:
        return run_session(start, instance, doorbell)
    finally:
        instance.close()
