"""Starts the window or a console command; each imports only what it needs itself."""

from __future__ import annotations

import sys

INTERRUPTED = 130
"""The exit code of what Ctrl+C ended, as shells have it."""


def main(argv: list[str] | None = None) -> int:
    """Run Adwarden; return the exit code of a command, or end the process with the window."""
    try:
        return _run(sys.argv[1:] if argv is None else argv)
    except KeyboardInterrupt:
        # Whoever ends it while it is still being loaded has ended it, and no error was made.
        return INTERRUPTED


def _run(said: list[str]) -> int:
    if said:
        from adwarden.cli.quick import answer

        if (code := answer(said)) is not None:
            return code
    from adwarden.late import be_late

    be_late()
    from adwarden import arguments

    options = arguments.read(said)
    if options.command:
        from adwarden.cli import main as run_command

        return run_command(options)
    from adwarden import app

    return app.leave(app.run(options))


if __name__ == "__main__":
    sys.exit(main())
