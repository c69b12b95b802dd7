"""keyring's backend for the Windows Credential Manager, deaf to the environment."""

from __future__ import annotations

from keyring.backends.Windows import WinVaultKeyring


class LocalCredentialManager(WinVaultKeyring):
    """The backend whose entries stay on this computer instead of roaming with the profile."""

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.persist = "local machine"

    def set_properties_from_env(self) -> None:
        """Take no attribute from ``KEYRING_PROPERTY_*``."""
