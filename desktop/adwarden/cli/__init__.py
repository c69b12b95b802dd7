"""The console: the same services without a window; results on stdout, all else on stderr.

What a command needs is imported by that command: somebody waits for it at a prompt.
"""

from __future__ import annotations

import io
import os
import sys

TYPE_CHECKING = False  # typing takes milliseconds
if TYPE_CHECKING:
    from collections.abc import Callable

    from adwarden.arguments import Options


def main(options: Options) -> int:
    """Run one console command and return its exit code."""
    return told(lambda: _expected(options))


def told(command: Callable[[], int]) -> int:
    """Run what prints a result; a result that cannot be written is a failure of its own."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            # A terminal that cannot show a name still gets the rest of the line.
            stream.reconfigure(errors="backslashreplace")
    try:
        code = command()
        sys.stdout.flush()
        return code
    except KeyboardInterrupt:
        return 130  # as before a command is reached
    except BrokenPipeError:
        # The reader (head, less) has had enough: not an error, and nothing more can be written.
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        return 0
    except OSError as error:
        print(f"adwarden: the result could not be written: {error.strerror}", file=sys.stderr)
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        return 1


def _expected(options: Options) -> int:
    from adwarden.domain.errors import AdwardenError

    try:
        return _run(options)
    except AdwardenError as error:
        print(f"adwarden: {error}", file=sys.stderr)
        return error.exit_code


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
    from importlib import import_module

    module, name = _COMMANDS[options.command]
    code: int = getattr(import_module(f"adwarden.cli.{module}"), name)(options)
    return code


_COMMANDS = {
    "list": ("listing", "run_list"),
    "show": ("showing", "run_show"),
    "find": ("finding", "run_find"),
    "refresh": ("refresh", "run_refresh"),
    "import": ("importing", "run_import"),
    "export": ("exporting", "run_export"),
    "run": ("running", "run_run"),
    "history": ("history", "run_history"),
    "report": ("report", "run_report"),
    "completion": ("completion", "run_completion"),
}
"""Each command's module and function."""
