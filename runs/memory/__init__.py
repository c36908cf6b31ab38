"""Agent memory: not built yet. Nothing here runs, and no page mentions it."""
