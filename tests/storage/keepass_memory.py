"""Opens a KeePass file, locks it, and counts in its own memory what is left of the tokens.

``keepass_memory FILE``, the password on standard input; prints JSON. Linux only.
"""

from __future__ import annotations

import contextlib
import gc
import json
import re
import sys
from pathlib import Path

from adwarden.domain.secret import Secret
from tests.storage.keepass_parts import name_of, place_of

_WRITABLE = re.compile(r"([0-9a-f]+)-([0-9a-f]+) rw")


def main() -> None:
    """Look while the file is open, and after."""
    gc.disable()  # as in the program, where it is the GUI thread's
    file = Path(sys.argv[1])
    place = place_of(file.parent, file.name)
    place.open(Secret(sys.stdin.read()))
    assert place.text(name_of(3))
    found = {"open": count()}
    place.lock()
    found["locked"] = count()
    print(json.dumps(found))


def count() -> int:
    """Return how often the marker is in the memory of this process."""
    marker = b"marker-in-" + b"memory-"
    found = 0
    with Path("/proc/self/maps").open() as maps, Path("/proc/self/mem").open("rb") as memory:
        for area in filter(None, map(_WRITABLE.match, maps.readlines())):
            begin, end = (int(part, 16) for part in area.groups())
            with contextlib.suppress(OSError, OverflowError, ValueError):
                memory.seek(begin)
                found += memory.read(end - begin).count(marker)
    return found


if __name__ == "__main__":
    main()
