"""The start of the window: what must happen before Qt is loaded, in the order it must happen.

Environment and limits first, then the data folder, then the index begins to load while Qt does.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Sequence

from adwarden import arguments
from adwarden.arguments import Options
from adwarden.domain.errors import AdwardenError
from adwarden.system.hardening import harden, qt_is_usable, sandbox_state
from adwarden.system.instance import Doorbell, Instance
from adwarden.wiring import make_base, make_services

Painted = Callable[[], None]


def main(argv: Sequence[str], *, on_first_paint: Painted | None = None) -> int:
    """Read the command line and run the window; for programs that start it themselves."""
    return run(arguments.read(list(argv)), on_first_paint=on_first_paint)


def run(options: Options, *, on_first_paint: Painted | None = None) -> int:
    """Open the window and return the exit code once it has been closed."""
    # Asked before the environment is cleaned, as an explicit wish is part of it.
    sandbox = sandbox_state(os.environ)
    failed = harden()
    try:
        qt_is_usable()
        base = make_base(options)
        doorbell = Doorbell()
        instance = Instance(base.folder.root, doorbell.ring)
        if not options.diagnose and not instance.claim():
            if instance.problem is not None:
                raise instance.problem
            return 0
    except AdwardenError as error:
        print(f"adwarden: {error}", file=sys.stderr)  # noqa: T201 - there is no window yet
        return error.exit_code
    services = make_services(base, options)
    services.index.prefetch()

    # Only now: the index is being read while these take their time.
    from adwarden.session import Start, run_session

    start = Start(base, options, services, sandbox, tuple(failed), on_first_paint)
    try:
        return run_session(start, instance, doorbell)
    finally:
        instance.close()
