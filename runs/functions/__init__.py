"""Registered Python functions that a workflow may name as `name@version`."""
