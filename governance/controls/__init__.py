"""Control frameworks and their evidence: not built yet. Nothing here runs, and no page mentions it."""
