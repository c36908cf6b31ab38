"""Recalls: something turned out to be bad, and every output that relied on it is looked at by somebody."""
