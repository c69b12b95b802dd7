"""The console: the same services without a window; results on stdout, all else on stderr."""

from __future__ import annotations

import io
import os
import sys

from adwarden.arguments import Options
from adwarden.domain.errors import AdwardenError


def main(options: Options) -> int:
    """Run one console command and return its exit code."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            # A terminal that cannot show a name still gets the rest of the line.
            stream.reconfigure(errors="backslashreplace")
    try:
        code = _run(options)
        sys.stdout.flush()
        return code
    except AdwardenError as error:
        print(f"adwarden: {error}", file=sys.stderr)
        return error.exit_code
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        # The reader (head, less) has had enough: not an error, and nothing more can be written.
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        return 0
    except OSError as error:
        print(f"adwarden: the result could not be written: {error.strerror}", file=sys.stderr)
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        return 1


def _run(options: Options) -> int:
    if options.command == "practice":
        from adwarden.practice.console import serve

        return serve(
            port=options.port,
            accounts=options.accounts,
            seed=options.seed,
            out=sys.stdout,
            latency=options.latency,
        )
    if options.command == "report":
        from adwarden.cli.report import run_report

        return run_report(options)
    if options.command == "list":
        from adwarden.cli.listing import run_list

        return run_list(options)
    if options.command == "history":
        from adwarden.cli.history import run_history

        return run_history(options)
    from adwarden.cli.refresh import run_refresh

    return run_refresh(options)
