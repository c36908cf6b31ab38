"""`manage.py demo`: a bank's complaint handling, run by real workers and a real model, then served."""

import json
import threading
import time
from argparse import ArgumentTypeError
from typing import Any
from uuid import uuid4

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from governance.errors import DomainError
from portal.demo import outage, story, witness
from portal.demo.afterwards import tell_afterwards
from portal.demo.cast import assemble
from portal.demo.letters import all_letters, generations, remaining
from portal.demo.play import TookTooLong, play, played
from portal.demo.releasing import put_into_effect
from portal.demo.report import run_facts, welcome
from portal.embedded import supervisor
from portal.embedded.errors import EmbeddedError
from runs.records.models import Run

USUAL_URL = "http://127.0.0.1:8000"


def at_least_one(text: str) -> int:
    """A whole number from 1 on; raises what argparse reports."""
    number = int(text)
    if number < 1:
        raise ArgumentTypeError("at least 1")
    return number


class Command(BaseCommand):
    """Set the demonstration up, run its letters, and serve the portal or report and stop."""

    help = (
        "Run the demonstration: twelve letters through an approved workflow. Serves the portal unless --once."
    )
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        """What to run, and how to report."""
        parser.add_argument(
            "--once", action="store_true", help="run the letters, report, and stop without serving"
        )
        parser.add_argument("--json", action="store_true", help="print one JSON object (with --once)")
        parser.add_argument("--limit", type=at_least_one, default=None, help="answer at most so many letters")
        parser.add_argument(
            "--again", action="store_true", help="run the letters once more, also when they have run"
        )
        parser.add_argument("--port", type=int, default=None, help="the port to serve on (127.0.0.1)")

    def handle(self, *args: Any, **options: Any) -> None:
        """Exit code 1 when a run failed, with the runs in the report all the same."""
        once, as_json = options["once"], options["json"]
        if as_json and not once:
            raise CommandError("--json reports and stops: use it with --once.")
        began = time.monotonic()
        try:
            beside = witness.named()
            with supervisor.running(web=not once, port=options["port"], quiet=True) as portal:
                url = portal.url or USUAL_URL
                if beside and (command := beside.command()):
                    portal.start_beside("witness", command)
                runs = self._play(options)
                if once:
                    self._report(runs, url=url, seconds=time.monotonic() - began, as_json=as_json)
                else:
                    self.stdout.write(welcome(url, runs))
                    self.stdout.flush()  # a pipe or a log file would keep it until the end
                    threading.Event().wait()
        except KeyboardInterrupt:
            self.stderr.write("Countersign has stopped.")
        except SystemExit:
            self.stderr.write(
                f"\nCountersign was stopped; the reason is in {settings.ENV.countersign_var}/log/portal.log"
            )
            raise
        except (EmbeddedError, DomainError, TookTooLong) as problem:
            raise CommandError(str(problem)) from None

    def _play(self, options: dict[str, Any]) -> list[Run]:
        """Both generations; what an earlier demonstration, perhaps interrupted, ran is not run again."""
        cast = assemble()
        outage.over(cast)
        stage = story.prepare(cast, weights_sha256=settings.ENV.model_weights_sha256)
        occasion = uuid4().hex[:12] if options["again"] or options["once"] else "demo"
        first, second = f"{occasion}-1", f"{occasion}-2"
        early, late = generations(all_letters(), options["limit"])
        before = played(stage, first) + played(stage, second)
        runs: list[Run] = []
        if stage.second.activations.exists():
            late = remaining(all_letters(), options["limit"], answered=played(stage, first))
        else:
            put_into_effect(cast, stage.first, reason=story.BEGIN)
            runs += play(cast, stage, early, label="Under the first release", occasion=first)
            put_into_effect(cast, stage.second, reason=story.REPLACE)
        runs += play(cast, stage, late, label="Under the second release", occasion=second)
        story.finish(cast, stage)
        tell_afterwards(cast, stage)
        if before:
            added = played(stage, first) + played(stage, second) - before
            self.stdout.write(f"{before} runs of an earlier start are kept, {added} are new.")
        return runs

    def _report(self, runs: list[Run], *, url: str, seconds: float, as_json: bool) -> None:
        facts = [run_facts(run, portal_url=url) for run in runs]
        if as_json:
            self.stdout.write(json.dumps({"runs": facts, "seconds": round(seconds, 3)}, ensure_ascii=False))
        else:
            for fact in facts:
                self.stdout.write(f"{fact['reference']}  {fact['state']:<10} {fact['provenance_url']}")
        failed = [fact["id"] for fact in facts if fact["state"] != "succeeded"]
        if failed:
            raise CommandError(f"{len(failed)} of {len(facts)} runs did not succeed: {', '.join(failed)}")
