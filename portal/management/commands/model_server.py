"""`manage.py model_server`: the model server in the foreground."""

import os
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from portal.embedded import model, model_process
from portal.embedded.errors import NotInstalled


class Command(BaseCommand):
    """Serve the model that comes with the checkout on 127.0.0.1 until Ctrl-C."""

    help = "Serve SmolLM2-135M-Instruct behind an OpenAI-compatible endpoint on 127.0.0.1 until Ctrl-C."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        """Port 0 takes a free one and says which."""
        parser.add_argument("--port", type=int, default=0)

    def handle(self, *args: Any, port: int, **options: Any) -> None:
        """Serve; requests must carry LLM_API_KEY when it is set."""
        try:
            model.require_wheel()
            model_process.serve(port=port, api_key=os.environ.get("LLM_API_KEY", ""))
        except NotInstalled as problem:
            raise CommandError(str(problem)) from None
