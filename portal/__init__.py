"""The composition root: settings, addresses, processes and the pages that belong to no single package."""
