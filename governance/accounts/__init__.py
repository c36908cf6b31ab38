"""Organisations, teams, projects and people."""
