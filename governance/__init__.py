"""Who may do what, which versions exist, and what was decided. Imports nothing of `runs` or `portal`."""
