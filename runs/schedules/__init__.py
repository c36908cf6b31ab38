"""Starting runs at given times: when a schedule fires, and what becomes of each firing."""
