"""Answers that somebody waits for at a prompt: ``--help``, ``list`` as a tree, what Tab offers.

Half of what a console command costs is importing what it is made of. These need none of it: the
help is the parser's alone, and the rest stands in the index as it is printed. Whatever is
unusual about the index (missing, new, older, newer, damaged, not to be written in) is left to the
command itself, which has the words for it.
"""

from __future__ import annotations

import os
import sys

TYPE_CHECKING = False  # typing takes milliseconds
if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterator, Sequence

_HELP = frozenset({"-h", "--help", "--version"})
NAMES = "_names"
"""The command by which the scripts of shells ask for names; nobody else is told of it."""

_PATIENCE = 3.0
"""Seconds that another process may hold the index."""

_INDEX = "directory.sqlite3"
OWNER = 0x41445744
_APPS = "SELECT id, label, access FROM app ORDER BY added_at, id"
_CONNECTIONS = """SELECT id, app_id, user_id, screen_name, state, checked_at FROM connection
    ORDER BY authorized_at, id"""
_UNBUILT = "SELECT 1 FROM pending WHERE kind='rebuild' AND NOT EXISTS (SELECT 1 FROM app)"
# Read by SQLite itself: Python's reader of JSON takes longer to be imported than all of this.
_ACCOUNTS = """SELECT connection_id, json_extract(account, '$[1]'), json_extract(account, '$[0]'),
    access IS NOT NULL FROM entry"""
_PERMISSIONS = """SELECT connection_id, json_extract(account, '$[0]'), held.value
    FROM entry, json_each(entry.access) AS held WHERE held.key > 0
    ORDER BY connection_id, account_id, held.key"""
_USERS = """SELECT connection_id, json_extract(account, '$[0]'), json_extract(one.value, '$[4]'),
    json_extract(one.value, '$[1]'), json_extract(one.value, '$[2]')
    FROM entry, json_each(entry.users) AS one ORDER BY connection_id, account_id, one.key"""


def answer(said: Sequence[str]) -> int | None:
    """Answer a command line and return the exit code; ``None`` where others have to do it.

    Raises ``SystemExit`` after help and version, as the parser does.
    """
    ours = said[: said.index("--")] if "--" in said else said
    if not _HELP.isdisjoint(ours):
        from adwarden.command_line import parse

        parse(said)
        return None  # it was the value of an option
    folder, words = _asked(said)
    if words[:1] == [NAMES]:
        from adwarden.cli import told
        from adwarden.cli.offering import offer

        return told(lambda: offer(folder or _other_folder(said), [*words[1:2], *words[3:4]]))
    found = _tree(os.path.join(folder, _INDEX)) if folder and words == ["list"] else None  # noqa: PTH118
    if found is None:
        return None
    from adwarden.cli import told

    return told(lambda: _print(found))


def _print(lines: Sequence[str]) -> int:
    print("\n".join(lines))
    return 0


def _asked(said: Sequence[str]) -> tuple[str, list[str]]:
    """Return the data folder, empty where others have to tell, and the command with its words."""
    chosen, practice, command = os.environ.get("ADWARDEN_DATA_DIR", ""), False, len(said)
    words = iter(range(len(said)))
    for at in words:
        if said[at] == "--practice":
            practice = True
        elif said[at] == "--data-dir":
            chosen = said[at + 1] if next(words, None) is not None else ""
            if not chosen.strip():
                return "", []
        else:
            command = at
            break
    if "\0" in chosen:
        return "", []
    folder = os.path.expanduser(chosen) if chosen.strip() else _usual_folder()  # noqa: PTH111
    root = os.path.join(folder, "practice") if practice and folder else folder  # noqa: PTH118
    return root, list(said[command:])


def _usual_folder() -> str:
    """Return the data folder of Linux, as platformdirs has it; it is imported elsewhere."""
    if sys.platform != "linux":
        return ""
    base = os.environ.get("XDG_DATA_HOME", "")
    return os.path.join(base if base.strip() else os.path.expanduser("~/.local/share"), "adwarden")  # noqa: PTH111, PTH118


def _other_folder(said: Sequence[str]) -> str:
    """Return the data folder where only platformdirs knows it."""
    from adwarden.storage.paths import DataFolder

    return str(DataFolder.locate(os.environ, practice="--practice" in said).root)


def _tree(index: str) -> list[str] | None:
    """Return the lines, or ``None`` where anything about the index is not as it should be."""
    # Where nothing can be written, SQLite may read it all the same; a person is told of it then.
    if not os.path.isfile(index) or not os.access(os.path.dirname(index), os.W_OK | os.X_OK):  # noqa: PTH113, PTH120
        return None
    import sqlite3

    try:
        db = sqlite3.connect(
            address_of(index, "rw"), uri=True, timeout=_PATIENCE, isolation_level=None
        )
    except sqlite3.Error:
        return None
    try:
        return list(_lines(db)) if _is_ours(db) and not db.execute(_UNBUILT).fetchone() else None
    except (sqlite3.Error, UnicodeError, TypeError, AttributeError):
        return None
    finally:
        db.close()


def address_of(index: str, mode: str) -> str:
    """Return a file's name as SQLite's URI: ``ro`` or ``rw``, which make no file."""
    path = os.path.abspath(index).replace("\\", "/") if os.name == "nt" else index  # noqa: PTH100
    for char, code in (("%", "%25"), ("?", "%3f"), ("#", "%23")):
        path = path.replace(char, code)
    return f"file:{'/' if path[1:2] == ':' else ''}{path}?mode={mode}"


def _is_ours(db: sqlite3.Connection) -> bool:
    from adwarden.storage.migrations import MIGRATIONS

    asked = ("application_id", "user_version", "integrity_check(1)")
    found = [db.execute(f"PRAGMA {one}").fetchone()[0] for one in asked]
    return found == [OWNER, len(MIGRATIONS), "ok"]


def _lines(db: sqlite3.Connection) -> Iterator[str]:
    from adwarden.cli.tree_lines import NOTHING, account_line, app_line, connection_line, user_line

    db.execute("BEGIN")  # one state for all that is read
    apps = db.execute(_APPS).fetchall()
    connections = db.execute(_CONNECTIONS).fetchall()
    accounts: dict[str, list[tuple[str, str, int]]] = {}
    for one, *account in db.execute(_ACCOUNTS):
        accounts.setdefault(one, []).append(tuple(account))
    held: dict[tuple[str, str], list[str]] = {}
    for one, account_id, permission in db.execute(_PERMISSIONS):
        held.setdefault((one, account_id), []).append(permission)
    users: dict[tuple[str, str], list[tuple[str, str, str]]] = {}
    for one, account_id, *user in db.execute(_USERS):
        users.setdefault((one, account_id), []).append(tuple(user))
    db.execute("COMMIT")
    if not apps:
        yield NOTHING
    for app_id, label, access in apps:
        yield app_line(label, access)
        for one, of, user_id, name, state, checked_at in connections:
            if of != app_id:
                continue
            mine = accounts.get(one, [])
            count = None if checked_at is None and not mine else len(mine)
            yield connection_line(f"@{name}" if name else user_id, one, state, count)
            for title, account_id, is_known in sorted(mine, key=_by_name):
                permissions = held.get((one, account_id), []) if is_known else None
                yield account_line(title, account_id, permissions)
                for user in users.get((one, account_id), ()):
                    yield user_line(*user)


def _by_name(account: tuple[str, str, int]) -> tuple[str, str]:
    return (account[0].casefold(), account[1])
