"""Turns what ``sync`` measured into lines with bars, and the growth into a table."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

SPEED_BAR = 1 / 12
"""Of the time that X's own SDK takes."""

IDEAL_BAR = 1.5
"""Times calls × latency ÷ concurrency."""

MEMORY_BAR_MIB = 350.0
GROWTH_BAR = 1.25
"""How much longer one of 20,000 ad accounts may take than one of 1,000."""

LineOf = tuple[str, float, float, str, str]
"""What, value, bar, unit, detail."""


def measure_sync(answer: Callable[..., dict[str, Any]]) -> list[LineOf]:
    """Measure speed, kills and growth, each in processes of its own."""
    return [
        *_speed(answer("tests.bench.sync", "speed")),
        *_kill(answer("tests.bench.sync", "kill")),
        *_growth(answer("tests.bench.sync", "growth")["growth"]),
    ]


def _speed(found: dict[str, Any]) -> list[LineOf]:
    what = f"{found['accounts']:,} ad accounts ({found['calls']:,} calls)"
    detail = (
        f"{found['ours_s']:.2f} s against {found['sdk_s']:.1f} s of twitter-ads:"
        f" {found['ratio']:.1f} times as fast; {found['concurrency']} connections,"
        f" {found['cpu_s']:.2f} s of processor time, {found['refused']} refused with 429"
    )
    return [
        (f"{what}, share of the time of X's SDK", 1 / found["ratio"], SPEED_BAR, "", detail),
        (f"{what}, of calls × latency ÷ concurrency", found["of_ideal"], IDEAL_BAR, "×", detail),
        ("requests refused with 429", found["refused"], 0, "", "the documented limits were on"),
    ]


def _kill(found: dict[str, Any]) -> list[LineOf]:
    detail = (
        f"killed after {found['killed_after_calls']:,} calls; with what came after it"
        f" {found['calls']:,} calls for {found['whole']:,} ad accounts, the list of them asked for"
        f" again {found['lists_repeated']} times, {found['refused']} refused"
    )
    # What was on its way, and one batch of a tenth of a second that was not saved yet.
    batch = round(found["in_flight"] / 0.05 * 0.1)
    bar = float(2 * found["in_flight"] + batch)
    what = f"calls repeated after a kill -9 half-way through {found['accounts']:,} ad accounts"
    return [(what, found["repeated"], bar, "", detail)]


def _growth(found: list[dict[str, Any]]) -> list[LineOf]:
    table = "".join(
        f"\n        {one['accounts']:>7,} ad accounts  {one['seconds']:>7.1f} s"
        f"  {one['ms_each']:>6.2f} ms each  {one['cpu_ms_each']:>6.2f} ms processor each"
        f"  {one['peak_mib']:>6.1f} MiB"
        for one in found
    )
    first, last = found[0], found[-1]
    return [
        (
            f"growth of the time for each, {first['accounts']:,} to {last['accounts']:,}",
            last["cpu_ms_each"] / first["cpu_ms_each"],
            GROWTH_BAR,
            "×",
            f"processor time of the program, server without latency{table}",
        ),
        (
            f"peak memory of a refresh of {last['accounts']:,} ad accounts, without the window",
            last["peak_mib"],
            MEMORY_BAR_MIB,
            " MiB",
            "of the whole process",
        ),
    ]
