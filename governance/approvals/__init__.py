"""Requests for a decision and the votes on them, bound to the digest of what is decided."""
