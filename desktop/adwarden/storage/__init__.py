"""Everything that outlives the process: folders, settings, keychain, index."""
