"""What the menus have, in their order; ``None`` is a separator."""

from __future__ import annotations

from adwarden.ui.action_table import Id

MORE: tuple[Id | None, ...] = (
    Id.CHECK_ALL, Id.CHECK, Id.LEAVE, None, Id.ADD_TOKEN, Id.TAKE_IN, None,
    Id.BACK_UP, Id.RESTORE, None, Id.PLACES, Id.LOCK,
)  # fmt: skip
"""What is behind the button with the three dots: too seldom needed for one of its own."""

BAR: tuple[tuple[str, tuple[Id | None, ...]], ...] = (
    (
        "File",
        (
            Id.ADD_APP,
            Id.CONNECT,
            Id.ADD_TOKEN,
            Id.TAKE_IN,
            Id.PRACTICE,
            None,
            Id.REPORT,
            Id.BACK_UP,
            Id.RESTORE,
            None,
            Id.PLACES,
            Id.LOCK,
            Id.SETTINGS,
            Id.QUIT,
        ),
    ),
    (
        "Edit",
        (
            Id.UNDO,
            Id.COPY_ID,
            Id.SEARCH,
            None,
            Id.BY_CONNECTION,
            Id.BY_ACCOUNT,
            None,
            Id.HISTORY,
            Id.HISTORY_ONE,
        ),
    ),
    (
        "Connection",
        (
            Id.REFRESH,
            Id.CANCEL_REFRESH,
            None,
            Id.REFRESH_ONE,
            Id.RECONNECT,
            Id.EDIT_CONNECTION,
            Id.HAND_OVER,
            Id.FIND,
            Id.TRY,
            Id.DISCONNECT,
            None,
            Id.CHECK,
            Id.CHECK_ALL,
            Id.LEAVE,
            None,
            Id.EDIT_APP,
        ),
    ),
)
