"""Found by shiboken in place of its own helper; see adwarden.system.imports."""
