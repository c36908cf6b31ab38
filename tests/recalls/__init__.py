"""What recalls promise."""
