"""The demonstration: complaint handling at a bank, built through the same services that people use."""
