"""`manage.py sweep`: finds what nobody looks at, once or again and again."""

import signal
from collections import Counter
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from governance.errors import WrongState
from governance.ledger.self_test import refuse_unless_protected
from runs.durable.rechecks import RecheckPass
from runs.durable.sweep import Swept, sweep
from runs.durable.watching import watch
from runs.recalls.passing import RecallPass
from runs.retention.passing import RetentionPass
from runs.schedules.passing import SchedulePass


class Command(BaseCommand):
    """Prints what was found."""

    help = (
        "Take runs back from dead workers, wake those whose time has come, announce those that wait, and "
        "fire the schedules that are due, have recalls collected on, remove contents whose time is over, and "
        "compare stored contents with their digests. "
        "One process with --loop keeps an installation going; more do no harm."
    )
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        """Once, or until interrupted."""
        parser.add_argument("--loop", action="store_true", help="go on until SIGTERM or Ctrl-C")

    def handle(self, *args: Any, **options: Any) -> None:
        """Sweep and say what was found; in a loop, only when there was something."""
        try:
            refuse_unless_protected()
        except WrongState as problem:
            raise CommandError(problem.message) from problem
        schedules = SchedulePass(self._say_fired)
        if not options["loop"]:
            self._say(sweep())
            schedules()
            RecallPass()()
            RetentionPass()()
            RecheckPass()()
            return
        signal.signal(signal.SIGTERM, signal.default_int_handler)
        self.stdout.write("sweeping")
        try:
            watch(self._say, [schedules, RecallPass(), RetentionPass(), RecheckPass()])
        except KeyboardInterrupt:
            self.stdout.write("stopped")

    def _say_fired(self, found: Counter[str]) -> None:
        self.stdout.write("schedules: " + ", ".join(f"{times} {what}" for what, times in found.items()))
        self.stdout.flush()

    def _say(self, found: Swept) -> None:
        self.stdout.write(
            f"{found.recovered} taken back, {found.given_up} given up, {found.woken} woken, "
            f"{found.nudged} pools told"
        )
        self.stdout.flush()
