"""Whether the engine slows down as its tables grow: neighbouring loads with a history and without."""

import json
import shutil
from dataclasses import dataclass, replace
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
class Pace:
    """Runs a second of two loads in a row."""

    first: float  # after a checkpoint: the first change of a page writes the whole page to the log
    steady: float


@dataclass(frozen=True)
class Neighbours:
    """The same loads without a history and with one, one after the other."""

    empty: Pace
    grown: Pace


@dataclass(frozen=True)
class Growth:
    """What each turn showed, and how many rows the history has."""

    turns: list[Neighbours]
    inserted: dict[str, int]

    @property
    def ratio(self) -> float:
        """Of the steady paces."""
        return median(turn.grown.steady / turn.empty.steady for turn in self.turns)

    @property
    def first_ratio(self) -> float:
        """Of the paces just after a checkpoint."""
        return median(turn.grown.first / turn.empty.first for turn in self.turns)


def growth(premises: Premises, plan: Plan, *, keep: bool) -> Growth:
    """Runs a second with the history in the tables and without, in turns the one or the other first.

    With `keep` the history stays for the next time, and one that is there is used.
    """
    empty, (grown, inserted) = premises.database(), _with_history(premises, plan, keep=keep)
    turns = []
    try:
        for turn in range(plan.rounds):
            # Each is the first as often as the other: what was done before slows the first.
            order = (empty, grown) if turn % 2 else (grown, empty)
            paces = {database.name: _pace(premises, database, plan) for database in order}
            turns.append(Neighbours(paces[empty.name], paces[grown.name]))
    finally:
        connection.close()
        premises.drop(empty)
        if not keep:
            premises.drop(grown)
    return Growth(turns, inserted)


def _pace(premises: Premises, database: FreshDatabase, plan: Plan) -> Pace:
    premises.use(database)
    who, longer = client(), replace(plan, seconds=plan.growth_seconds)
    with premises.superuser() as server:
        server.execute("CHECKPOINT")
    first, _ = loaded(premises, database, who, longer, single=0)
    steady, _ = loaded(premises, database, who, longer, single=0)
    return Pace(first.runs_per_s, steady.runs_per_s)


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
