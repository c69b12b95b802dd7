"""Measures start, idle memory and the longest pause of the window, each against its bar.

Prints a table, writes ``build/bench.json``, and ends with 1 when a bar is missed. Both programs
of a ratio run in turns in one session, so that a busy machine slows both.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import platform
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from tests.bench.backup_lines import measure_backup
from tests.bench.console import measure_console
from tests.bench.processes import family, others_with_qt, pss_mib
from tests.bench.seed import seed
from tests.bench.sync_lines import measure_sync

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
RESULT = ROOT / "build" / "bench.json"

CACHED_ACCOUNTS = 30
IDLE_SECONDS = 4.0
TREE_ACCOUNTS = 5_000
SEARCH_ROWS = 50_000
START_BAR = 1.35
TREE_BAR = 1.6
KEY_BAR_MS = 50.0
MEMORY_BAR = 1.35
PAUSE_BAR_MS = 50.0
ACCOUNTS = (300, 3000)
PEAK_BAR_MB = 350.0
SYNCED = 20_000
CHOICES = ("start", "tree", "memory", "search", "pauses", "sync", "window", "backup", "console")


@dataclass(frozen=True)
class Line:
    """One measured figure; ``bar`` is what it must not exceed."""

    what: str
    value: float
    bar: float
    unit: str
    detail: str

    @property
    def kept(self) -> bool:
        """Whether the figure is within its bar."""
        return self.value <= self.bar


class Programs:
    """Starts the bare window and Adwarden in the same way, on a data folder made for it."""

    def __init__(self, folder: Path, accounts: int = CACHED_ACCOUNTS) -> None:
        self._folder = folder / str(accounts)
        self._seeded = self._folder / "seeded"
        self._runs = 0
        seed(self._seeded, accounts)

    @contextlib.contextmanager
    def painted(self, name: str) -> Iterator[tuple[int, float]]:
        """Yield process id and milliseconds from the start to the first paint; then end it."""
        command = [sys.executable, str(HERE / f"{name}.py")]
        around = _environment()
        if name == "app_window":
            # A folder of its own each time: nothing is left from the run before.
            self._runs += 1
            data = self._folder / f"run{self._runs}"
            shutil.copytree(self._seeded, data)
            around["ADWARDEN_DATA_DIR"] = str(data)  # no argument, as people start it
        begun = time.monotonic_ns()
        child = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=around)
        try:
            assert child.stdout is not None
            words = child.stdout.readline().split()
            if words[:1] != ["painted"]:
                raise SystemExit(f"{name} ended before it was painted")
            yield child.pid, (int(words[1]) - begun) / 1e6
        finally:
            child.terminate()
            try:
                child.wait(10)
            except subprocess.TimeoutExpired:
                child.kill()
                child.wait()
            if child.stdout is not None:
                child.stdout.close()


def measure_start(
    programs: Programs,
    runs: int,
    what: str = "start to first painted window",
    bar: float = START_BAR,
) -> Line:
    """Return the ratio of the times to the first painted window, in turns after a warm-up."""
    times: dict[str, list[float]] = {"bare_window": [], "app_window": []}
    for turn in range(runs + 1):
        for name, found in times.items():
            with programs.painted(name) as (_, milliseconds):
                if turn:  # the first turn fills the caches
                    found.append(milliseconds)
    bare, ours = (statistics.median(found) for found in times.values())
    spread = "–".join(f"{edge:.0f}" for edge in _middle_half(times["app_window"]))
    detail = f"p50 {ours:.0f} ms (middle half {spread}) against {bare:.0f} ms, {runs} runs each"
    return Line(what, ours / bare, bar, "×", detail)


def measure_memory(programs: Programs, runs: int) -> Line:
    """Return the ratio of the memory (PSS of all processes) of the idle windows."""
    sizes: dict[str, list[float]] = {"bare_window": [], "app_window": []}
    for _ in range(runs):
        for name, found in sizes.items():
            with programs.painted(name) as (pid, _):
                _let_idle(IDLE_SECONDS)
                found.append(sum(pss_mib(each) for each in family(pid)))
    bare, ours = (statistics.median(found) for found in sizes.values())
    detail = (
        f"{ours:.1f} MiB against {bare:.1f} MiB, {IDLE_SECONDS:.0f} s after the first paint;"
        f" {others_with_qt()} other programs share Qt's pages (each makes both figures smaller"
        " and the ratio larger)"
    )
    return Line("idle memory before any dialog", ours / bare, MEMORY_BAR, "×", detail)


def measure_search(rows: int) -> Line:
    """Return how long the GUI thread works for one key press in Search, and say what follows."""
    found = _answer("tests.bench.searching", str(rows))
    detail = (
        f"{found['keys']} keys, one every {found['every_ms']} ms, both trees, {rows:,} rows: at"
        f" most {found['most_ms']:.0f} ms; longest turn while searching {found['turn_most_ms']:.0f}"
        f" ms (p99 {found['turn_p99_ms']:.0f}), all found after {found['found_ms']:.0f} ms"
    )
    return Line("one key press in Search, p95", found["p95_ms"], KEY_BAR_MS, " ms", detail)


def measure_pauses(accounts: int) -> list[Line]:
    """Return the longest pause of the GUI thread in each phase of connecting and loading.

    Opening starts Chromium, which Qt does in one piece: that piece is measured bare in the same
    run, and the bar is for what comes on top of it.
    """
    engine = float(_answer("tests.bench.bare_engine")["longest_ms"])
    found = _answer("tests.bench.pauses", str(accounts))
    detail = (
        f"of the whole journey: p99 {found['p99_ms']:.0f} ms, {found['over_50_ms']} of"
        f" {found['ticks']} ticks over 50 ms, {accounts:,} ad accounts"
    )
    lines = []
    for phase, longest in found["phases_ms"].items():
        if phase == found["opening"]:
            name = f"longest pause while {phase}, beyond the engine's own"
            share = (
                f"{longest:.0f} ms in all; engine start (Qt's own, cannot be split): bare"
                f" {engine:.0f} ms, ours/bare {longest / engine:.2f}; {detail}"
            )
            lines.append(Line(name, max(0.0, longest - engine), PAUSE_BAR_MS, " ms", share))
        else:
            lines.append(Line(f"longest pause while {phase}", longest, PAUSE_BAR_MS, " ms", detail))
    return lines


def measure_window(accounts: int) -> list[Line]:
    """Return the longest pause and the most memory while the window fetches many ad accounts."""
    found = _answer("tests.bench.syncing", str(accounts))
    detail = (
        f"{found['own_work_ms']:.0f} ms of it the window's own work (at most"
        f" {found['most_work_ms']:.0f} ms in any), the rest waiting for the interpreter or a"
        f" processor, although the server gives way; p99 {found['p99_ms']:.0f} ms,"
        f" {found['over_50_ms']} of {found['ticks']} ticks over 50 ms"
    )
    what = f"while the window fetches {accounts:,} ad accounts"
    return [
        Line(f"longest pause {what}", found["longest_ms"], PAUSE_BAR_MS, " ms", detail),
        Line(
            f"most memory {what}",
            found["peak_mib"] * 1.048576,
            PEAK_BAR_MB,
            " MB",
            "of its process; with the embedded page open in it some 110 MB more",
        ),
    ]


def _answer(module: str, *arguments: str) -> dict[str, Any]:
    """Run a measuring program and return what it printed last."""
    done = subprocess.run(
        [sys.executable, "-m", module, *arguments],
        cwd=ROOT,
        env=_environment(),
        stdout=subprocess.PIPE,
        text=True,
        check=False,
    )
    if done.returncode:
        raise SystemExit(f"{module} did not get through")
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def main(arguments: list[str]) -> int:
    """Measure, print, write; return 1 when a bar is missed."""
    parser = argparse.ArgumentParser(prog="make.py bench", description=__doc__)
    parser.add_argument("--runs", type=int, default=15, help="starts of each window (default 15)")
    parser.add_argument("--only", choices=CHOICES, help="measure one thing")
    options = parser.parse_args(arguments)
    lines = []
    with tempfile.TemporaryDirectory(prefix="adwarden-bench-") as folder:
        programs = Programs(Path(folder))
        if options.only in (None, "start"):
            lines.append(measure_start(programs, options.runs))
        if options.only in (None, "tree"):
            many = Programs(Path(folder), TREE_ACCOUNTS)
            what = f"{TREE_ACCOUNTS:,} ad accounts from the cache to the painted tree"
            lines.append(measure_start(many, options.runs, what, TREE_BAR))
        if options.only in (None, "memory"):
            lines.append(measure_memory(programs, 3))
        if options.only in (None, "console"):
            lines += [Line(*one) for one in measure_console(Path(folder), 2 * options.runs)]
    if options.only in (None, "search"):
        lines.append(measure_search(SEARCH_ROWS))
    if options.only in (None, "pauses"):
        for accounts in ACCOUNTS:
            lines += measure_pauses(accounts)
    if options.only in (None, "window"):
        lines += measure_window(SYNCED)
    if options.only in (None, "sync"):
        lines += [Line(*one) for one in measure_sync(_answer)]
    if options.only in (None, "backup"):
        lines += [Line(*one) for one in measure_backup(_answer)]
    for line in lines:
        print(
            f"{'kept  ' if line.kept else 'MISSED'}  {line.what}: {line.value:.2f}{line.unit}"
            f" (at most {line.bar:g}{line.unit})\n        {line.detail}"
        )
    RESULT.parent.mkdir(exist_ok=True)
    written = {
        "python": platform.python_version(),
        "system": platform.platform(),
        "cores": os.cpu_count(),
        "results": [asdict(line) | {"kept": line.kept} for line in lines],
    }
    RESULT.write_text(json.dumps(written, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    print(f"written to {RESULT.relative_to(ROOT)}")
    return int(not all(line.kept for line in lines))


def _environment() -> dict[str, str]:
    """Return the environment for both programs: bytecode is cached, as on a person's machine."""
    return {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}


def _middle_half(found: list[float]) -> tuple[float, float]:
    quarters = statistics.quantiles(found, n=4)
    return quarters[0], quarters[2]


def _let_idle(seconds: float) -> None:
    """Let time pass: doing nothing is what is measured."""
    threading.Event().wait(seconds)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
