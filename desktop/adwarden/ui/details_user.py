"""The page of a promotable user."""

from __future__ import annotations

from PySide6.QtWidgets import QVBoxLayout

from adwarden.domain.model import AccountEntry, Connection, PromotableUser
from adwarden.ui.badge_paint import BadgeRow
from adwarden.ui.badges import user_badges
from adwarden.ui.details_lookups import write_handles
from adwarden.ui.details_parts import Fact, Facts, box, fetched_fact, sub, title
from adwarden.ui.details_place import Desk
from adwarden.ui.phrases import ago, api_time
from adwarden.ui.tree_nodes import user_name

_USER_TYPES = {
    "FULL": ("Full", "The ad account may promote this user and all of the user’s posts."),
    "RETWEETS_ONLY": ("Retweets only", "The ad account may promote reposts of this user’s posts."),
}


def write_user(
    desk: Desk,
    column: QVBoxLayout,
    connection: Connection,
    entry: AccountEntry,
    user: PromotableUser,
) -> None:
    """Write the page."""
    column.addWidget(title(user_name(connection, user)))
    column.addWidget(sub(f"Promotable user of {entry.account.name or entry.account.id}"))
    badges = user_badges(user)
    if badges:
        column.addWidget(BadgeRow(desk.painter, badges))
    if entry.users_error:
        column.addWidget(box(desk.icons, "bad", entry.users_error))
    words, note = _USER_TYPES.get(user.type, (user.type, "X’s documents do not describe it."))
    handle, about = _handle(desk, user)
    moment = entry.users_at or entry.fetched_at
    facts = [
        Fact("User ID", user.user_id, copies=True),
        Fact("Handle", handle, about),
        Fact("Type", words, note),
        *([Fact("Deleted", "Yes")] if user.deleted else []),
        Fact("Created", api_time(user.created_at) or "Not told"),
        Fact("Account ID", entry.account.id, copies=True),
        fetched_fact("Fetched", moment, desk.clock(), desk.stale_after),
    ]
    column.addWidget(Facts(facts, desk.icons, desk.clipboard))
    account_id = entry.account.id
    handles = desk.state.lookups.handles_of(connection.id, account_id, (entry,))
    if handles is not None:
        write_handles(desk, column, connection, account_id, *handles)


def _handle(desk: Desk, user: PromotableUser) -> tuple[str, str]:
    known = desk.state.lookups.handles.get(user.user_id)
    looked_up = f"Looked up {ago(known.fetched_at, desk.clock())}" if known else ""
    if known is not None and not known.handle and not user.handle:
        return "None", f"X has no such user any more. {looked_up}."
    handle = user.handle or (known.handle if known else "")
    if not handle:
        return "Not looked up", ""
    name = f"{known.name} · " if known and known.name else ""
    return f"@{handle}", f"{name}{looked_up}" if known else ""
