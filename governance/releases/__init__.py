"""Environments, releases, what is in effect where, and the check that the worker makes before it runs anything."""
