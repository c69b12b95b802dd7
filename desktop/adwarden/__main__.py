"""Starts the window or a console command; each imports only what it needs itself."""

from __future__ import annotations

import sys

from adwarden.late import be_late


def main(argv: list[str] | None = None) -> int:
    """Run Adwarden and return its exit code."""
    be_late()
    from adwarden import arguments

    options = arguments.read(sys.argv[1:] if argv is None else argv)
    if options.command:
        from adwarden.cli import main as run_command

        return run_command(options)
    from adwarden.app import run as run_window

    return run_window(options)


if __name__ == "__main__":
    sys.exit(main())
