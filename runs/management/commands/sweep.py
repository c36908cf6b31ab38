"""`manage.py sweep`: what beat does every few seconds, by hand, for when beat is down."""

import time
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser

from runs.durable.sweep import sweep


class Command(BaseCommand):
    """Prints what was found."""

    help = "Take runs back from dead workers and announce those that wait."

    def add_arguments(self, parser: CommandParser) -> None:
        """Once, or until interrupted."""
        parser.add_argument("--loop", action="store_true", help="go on until interrupted")

    def handle(self, *args: Any, **options: Any) -> None:
        """Sweep and say what was found."""
        try:
            self._sweep()
            while options["loop"]:
                time.sleep(settings.SWEEP_SECONDS)
                self._sweep()
        except KeyboardInterrupt:
            self.stdout.write("stopped")

    def _sweep(self) -> None:
        found = sweep()
        self.stdout.write(
            f"{found.recovered} taken back, {found.given_up} given up, {found.woken} woken, "
            f"{found.nudged} pools told"
        )
