"""Use cases: the only room where providers and storage meet; no Qt here."""
