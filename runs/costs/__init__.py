"""Prices by date, and what a call costs."""
