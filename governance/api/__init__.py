"""Governance over HTTP: what an endpoint is, and those of the catalog, releases and approvals."""
