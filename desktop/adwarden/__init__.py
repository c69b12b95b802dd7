"""Adwarden: a desktop credential manager for ads APIs, X Ads first."""

__version__ = "0.1.0"
