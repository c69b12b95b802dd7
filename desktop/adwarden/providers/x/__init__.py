"""X: OAuth 1.0a with a PIN, and the X Ads API."""
