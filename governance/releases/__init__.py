"""Environments, releases, what is in effect where, and the check that precedes every run."""
