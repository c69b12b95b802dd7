"""keyring's backend for the macOS Keychain, deaf to the environment."""

from __future__ import annotations

from keyring.backends.macOS import Keyring


class DefaultKeychain(Keyring):
    """The backend on the person's default keychain, whatever ``KEYCHAIN_PATH`` says."""

    keychain = None

    def set_properties_from_env(self) -> None:
        """Take no attribute from ``KEYRING_PROPERTY_*``."""
