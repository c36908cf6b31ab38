"""`manage.py up`: the whole portal in one terminal."""

import threading
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from portal.embedded import supervisor
from portal.embedded.errors import EmbeddedError


class Command(BaseCommand):
    """Run web, worker, sweeper and whatever embedded services are needed, until Ctrl-C."""

    help = "Run the portal: web, worker, sweeper, and the embedded services it needs. Ctrl-C stops them all."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        """`--port` insists on a port; without it the first free one from 8000 on is taken."""
        parser.add_argument("--port", type=int, default=None, help="the port to serve on (127.0.0.1)")

    def handle(self, *args: Any, port: int | None, **options: Any) -> None:
        """Serve until a signal."""
        try:
            with supervisor.running(port=port) as portal:
                self.stdout.write(
                    self.style.SUCCESS(f"\nCountersign is up: {portal.url}   (Ctrl-C stops it)\n")
                )
                self.stdout.flush()
                threading.Event().wait()
        except KeyboardInterrupt:
            self.stdout.write("Countersign has stopped.")
        except EmbeddedError as problem:
            raise CommandError(str(problem)) from None
