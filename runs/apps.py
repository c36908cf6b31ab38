"""Runs as a Django app."""

from importlib import import_module

from django.apps import AppConfig
from django.conf import settings

WHERE = "Put it beside manage.py, install it into the virtual environment, or name its folder in PYTHONPATH."


class RunsConfig(AppConfig):
    """What was executed, on which inputs, with which result."""

    name = "runs"
    verbose_name = "Runs"

    def ready(self) -> None:
        """Import the modules whose functions workflows may call; importing registers and announces them.

        What events tell of runs is registered, too.
        """
        from governance.proof.completeness.pairs import register
        from runs.records.told import COMPARED

        register(*COMPARED)
        for module in settings.STEP_FUNCTION_MODULES:
            try:
                import_module(module)
            except ModuleNotFoundError as missing:
                # What the module itself cannot find is a mistake in it, and its traceback says where.
                if missing.name is None or not f"{module}.".startswith(f"{missing.name}."):
                    raise
                raise SystemExit(
                    f"STEP_FUNCTION_MODULES names “{module}”, but there is no module “{missing.name}” where "
                    f"Python looks. {WHERE}"
                ) from missing
