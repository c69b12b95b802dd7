"""The names that a signature may speak of; see adwarden.system.signatures."""

from adwarden.system import signatures


def update_mapping() -> None:
    """Fill in the names; shiboken calls this before it looks one up."""
    signatures.update_mapping(globals())
