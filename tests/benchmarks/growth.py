"""Whether the engine slows down as its tables grow: neighbouring loads with a history and without."""

import json
import shutil
from dataclasses import dataclass
from statistics import median

from django.db import connection

from runs.records.models import Run
from tests.benchmarks import history
from tests.benchmarks.blocks import loaded
from tests.benchmarks.load import client, drain
from tests.benchmarks.plan import Plan
from tests.benchmarks.premises import Premises
from tests.benchmarks.staff import Staff
from tests.harness.databases import migrations_digest
from tests.harness.fresh import FreshDatabase

BYTES_A_RUN = 40_000  # on the disk, the log that the server writes meanwhile included


@dataclass(frozen=True)
class Growth:
    """The ratio, and what it was measured with."""

    ratio: float
    grown_runs_per_s: float
    empty_runs_per_s: float
    inserted: dict[str, int]


def growth(premises: Premises, plan: Plan, *, keep: bool) -> Growth:
    """Runs a second with the history in the tables to runs a second without, the median of neighbours.

    With `keep` the history stays for the next time, and one that is there is used.
    """
    empty, (grown, inserted) = premises.database(), _with_history(premises, plan, keep=keep)
    try:
        pairs = []
        for turn in range(plan.rounds):
            pace = {}
            # Each is the first as often as the other: what was done before slows the first.
            for database in (empty, grown) if turn % 2 else (grown, empty):
                premises.use(database)
                found, _ = loaded(premises, database, client(), plan, single=0)
                pace[database.name] = found.runs_per_s
            pairs.append((pace[empty.name], pace[grown.name]))
    finally:
        connection.close()
        premises.drop(empty)
        if not keep:
            premises.drop(grown)
    return Growth(
        ratio=median(with_it / without for without, with_it in pairs),
        grown_runs_per_s=median(with_it for _, with_it in pairs),
        empty_runs_per_s=median(without for without, _ in pairs),
        inserted=inserted,
    )


def _with_history(premises: Premises, plan: Plan, *, keep: bool) -> tuple[FreshDatabase, dict[str, int]]:
    name = f"bench_history_{migrations_digest()}_{plan.history}"
    if keep and (note := premises.note_on(name)):
        return premises.named(name), json.loads(note)
    needed = plan.history * BYTES_A_RUN
    if shutil.disk_usage(premises.postgres.places.var).free < needed:
        raise SystemExit(f"{plan.history} finished runs need {needed / 1e9:.0f} GB of disk: see --history.")
    database = premises.database()
    inserted = _inserted(premises, database, plan)
    return (premises.keep(database, name, note=json.dumps(inserted)) if keep else database), inserted


def _inserted(premises: Premises, database: FreshDatabase, plan: Plan) -> dict[str, int]:
    """Execute one run, and copy it as often as the plan says."""
    with Staff(database) as staff:
        staff.hire()
        drain(client(), 1)
    model = Run.objects.get().pk
    connection.close()
    with premises.superuser(database.name) as server:
        return history.insert(server, model, plan.history)
