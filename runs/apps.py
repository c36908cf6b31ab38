"""Runs as a Django app."""

from importlib import import_module

from django.apps import AppConfig
from django.conf import settings


class RunsConfig(AppConfig):
    """What was executed, on which inputs, with which result."""

    name = "runs"
    verbose_name = "Runs"

    def ready(self) -> None:
        """Import the modules whose functions workflows may call; importing registers and announces them."""
        for module in settings.STEP_FUNCTION_MODULES:
            import_module(module)
