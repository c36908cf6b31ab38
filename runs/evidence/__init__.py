"""Evidence bundles that verify offline: not built yet. Nothing here runs, and no page mentions it."""
