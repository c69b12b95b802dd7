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
    (
        # What was looked up on demand: handles of users, funding instruments, features.
        """CREATE TABLE lookup (
            kind TEXT NOT NULL, id TEXT NOT NULL, found TEXT NOT NULL, fetched_at REAL NOT NULL,
            PRIMARY KEY (kind, id)
        ) STRICT, WITHOUT ROWID""",
        "ALTER TABLE app ADD COLUMN approved_at REAL",
    ),
    (
        # It refers to nothing, so that it outlives what it is about. An id is never used again,
        # or what comes after pruning would count as seen.
        """CREATE TABLE change (
            id INTEGER PRIMARY KEY AUTOINCREMENT, at REAL NOT NULL,
            kind TEXT NOT NULL, tone TEXT NOT NULL,
            connection_id TEXT NOT NULL, account_id TEXT NOT NULL, subject TEXT NOT NULL,
            handle TEXT NOT NULL, app TEXT NOT NULL, name TEXT NOT NULL, detail TEXT NOT NULL,
            hay TEXT NOT NULL, loading INTEGER NOT NULL
        ) STRICT""",
        "CREATE INDEX change_at ON change (at)",
        "CREATE INDEX change_connection ON change (connection_id)",
        "CREATE INDEX change_loading ON change (connection_id) WHERE loading",
        """CREATE TABLE change_seen (
            place TEXT PRIMARY KEY, change_id INTEGER NOT NULL
        ) STRICT, WITHOUT ROWID""",
    ),
    (
        # A refresh that was cut off goes on where it stopped: which rows it had already made
        # new can be seen by their times.
        """CREATE TABLE refresh_job (
            connection_id TEXT PRIMARY KEY REFERENCES connection ON DELETE CASCADE,
            entry TEXT NOT NULL, began_at REAL NOT NULL,
            next_cursor TEXT NOT NULL, listed INTEGER NOT NULL
        ) STRICT, WITHOUT ROWID""",
        "ALTER TABLE entry ADD COLUMN listed_at REAL",
        "ALTER TABLE entry ADD COLUMN access_at REAL",
        "ALTER TABLE entry ADD COLUMN users_at REAL",
        "UPDATE entry SET access_at=fetched_at WHERE access IS NOT NULL",
        "UPDATE entry SET users_at=fetched_at WHERE users IS NOT NULL",
        "ALTER TABLE rate_window ADD COLUMN noted_at REAL NOT NULL DEFAULT 0",
        "ALTER TABLE rate_window ADD COLUMN noted_up REAL NOT NULL DEFAULT 0",
    ),
    (
        # Secrets can be in more than one place, and an app can have more of them.
        "ALTER TABLE app ADD COLUMN note TEXT NOT NULL DEFAULT ''",
        "ALTER TABLE app ADD COLUMN holds TEXT NOT NULL DEFAULT ''",
        "ALTER TABLE app ADD COLUMN place TEXT NOT NULL DEFAULT 'keychain'",
        "ALTER TABLE connection ADD COLUMN label TEXT NOT NULL DEFAULT ''",
        "ALTER TABLE connection ADD COLUMN note TEXT NOT NULL DEFAULT ''",
        "ALTER TABLE connection ADD COLUMN place TEXT NOT NULL DEFAULT 'keychain'",
        "ALTER TABLE connection ADD COLUMN pasted INTEGER NOT NULL DEFAULT 0",
        "ALTER TABLE pending RENAME TO pending_before",
        """CREATE TABLE pending (
            entry TEXT PRIMARY KEY, kind TEXT NOT NULL
                CHECK (kind IN ('add', 'delete', 'rebuild', 'revoke')),
            username TEXT NOT NULL, made_at REAL NOT NULL, place TEXT NOT NULL,
            replaces TEXT, file TEXT NOT NULL DEFAULT '', run TEXT NOT NULL DEFAULT ''
        ) STRICT, WITHOUT ROWID""",
        """INSERT INTO pending (entry, kind, username, made_at, place)
            SELECT entry, kind, username, made_at, 'keychain' FROM pending_before""",
        "DROP TABLE pending_before",
        # One row for each user of an app, and one for each entry: the newest stays. What nothing
        # names any more is to be deleted; an entry that two rows shared is not.
        """CREATE TEMP TABLE doubled AS SELECT id, entry, screen_name, user_id, place
            FROM connection WHERE EXISTS (
                SELECT 1 FROM connection other WHERE
                (other.app_id=connection.app_id AND other.user_id=connection.user_id
                    AND other.user_id!='' OR other.entry=connection.entry AND other.entry!='')
                AND (other.authorized_at, other.id) > (connection.authorized_at, connection.id)
            )""",
        "DELETE FROM connection WHERE id IN (SELECT id FROM doubled)",
        """INSERT OR REPLACE INTO pending (entry, kind, username, made_at, place)
            SELECT entry, 'delete', iif(screen_name='', user_id, '@' || screen_name), 0, place
            FROM doubled WHERE entry NOT IN (SELECT entry FROM connection)""",
        "DROP TABLE doubled",
        "CREATE UNIQUE INDEX connection_user ON connection (app_id, user_id) WHERE user_id!=''",
        "CREATE UNIQUE INDEX connection_entry ON connection (entry) WHERE entry!=''",
        # Stopped by a person: it goes on when somebody asks, and never by itself.
        "ALTER TABLE refresh_job ADD COLUMN stopped INTEGER NOT NULL DEFAULT 0",
    ),
    (
        # Whether X takes the app's keys, and whether they are there at all.
        "ALTER TABLE app ADD COLUMN state TEXT NOT NULL DEFAULT 'unknown'",
    ),
    (
        # Some of an app's secrets are to go from its entry, which stays: those in "replaces".
        "ALTER TABLE pending RENAME TO pending_before",
        """CREATE TABLE pending (
            entry TEXT PRIMARY KEY, kind TEXT NOT NULL
                CHECK (kind IN ('add', 'delete', 'rebuild', 'revoke', 'drop')),
            username TEXT NOT NULL, made_at REAL NOT NULL, place TEXT NOT NULL,
            replaces TEXT, file TEXT NOT NULL DEFAULT '', run TEXT NOT NULL DEFAULT ''
        ) STRICT, WITHOUT ROWID""",
        "INSERT INTO pending SELECT * FROM pending_before",
        "DROP TABLE pending_before",
    ),
    (
        # When a connection's last failure was: shown long after, it is not how things are.
        "ALTER TABLE connection ADD COLUMN error_at REAL",
    ),
)
