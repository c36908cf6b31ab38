"""Runs of five steps that do nothing, started by the service as a client would, and awaited."""

import secrets
import time
from dataclasses import dataclass
from datetime import datetime
from itertools import count
from typing import Any

from django.db import connection
from django.db.models import Count, Max, Q

from governance.accounts.models import User
from governance.catalog.models import Asset
from governance.catalog.services import create_asset
from governance.ledger.models import Event
from governance.releases.models import Environment
from runs.durable.start import start_run
from runs.lineage.models import Edge
from runs.records.models import Run, Step
from tests.factories.cast import NORTHWIND, Company
from tests.factories.runs import chain, put_into_effect
from tests.factories.things import make_version
from tests.waiting import wait_until

STEPS = 5
POLL_SECONDS = 0.02
LETTER = "Dear bank, letter {number} of {pile} says that my card was charged twice on 3 November."


@dataclass(frozen=True)
class Client:
    """Who starts runs of what."""

    workflow: Asset
    environment: Environment
    actor: User
    numbers: "count[int]"

    def start(self) -> Run:
        """Start one run, with a letter of its own so that no artifact is there already."""
        letter = LETTER.format(number=next(self.numbers), pile=self.workflow.slug)
        run, _ = start_run(
            self.workflow, actor=self.actor, environment=self.environment, inputs={"letter": letter}
        )
        return run


def client(steps: int = STEPS, *, function: str = "bench_nothing@1", **settings: str) -> Client:
    """Release a chain of steps in the database at hand, and be somebody who may start it."""
    content = chain(steps, function=function)
    for node in content["nodes"]:
        node["settings"] = {"mark": node["key"], **settings}
    return client_of(content)


def client_of(content: dict[str, Any]) -> Client:
    """Release a workflow in the database at hand, and be somebody who may start it."""
    import tests.benchmarks.steps  # noqa: F401 - registers the functions that the workflow names

    company = Company(NORTHWIND)
    slug = f"bench-{secrets.token_hex(6)}"  # the database may have been used before
    asset = create_asset(company.project, actor=company.author, kind=Asset.Kind.WORKFLOW, slug=slug)
    release = put_into_effect(company, make_version(company, "workflow", content, asset=asset))
    return Client(release.workflow, release.environment, company.operator, count(1))


@dataclass(frozen=True)
class Drained:
    """How long runs took from the first start to the last end, and how long it took to start them."""

    runs: int
    seconds: float
    starting: float

    @property
    def per_second(self) -> float:
        """Runs in a second."""
        return self.runs / self.seconds


def drain(who: Client, runs: int, *, within: float = 300.0) -> Drained:
    """Start the runs as fast as one client can while the workers execute them, and wait for the last."""
    first = clock()
    began = time.monotonic()
    started = [who.start().pk for _ in range(runs)]
    starting = time.monotonic() - began
    mine = Run.objects.filter(pk__gte=started[0], parent=None)
    wait_until(
        lambda: not mine.filter(finished_at=None).exists(), "the runs end", within=within, every=POLL_SECONDS
    )
    found = mine.aggregate(
        n=Count("pk"), good=Count("pk", filter=Q(state="succeeded")), last=Max("finished_at")
    )
    if found["n"] != runs or found["good"] != runs:
        failed = mine.exclude(state="succeeded").first()
        why = f"{failed.state}: {failed.error}" if failed else ""
        raise SystemExit(f"{found['good']} of {runs} runs succeeded, {found['n']} are there. {why}")
    return Drained(runs, (found["last"] - first).total_seconds(), starting)


def latencies(who: Client, runs: int) -> list[float]:
    """Milliseconds from calling the service to seeing that the run has ended, one run at a time.

    The client asks again every half millisecond.
    """
    found = []
    for _ in range(runs):
        began = time.perf_counter()
        run = who.start().pk
        with connection.cursor() as cursor:
            while True:
                cursor.execute("SELECT finished_at FROM runs_run WHERE id = %s", [run])
                if cursor.fetchone()[0] is not None:
                    break
                if time.perf_counter() - began > 60:
                    raise SystemExit(f"Run {run} did not end within a minute.")
                time.sleep(0.0005)
        found.append((time.perf_counter() - began) * 1000)
    return found


def hold_history(runs: int, *, steps: int = STEPS) -> None:
    """Everything that the measured runs were to leave is there, or the figures count for nothing."""
    wanted = {
        "steps": (Step.objects.filter(state="succeeded").count(), runs * steps),
        "edges": (Edge.objects.count(), runs * steps * 2),
        "step events": (Event.objects.filter(kind="step.succeeded").count(), runs * steps),
        "run events": (Event.objects.filter(kind__in=["run.started", "run.succeeded"]).count(), runs * 2),
        "outputs": (Step.objects.values("output").distinct().count(), runs * steps),
    }
    missing = {name: pair for name, pair in wanted.items() if pair[0] != pair[1]}
    if missing:
        raise SystemExit(f"What the runs left is not what they should have (found, wanted): {missing}")


def clock() -> datetime:
    """PostgreSQL's."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        now: datetime = cursor.fetchone()[0]
    return now
