"""Adwarden itself, started as a person starts it, telling when it is painted first."""

from __future__ import annotations

import sys
import time

from adwarden import app


def painted() -> None:
    """Tell the measuring process the time, on the clock that all processes share."""
    print("painted", time.monotonic_ns(), flush=True)


if __name__ == "__main__":
    sys.exit(app.main(sys.argv[1:], on_first_paint=painted))
