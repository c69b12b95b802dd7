"""Types into Search over tens of thousands of rows, and looks how busy the GUI thread is.

Prints one line of JSON: milliseconds that the GUI thread works from one key press to the next,
the longest turn while a search looks through all rows, and how long until all was found.
"""

from __future__ import annotations

import json
import statistics
import sys
import time

from PySide6.QtCore import QEventLoop, Qt, QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QVBoxLayout, QWidget

from adwarden.domain.model import Connection, ConnectionState, Snapshot
from adwarden.services.events import EntriesSaved
from adwarden.ui.account_tree import AccountTree
from adwarden.ui.icons import Icons
from adwarden.ui.search_field import SearchField
from adwarden.ui.theme import Theme
from tests.bench.probe import Probe
from tests.bench.seed import AUTHORIZED, entry

CONNECTIONS = 10
FAST_MS = 60
"""From key to key of somebody who types fast: about 200 words a minute."""

WORDS = ("northwind 0412", "brand77", "role:admin outdoor 12", "can:conversions 31", "18ce5400")


def main() -> int:
    """Fill a tree, type and clear several queries in both views, print what was seen."""
    rows = int(sys.argv[1])
    app = QApplication(sys.argv[:1])
    theme = Theme(app, "light")
    theme.put_sheet()
    icons = Icons(theme)
    tree = AccountTree(icons)
    field = SearchField(icons)
    field.values = tree.known_values
    field.searched.connect(tree.set_filter)
    window = QWidget()
    column = QVBoxLayout(window)
    column.addWidget(field)
    column.addWidget(tree)
    window.resize(760, 700)
    window.show()
    window.activateWindow()
    field.setFocus()
    _wait(lambda: field.hasFocus())  # from here on it completes what is typed
    each = rows // CONNECTIONS
    connections = tuple(_connection(number) for number in range(CONNECTIONS))
    tree.load(Snapshot((), connections, {}))
    for place, one in enumerate(connections):
        numbers = range(place * each, (place + 1) * each)
        tree.apply(EntriesSaved(one.id, tuple(map(entry, numbers))))
    _wait(lambda: tree.settled)
    keys: list[float] = []
    turns: list[float] = []
    spent: list[float] = []
    for by_account in (False, True):
        tree.look(by_account=by_account)
        _wait(lambda: tree.settled)
        for words in WORDS:
            probe = Probe()
            for key in words:
                begun = time.thread_time()
                QTest.keyClicks(field, key)
                _let(FAST_MS)
                keys.append((time.thread_time() - begun) * 1e3)
            begun_at, begun = time.perf_counter(), time.thread_time()
            tree.search_now()
            keys[-1] += (time.thread_time() - begun) * 1e3
            _wait(lambda: tree.settled)
            spent.append((time.perf_counter() - begun_at) * 1e3)
            begun = time.thread_time()
            QTest.keyClick(field, Qt.Key.Key_Escape)
            QTest.keyClick(field, Qt.Key.Key_Escape)
            _let(FAST_MS)
            keys.append((time.thread_time() - begun) * 1e3)
            _wait(lambda: tree.settled)
            probe.stop()
            turns += [gap.cpu_ms for gap in probe.gaps]
    print(
        json.dumps(
            {
                "p95_ms": statistics.quantiles(keys, n=20)[18],
                "most_ms": max(keys),
                "keys": len(keys),
                "every_ms": FAST_MS,
                "turn_p99_ms": statistics.quantiles(turns, n=100)[98],
                "turn_most_ms": max(turns),
                "found_ms": statistics.median(spent),
                "rows": rows,
            }
        )
    )
    return 0


def _connection(number: int) -> Connection:
    name = f"northwind_{number}"
    state = ConnectionState.WORKING
    return Connection(f"c{number}", "a1", f"{number}", name, f"e{number}", AUTHORIZED, state)


def _let(milliseconds: int) -> None:
    """Let the window live for that long."""
    loop = QEventLoop()
    QTimer.singleShot(milliseconds, loop.quit)
    loop.exec()


def _wait(condition: object) -> None:
    assert callable(condition)
    while not condition():
        _let(10)


if __name__ == "__main__":
    sys.exit(main())
