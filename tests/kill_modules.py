"""Imports what the services import when they need it, so that a forked process has it at once."""

from __future__ import annotations

import keyring.backends.SecretService
import oauthlib.oauth1
import pykeepass
import requests
import requests_oauthlib
import secretstorage

import adwarden.providers.http
import adwarden.services.apps
import adwarden.services.backup
import adwarden.services.endings
import adwarden.services.leaving
import adwarden.services.moving
import adwarden.services.recovery
import adwarden.services.removing
import adwarden.services.restoring
import adwarden.services.rewriting
import adwarden.services.undoing
import adwarden.services.vault_file
import adwarden.storage.keepass_vault
import adwarden.storage.keychain_linux
import adwarden.storage.secret_service
import adwarden.system.claims

__all__ = ["adwarden", "keyring", "oauthlib", "pykeepass", "requests", "requests_oauthlib"]
__all__ += ["secretstorage"]
