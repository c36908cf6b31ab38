"""The log over the ledger's events: who stands where in it, the tiles of its tree, and what signs it."""
