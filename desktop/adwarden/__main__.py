"""Starts the window or a console command; each imports only what it needs itself."""

from __future__ import annotations

import sys


def main(argv: list[str] | None = None) -> int:
    """Run Adwarden; return the exit code of a command, or end the process with the window."""
    said = sys.argv[1:] if argv is None else argv
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
