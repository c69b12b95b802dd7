"""What Adwarden knows: frozen data and rules, without input, output or Qt."""
