"""`manage.py start_run`: starts a run as one of the people, with the same checks as the page and the API."""

import argparse
import time
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from governance.errors import DomainError
from governance.management.naming import environment_named, person_named, workflow_named
from runs.durable.machine import ENDED
from runs.durable.start import USUAL_PRIORITY, Document, start_run
from runs.durable.why import why_not_moving
from runs.records.models import Run

LOOK_EVERY_SECONDS = 0.5


class Command(BaseCommand):
    """Prints the run's identifier; with --wait, its end too."""

    help = "Start a run of the workflow that is released to an environment."

    def add_arguments(self, parser: CommandParser) -> None:
        """The workflow, where, with what, and as whom."""
        parser.add_argument("workflow", help="project/workflow, or organisation/project/workflow")
        parser.add_argument("--environment", required=True, help="the environment's slug, such as production")
        parser.add_argument(
            "--input", action="append", default=[], type=_named, metavar="NAME=@FILE", dest="inputs",
            help="an input: NAME=@FILE reads a file, NAME=TEXT is the text itself; once for each input",
        )  # fmt: skip
        parser.add_argument("--reference", default="", help="your own reference, such as a case number")
        parser.add_argument("--as", required=True, dest="person", metavar="EMAIL", help="who starts the run")
        parser.add_argument("--idempotency-key", help="starting twice with one key gives one run")
        parser.add_argument(
            "--priority", type=int, default=USUAL_PRIORITY, metavar="0..9", help="the higher, the sooner (5)"
        )
        parser.add_argument("--wait", action="store_true", help="wait for the end; fails when the run does")

    def handle(self, *args: Any, **options: Any) -> None:
        """Start, print, and wait where asked."""
        person = person_named(options["person"])
        workflow = workflow_named(options["workflow"], person=person)
        try:
            run, created = start_run(
                workflow,
                actor=person,
                environment=environment_named(options["environment"], workflow=workflow, person=person),
                inputs=dict(options["inputs"]),
                reference=options["reference"],
                idempotency_key=options["idempotency_key"],
                origin=Run.Origin.COMMAND,
                priority=options["priority"],
            )
        except DomainError as problem:
            raise CommandError(problem.message) from problem
        self.stdout.write(f"{run.pk} {'started' if created else 'was started before'}")
        if options["wait"]:
            self._wait(run)

    def _wait(self, run: Run) -> None:
        while run.state not in ENDED:
            time.sleep(LOOK_EVERY_SECONDS)
            run.refresh_from_db(fields=["state", "error", "cursor", "position", "output"])
        if run.state != Run.State.SUCCEEDED:
            raise CommandError(why_not_moving(run))
        digest = run.output.sha256 if run.output else ""
        self.stdout.write(f"{run.pk} {run.state} output {digest}")


def _named(given: str) -> tuple[str, str | Document]:
    name, mark, value = given.partition("=")
    if not mark or not name:
        raise argparse.ArgumentTypeError(f"“{given}” is not NAME=@FILE or NAME=TEXT")
    if not value.startswith("@"):
        return name, value
    try:
        return name, Document(filename=Path(value[1:]).name, body=Path(value[1:]).read_bytes())
    except OSError as problem:
        raise argparse.ArgumentTypeError(f"{value[1:]} cannot be read: {problem.strerror}") from problem
