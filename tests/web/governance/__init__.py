"""The governance pages, one file for each family of addresses."""
