"""Whether anything is missing: positions, numbers of sessions, rows without events, events without rows."""
