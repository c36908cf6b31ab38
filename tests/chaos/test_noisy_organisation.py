"""One organisation has ten thousand runs in the queue: another one's run begins all the same."""

import pytest
from django.db import connection

from runs.records.models import Run
from tests.chaos.floor import Floor
from tests.chaos.flows import step
from tests.durable.scripts import graph
from tests.factories.cast import Company
from tests.factories.runs import begin, released
from tests.waiting import wait_until

pytestmark = pytest.mark.chaos
NOISE = 10_000
LONGEST_DELAY_SECONDS = 3.0
COPY_RUNS = """
    INSERT INTO runs_run (id, {columns}) SELECT gen_random_uuid(), {columns}
    FROM runs_run, generate_series(1, %(count)s) WHERE id = %(run)s
"""
COPY_INPUTS = """
    INSERT INTO runs_run_input (id, run_id, name, filename, artifact_id, classification)
    SELECT gen_random_uuid(), run.id, name, filename, artifact_id, classification
    FROM runs_run_input AS input, runs_run AS run WHERE input.run_id = %(run)s AND run.id <> %(run)s
"""


def multiply(run: Run, count: int) -> None:
    """So many more runs like this one, by two statements."""
    own = {"id", "idempotency_key"}
    named = (str(field.column) for field in Run._meta.concrete_fields)
    columns = ", ".join(name for name in named if name not in own)
    with connection.cursor() as cursor:
        cursor.execute(COPY_RUNS.format(columns=columns), {"run": run.pk, "count": count})
        cursor.execute(COPY_INPUTS, {"run": run.pk})


def test_others_begin_soon_beside_ten_thousand_runs_of_one_organisation(
    floor: Floor, northwind: Company, rival: Company
) -> None:
    noisy = begin(rival, released(rival, graph(step("noise"))), "noise")
    multiply(noisy, NOISE - 1)
    quiet = released(northwind, graph(step("one"), step("two")))
    floor.hire(seconds=0.05)
    wait_until(lambda: len(floor.lines()) > 20, "the worker has its hands full")

    runs = [begin(northwind, quiet, f"run-{number}") for number in range(5)]
    mine = Run.objects.filter(pk__in=[run.pk for run in runs])
    wait_until(lambda: not mine.filter(finished_at=None).exists(), "they have ended")

    delays = [(run.started_at - run.created_at).total_seconds() for run in mine if run.started_at]
    assert len(delays) == len(runs)
    assert max(delays) < LONGEST_DELAY_SECONDS
    waiting = Run.objects.filter(organisation=rival.organisation, state="queued").count()
    assert waiting > NOISE / 2, "the others still wait"
