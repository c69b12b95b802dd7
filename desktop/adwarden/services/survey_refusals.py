"""Why something that nothing lists can be neither taken over nor deleted just now, in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from adwarden.domain.errors import ErrorCode, KeychainError
from adwarden.domain.model import FILE

if TYPE_CHECKING:
    from adwarden.services.survey import Orphan


def on_its_way(orphan: Orphan) -> KeychainError:
    """Return the error for an entry that something else is about."""
    error = KeychainError(
        ErrorCode.KEYCHAIN_TIMEOUT,
        "The entry is on its way",
        f"Something that is about {orphan.name} is being finished just now.",
        "Look again in a moment, then decide.",
    )
    error.place = orphan.kept.place
    return error


def in_another_file(orphan: Orphan) -> KeychainError:
    """Return the error for an entry of a KeePass file that is in use no more."""
    # Not one of a place's own troubles: the file in use is fine, and another one.
    file = orphan.file.replace("\\", "/").rpartition("/")[2]
    error = KeychainError(
        ErrorCode.ENTRY_MISSING,
        "Another KeePass file is in use now",
        f"{orphan.name} is in {file}, where nothing was deleted.",
        "Open that file under “Where secrets are kept”, then delete the entry there.",
    )
    error.place = FILE
    return error
