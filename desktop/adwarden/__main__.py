"""Starts the window or a console command; each imports only what it needs itself."""

from __future__ import annotations

import sys

from adwarden import arguments


def main(argv: list[str] | None = None) -> int:
    """Run Adwarden and return its exit code."""
    options = arguments.read(sys.argv[1:] if argv is None else argv)
    if options.command:
        from adwarden import cli

        return cli.main(options)
    from adwarden import app

    return app.main(options)


if __name__ == "__main__":
    sys.exit(main())
