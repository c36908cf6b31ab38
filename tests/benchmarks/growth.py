"""Whether the engine slows down as its tables grow: neighbouring loads with a history and without."""

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
from tests.harness.fresh import FreshDatabase

BYTES_A_RUN = 40_000  # on the disk, the log that the server writes meanwhile included


@dataclass(frozen=True)
class Growth:
    """The ratio, and what it was measured with."""

    ratio: float
    grown_runs_per_s: float
    empty_runs_per_s: float
    inserted: dict[str, int]


def growth(premises: Premises, plan: Plan) -> Growth:
    """Runs a second with the history in the tables to runs a second without, the median of neighbours."""
    needed = plan.history * BYTES_A_RUN
    if shutil.disk_usage(premises.postgres.places.var).free < needed:
        raise SystemExit(f"{plan.history} finished runs need {needed / 1e9:.0f} GB of disk: see --history.")
    empty, grown = premises.database(), premises.database()
    try:
        inserted = _inserted(premises, grown, plan)
        pairs = []
        for _ in range(plan.rounds):
            pair = []
            for database in (empty, grown):
                premises.use(database)
                found, _ = loaded(premises, database, client(), plan, single=0)
                pair.append(found.runs_per_s)
            pairs.append(pair)
    finally:
        connection.close()
        premises.drop(empty)
        premises.drop(grown)
    return Growth(
        ratio=median(with_it / without for without, with_it in pairs),
        grown_runs_per_s=median(with_it for _, with_it in pairs),
        empty_runs_per_s=median(without for without, _ in pairs),
        inserted=inserted,
    )


def _inserted(premises: Premises, database: FreshDatabase, plan: Plan) -> dict[str, int]:
    """Execute one run, and copy it as often as the plan says."""
    premises.use(database)
    with Staff(database) as staff:
        staff.hire()
        drain(client(), 1)
    model = Run.objects.get().pk
    with premises.superuser(database.name) as server:
        return history.insert(server, model, plan.history)
