"""The run, what it was started with, and its steps."""
