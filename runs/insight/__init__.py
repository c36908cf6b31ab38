"""Questions across runs: search by content, and the dashboards."""
