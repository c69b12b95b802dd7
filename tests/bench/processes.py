"""What a process and all that it started hold of memory, as Linux tells."""

from __future__ import annotations

import contextlib
from pathlib import Path


def family(pid: int) -> list[int]:
    """Return the process and all that it started."""
    parents = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):  # it may end while it is being looked at
            # The name before the bracket may hold blanks; state and parent follow it.
            parents[int(stat.parent.name)] = int(stat.read_text().rpartition(")")[2].split()[1])
    found = [pid]
    for parent in found:
        found += [child for child, of in parents.items() if of == parent]
    return found


def others_with_qt() -> int:
    """Count the processes that have Qt loaded, whoever runs them."""
    found = 0
    for maps in Path("/proc").glob("[0-9]*/maps"):
        with contextlib.suppress(OSError):  # it ended, or it is somebody else's
            found += "libQt6Core" in maps.read_text(encoding="utf-8", errors="replace")
    return found


def pss_mib(pid: int) -> float:
    """Return the memory of a process, shared pages counted by share, in MiB."""
    for line in Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="utf-8").splitlines():
        if line.startswith("Pss:"):
            return int(line.split()[1]) / 1024
    return 0.0
