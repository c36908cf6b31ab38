"""OpenTelemetry names in and out: not built yet. Nothing here runs, and no page mentions it."""
