"""The console: the same services without a window; results on stdout, all else on stderr."""

from __future__ import annotations

import sys

from adwarden.arguments import Options
from adwarden.domain.errors import AdwardenError


def main(options: Options) -> int:
    """Run one console command and return its exit code."""
    try:
        return _run(options)
    except AdwardenError as error:
        print(f"adwarden: {error}", file=sys.stderr)
        return error.exit_code
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        # The reader (head, less) has had enough: not an error, and nothing more can be written.
        sys.stdout = None
        return 0


def _run(options: Options) -> int:
    if options.command == "practice":
        from adwarden.practice.console import serve

        return serve(
            port=options.port, accounts=options.accounts, seed=options.seed, out=sys.stdout
        )
    if options.command == "list":
        from adwarden.cli.listing import run_list

        return run_list(options)
    from adwarden.cli.refresh import run_refresh

    return run_refresh(options)
