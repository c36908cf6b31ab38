"""Runs over HTTP: starting them, following them, tracing what they made."""
