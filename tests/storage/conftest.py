"""The fixtures of this room: a real keychain on a session bus of its own."""

from __future__ import annotations

from tests.fakes.keychain import keyring_daemon, own_session, real_keyring

__all__ = ["keyring_daemon", "own_session", "real_keyring"]
