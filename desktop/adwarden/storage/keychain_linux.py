"""keyring's Secret Service backend, made unable to prompt and deaf to the environment."""

from __future__ import annotations

from keyring.backends.SecretService import Keyring
from keyring.errors import KeyringLocked
from secretstorage import Collection, Item

from adwarden.storage.secret_service import SecretService


class QuietSecretService(Keyring):
    """The backend on the service's kept connection.

    keyring's own would open a prompt by itself when the collection got locked, or lost, between
    our question for the state and the call.
    """

    def __init__(self, service: SecretService) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self._service = service

    def set_properties_from_env(self) -> None:
        """Take no attribute from ``KEYRING_PROPERTY_*``: they could lead to another place."""

    def get_preferred_collection(self) -> Collection:
        """Return the default collection; raises instead of unlocking or creating it."""
        return self._service.collection()

    def unlock(self, item: Item) -> None:
        """Raise ``KeyringLocked`` for a locked item; only the vault's ``unlock`` prompts."""
        if item.is_locked():
            raise KeyringLocked
