"""How long a console command takes, against Python with nothing but ``argparse``; by turns."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import time
from pathlib import Path

from tests.bench.seed import seed

ACCOUNTS = 30
BAR = 1.5
_BARE = ("-c", "import argparse")


def measure_console(folder: Path, runs: int) -> list[tuple[str, float, float, str, str]]:
    """Return the lines of ``--help`` and ``list``: what, ratio, bar, unit, detail."""
    data = folder / "console"
    seed(data, ACCOUNTS)
    ours = ("-P", "-m", "adwarden", "--data-dir", str(data))
    commands = {"bare": _BARE, "--help": (*ours, "--help"), "list": (*ours, "list")}
    times: dict[str, list[float]] = {name: [] for name in commands}
    for turn in range(runs + 1):
        for name, words in commands.items():
            milliseconds = _run(words)
            if turn:  # the first turn fills the caches
                times[name].append(milliseconds)
    middle = {name: statistics.median(found) for name, found in times.items()}
    return [
        (
            f"adwarden {name}, against Python that imports argparse",
            middle[name] / middle["bare"],
            BAR,
            "×",
            f"p50 {middle[name]:.1f} ms (fastest {min(times[name]):.1f}) against"
            f" {middle['bare']:.1f} ms ({min(times['bare']):.1f}), {runs} runs each"
            + (f", {ACCOUNTS} ad accounts" if name == "list" else ""),
        )
        for name in ("--help", "list")
    ]


def _run(words: tuple[str, ...]) -> float:
    around = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
    begun = time.perf_counter_ns()
    subprocess.run([sys.executable, *words], stdout=subprocess.DEVNULL, env=around, check=True)
    return (time.perf_counter_ns() - begun) / 1e6
