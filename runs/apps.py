"""Runs as a Django app."""

from django.apps import AppConfig


class RunsConfig(AppConfig):
    """What was executed, on which inputs, with which result."""

    name = "runs"
    verbose_name = "Runs"
