"""Content, addressed by its SHA-256 within an organisation."""
