"""Writes a KeePass file until it is ended: ``keepass_writer FILE LOCKS`` and a line per writer.

Each line of the input, ``FIRST COUNT``, makes a child that writes the entries from FIRST on; its
id is the first it prints, then each number once it is confirmed. With a COUNT below zero each
takes the place of the one before, which goes. So the cost of starting is paid once.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

from adwarden.storage.keepass_place import KeepassPlace
from adwarden.storage.vault import Vault
from tests.storage.keepass_parts import PASSWORD, QUICK, name_of, new_place, token


def main() -> None:
    """Serve one line after the other."""
    file, locks = Path(sys.argv[1]), Path(sys.argv[2])
    # Once, so that the children need not import anything.
    warm = new_place(locks, "warm.kdbx")
    Vault(system=warm.system).put(*name_of(0), token())
    warm.lock()
    for line in sys.stdin:
        first, count = map(int, line.split())
        if os.fork() == 0:
            _tell(os.getpid())
            _write(file, locks, first, count)
            os._exit(0)


def _write(file: Path, locks: Path, first: int, count: int) -> None:
    place = KeepassPlace(file, kdf=QUICK, locks=locks)
    place.open(PASSWORD)
    vault = Vault(system=place.system)
    for number in range(first, first + abs(count)):
        if count > 0:
            vault.put(*name_of(number), token(f"{number}-a"))
        else:
            place.succeed(name_of(number), name_of(number - 1))
            vault.put(*name_of(number), token("same-a"))
            vault.delete(*name_of(number - 1))
        _tell(number)


def _tell(number: int) -> None:
    os.write(1, b"%d\n" % number)


if __name__ == "__main__":
    main()
