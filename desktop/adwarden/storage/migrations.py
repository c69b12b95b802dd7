"""The tables of the index, version by version; a step is never changed once it has shipped."""

from __future__ import annotations

MIGRATIONS: tuple[tuple[str, ...], ...] = (
    (
        """CREATE TABLE app (
            id TEXT PRIMARY KEY, provider TEXT NOT NULL, label TEXT NOT NULL,
            access TEXT NOT NULL, entry TEXT NOT NULL, added_at REAL NOT NULL
        ) STRICT, WITHOUT ROWID""",
        """CREATE TABLE connection (
            id TEXT PRIMARY KEY,
            app_id TEXT NOT NULL REFERENCES app ON DELETE CASCADE,
            user_id TEXT NOT NULL, screen_name TEXT NOT NULL, entry TEXT NOT NULL,
            authorized_at REAL NOT NULL, state TEXT NOT NULL, checked_at REAL,
            access_level TEXT NOT NULL, error TEXT NOT NULL
        ) STRICT, WITHOUT ROWID""",
        "CREATE INDEX connection_app ON connection (app_id)",
        # account, access and users are compact JSON: they are only ever read whole, and a
        # row for each promotable user made the first paint of large lists slower.
        """CREATE TABLE entry (
            connection_id TEXT NOT NULL REFERENCES connection ON DELETE CASCADE,
            account_id TEXT NOT NULL, account TEXT NOT NULL,
            access TEXT, access_error TEXT NOT NULL, users TEXT, users_error TEXT NOT NULL,
            fetched_at REAL, PRIMARY KEY (connection_id, account_id)
        ) STRICT, WITHOUT ROWID""",
        """CREATE TABLE rate_window (
            scope TEXT NOT NULL, endpoint TEXT NOT NULL, account_id TEXT NOT NULL,
            quota INTEGER NOT NULL, remaining INTEGER NOT NULL, resets_at REAL NOT NULL,
            PRIMARY KEY (scope, endpoint, account_id)
        ) STRICT, WITHOUT ROWID""",
        """CREATE TABLE pending (
            entry TEXT PRIMARY KEY, kind TEXT NOT NULL
                CHECK (kind IN ('add', 'delete', 'rebuild')),
            username TEXT NOT NULL, made_at REAL NOT NULL
        ) STRICT, WITHOUT ROWID""",
    ),
)
