"""The part of the index that keeps what a refresh needs later: rate limits, and how far it was.

Everything here can be lost without harm: X tells its limits again, and a refresh begins anew.
"""

from __future__ import annotations

from collections.abc import Iterable

from adwarden.storage import rows
from adwarden.storage.database import Database
from adwarden.storage.rows import RefreshJob, StoredWindow

_OPEN = """SELECT * FROM rate_window WHERE CASE WHEN noted_at = 0 OR noted_up > :up
    THEN resets_at > :now ELSE resets_at - noted_at > :up - noted_up END"""


class RefreshState(Database):
    """Rate limits and unfinished refreshes."""

    def save_windows(self, windows: Iterable[StoredWindow]) -> None:
        """Remember several rate limits in one step."""
        batch = [rows.window_row(window) for window in windows]
        with self._changing(lasting=False) as db:
            db.executemany("INSERT OR REPLACE INTO rate_window VALUES (?,?,?,?,?,?,?,?)", batch)

    def windows(self, up: float = -1.0) -> tuple[StoredWindow, ...]:
        """Return the rate limits that have not been reset since.

        ``up`` is how many seconds the computer has been running, which counts more than the
        clock where it was not started anew; without it the clock alone counts.
        """
        with self._reading() as db:
            found = db.execute(_OPEN, {"up": up, "now": self._clock()})
            return tuple(StoredWindow(*row) for row in found)

    def save_job(self, job: RefreshJob) -> bool:
        """Note that a refresh has begun; False if its connection is gone."""
        with self._changing(lasting=False) as db:
            known = db.execute("SELECT 1 FROM connection WHERE id=?", (job.connection_id,))
            if known.fetchone() is None:
                return False
            self._put_job(job)
        return True

    def finish_job(self, connection_id: str) -> None:
        """Strike the refresh of this connection: it has come to its end, or is given up."""
        with self._changing(lasting=False) as db:
            db.execute("DELETE FROM refresh_job WHERE connection_id=?", (connection_id,))

    def stop_job(self, connection_id: str) -> None:
        """Note that a person has stopped the refresh of this connection."""
        with self._changing(lasting=False) as db:
            db.execute("UPDATE refresh_job SET stopped=1 WHERE connection_id=?", (connection_id,))

    def job(self, connection_id: str) -> RefreshJob | None:
        """Return the unfinished refresh of a connection."""
        return next((job for job in self.jobs() if job.connection_id == connection_id), None)

    def jobs(self) -> tuple[RefreshJob, ...]:
        """Return the refreshes that have begun and not ended, the oldest first."""
        with self._reading() as db:
            found = db.execute("SELECT * FROM refresh_job ORDER BY began_at, connection_id")
            return tuple(
                RefreshJob(connection_id, entry, at, cursor, bool(listed), bool(stopped))
                for connection_id, entry, at, cursor, listed, stopped in found
            )

    def _put_job(self, job: RefreshJob) -> None:
        self._db.execute(
            "INSERT OR REPLACE INTO refresh_job VALUES (?,?,?,?,?,?)",
            (
                job.connection_id,
                rows.text(job.entry),
                job.began_at,
                rows.text(job.next_cursor),
                int(job.listed),
                int(job.stopped),
            ),
        )
