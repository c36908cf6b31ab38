"""What somebody may try against the ledger and its evidence, and what must be found each time."""
