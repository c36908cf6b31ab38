"""Addresses at which other systems start runs, each delivery signed and told once."""
