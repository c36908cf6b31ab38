"""Evidence: what a run, a release or a period can prove to a stranger, without the portal."""
