"""Measures what the ledger's log costs and how fast it is verified."""
