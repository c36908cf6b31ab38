"""Governance as a Django app."""

from django.apps import AppConfig


class GovernanceConfig(AppConfig):
    """Who may do what, which versions exist, and what was decided."""

    name = "governance"
    verbose_name = "Governance"
