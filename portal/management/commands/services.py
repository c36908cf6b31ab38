"""`manage.py services start|stop|status`: the embedded services on their own."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from portal.embedded import environment
from portal.embedded.errors import EmbeddedError


class Command(BaseCommand):
    """Start the embedded services and let them stay, stop them, or tell how they are."""

    help = "Start, stop or show the embedded PostgreSQL, Valkey and model server of this checkout."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        """One word says what to do; names narrow it down."""
        parser.add_argument("action", choices=["start", "stop", "status"])
        parser.add_argument("names", nargs="*", help="postgres, valkey, model; default: all that are in use")

    def handle(self, *args: Any, action: str, names: list[str], **options: Any) -> None:
        """Do it for each chosen service, in starting order, or backwards when stopping."""
        if unknown := set(names) - {"postgres", "valkey", "model"}:
            raise CommandError(f"no such service: {', '.join(sorted(unknown))}")
        chosen = [service for service in environment.services() if not names or service.name in names]
        try:
            for service in reversed(chosen) if action == "stop" else chosen:
                if action == "start":
                    environment.keep(service)
                elif action == "stop":
                    environment.release(service)
                self._report(service)
        except (EmbeddedError, OSError) as problem:
            raise CommandError(str(problem)) from None

    def _report(self, service: environment.Service) -> None:
        pid = service.pid()
        state = f"running (process {pid})" if pid else "not running"
        stays = ", stays until `services stop`" if pid and environment.kept(service) else ""
        self.stdout.write(f"{service.name:<9} {state}{stays}")
