"""What is different between two known states of one connection, with the names of the time.

A change outlives what it is about, so it carries every name that its words need. What was never
fetched is neither gained nor lost: it is not known.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from adwarden.domain.data import dataclass
from adwarden.domain.model import AccountEntry, Connection, ConnectionState, PromotableUser

CONNECTED = "connection-added"
DISCONNECTED = "connection-removed"
RENEWED = "connection-renewed"
STATE = "connection-state"
ACCOUNT_GAINED = "account-gained"
ACCOUNT_LOST = "account-lost"
APPROVAL = "approval"
PERMISSION_GAINED = "permission-gained"
PERMISSION_LOST = "permission-lost"
USER_GAINED = "user-gained"
USER_LOST = "user-lost"

LOST, GAINED, OTHER = "lost", "gained", "other"
"""What a change means for who looks: access that is gone, that has come, or something else."""

OWN_ACTS = (CONNECTED, DISCONNECTED, RENEWED)
"""What somebody did here, which is no news to tell."""

_TONES = {
    ACCOUNT_LOST: LOST,
    PERMISSION_LOST: LOST,
    USER_LOST: LOST,
    ACCOUNT_GAINED: GAINED,
    PERMISSION_GAINED: GAINED,
    USER_GAINED: GAINED,
    CONNECTED: GAINED,
    RENEWED: GAINED,
}
_STATE_TONES = {
    ConnectionState.REVOKED.value: LOST,
    ConnectionState.NEEDS_AUTHORIZATION.value: LOST,
    ConnectionState.ATTENTION.value: LOST,
    ConnectionState.WORKING.value: GAINED,
}


@dataclass(frozen=True, slots=True)
class Source:
    """Whose changes they are: a connection, its handle, and the label of its X app."""

    connection_id: str
    handle: str
    app: str


@dataclass(frozen=True, slots=True)
class Change:
    """One difference; ``kind`` is stable, what does not apply is empty.

    ``subject`` is the permission, the user id (of a promotable user without one its own id), the
    status or the state that it is about; of
    ``connection-added`` it is how many ad accounts the connection reaches, empty while unknown.
    ``handle``, ``app``, ``name`` (of the ad account) and ``detail`` are for the words only.
    """

    kind: str
    connection_id: str
    account_id: str = ""
    subject: str = ""
    handle: str = ""
    app: str = ""
    name: str = ""
    detail: str = ""

    @property
    def tone(self) -> str:
        """``lost``, ``gained`` or ``other``."""
        if self.kind == STATE:
            return _STATE_TONES.get(self.subject, OTHER)
        return _TONES.get(self.kind, OTHER)

    @property
    def is_news(self) -> bool:
        """Whether it is told as new; what somebody did here is not."""
        return self.kind not in OWN_ACTS

    @property
    def account(self) -> str:
        """The ad account's name, or its id where it has none."""
        return self.name or self.account_id

    @property
    def words(self) -> str:
        """One sentence without a full stop; names in it are as they came."""
        who, what, account = self.handle, self.subject, self.account
        match self.kind:
            case "connection-added":
                return f"{who} is connected{_reaching(what)}"
            case "connection-removed":
                return f"{who} was disconnected from {self.app}"
            case "connection-renewed":
                return f"{who} was authorized again"
            case "connection-state":
                return self._state_words()
            case "account-gained":
                return f"{who} reaches {account} now"
            case "account-lost":
                return f"{who} no longer reaches {account}"
            case "approval":
                before = f", it was {_spoken(self.detail)}" if self.detail else ""
                return f"{account} is {_spoken(what)} now{before}"
            case "permission-gained":
                return f"{who} got {what} on {account}"
            case "permission-lost":
                return f"{who} lost {what} on {account}"
            case "user-gained":
                return f"{account} may promote user {self.detail or what} now"
            case "user-lost":
                return f"{account} may no longer promote user {self.detail or what}"
        # Of a newer version: shown as far as it can be understood.
        return " ".join(filter(None, (_spoken(self.kind), what, who, account)))

    def _state_words(self) -> str:
        why = f": {self.detail}" if self.detail else ""
        match self.subject:
            case "revoked":
                return f"{self.handle} revoked access to {self.app}"
            case "needs-authorization":
                return f"{self.handle} has to authorize again{why}"
            case "attention":
                return f"{self.handle} needs attention{why}"
            case "working":
                return f"{self.handle} works again"
        return f"{self.handle} is {_spoken(self.subject)} now"


@dataclass(frozen=True, slots=True)
class Recorded:
    """A change as the history keeps it; ``at`` is in Unix seconds, higher ids are newer."""

    id: int
    at: float
    change: Change


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which changes are asked for; what is empty does not count.

    ``text`` is words that all have to occur, ``since`` is in Unix seconds.
    """

    kinds: tuple[str, ...] = ()
    tone: str = ""
    connection_id: str = ""
    account_id: str = ""
    text: str = ""
    since: float = 0.0
    unseen: bool = False


def compare(
    source: Source, before: Mapping[str, AccountEntry], after: Mapping[str, AccountEntry]
) -> Iterator[Change]:
    """Yield what is different between ad accounts by id, in the order of ``after``."""
    for account_id, entry in after.items():
        old = before.get(account_id)
        if old is None:
            yield _of(source, ACCOUNT_GAINED, entry, entry.account.name or account_id)
            continue
        was, status = old.account.approval_status, entry.account.approval_status
        if was and status and was != status:
            yield _of(source, APPROVAL, entry, status, was)
        yield from _permissions(source, old, entry)
        yield from _users(source, old, entry)
    for account_id, old in before.items():
        if account_id not in after:
            yield _of(source, ACCOUNT_LOST, old, old.account.name or account_id)


def state_change(source: Source, before: Connection, after: Connection) -> Change | None:
    """Return how the connection itself has changed; ``None`` where nothing is new.

    A token that replaced another is one change, whatever the state was.
    """
    now = after.state
    if before.entry != after.entry:
        return Change(RENEWED, source.connection_id, "", now.value, source.handle, source.app)
    first_look = before.state is ConnectionState.UNKNOWN and now is ConnectionState.WORKING
    passing = (ConnectionState.UNKNOWN, ConnectionState.REVOKING)
    if before.state is now or now in passing or before.state in passing[1:] or first_look:
        return None
    why = after.error.partition(". ")[0].rstrip(".")
    return Change(STATE, source.connection_id, "", now.value, source.handle, source.app, "", why)


def _permissions(source: Source, old: AccountEntry, new: AccountEntry) -> Iterator[Change]:
    if old.access is None or new.access is None:
        return
    was, now = set(old.access.permissions), set(new.access.permissions)
    for permission in sorted(now - was):
        yield _of(source, PERMISSION_GAINED, new, permission)
    for permission in sorted(was - now):
        yield _of(source, PERMISSION_LOST, new, permission)


def _users(source: Source, old: AccountEntry, new: AccountEntry) -> Iterator[Change]:
    if old.users is None or new.users is None:
        return
    was = {user.user_id or user.id: user for user in old.users}
    now = {user.user_id or user.id: user for user in new.users}
    for user_id, user in now.items():
        if user_id not in was:
            yield _of(source, USER_GAINED, new, user_id, _called(user))
    for user_id, user in was.items():
        if user_id not in now:
            yield _of(source, USER_LOST, new, user_id, _called(user))


def _called(user: PromotableUser) -> str:
    """Return what a promotable user is called, empty where the user id says it all."""
    if user.handle:
        return f"@{user.handle}"
    if user.user_id:
        return ""
    # X has sent no user id: its own id of the entry, and the kind, are all there is.
    kind = _spoken(user.type)
    return f"{user.id} ({kind})" if user.id and kind else user.id or kind or "without an id"


def _of(source: Source, kind: str, entry: AccountEntry, subject: str, detail: str = "") -> Change:
    account = entry.account
    return Change(
        kind, source.connection_id, account.id, subject, source.handle, source.app,
        account.name, detail,
    )  # fmt: skip


def _reaching(count: str) -> str:
    if not count:
        return ""
    number = int(count) if count.isdecimal() else 0
    return f" and reaches {number:,} ad account{'' if number == 1 else 's'}"


def _spoken(value: str) -> str:
    return value.replace("_", " ").replace("-", " ").lower()
