"""Formats of other tools: what each of them reads, and what Adwarden reads of theirs."""
