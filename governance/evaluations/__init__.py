"""Evaluation gates: not built yet. Nothing here runs, and no page mentions it."""
