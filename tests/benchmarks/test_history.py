"""The history that a benchmark inserts hangs together, and leaves the guards as they were."""

import psycopg
import pytest
from django.core.checks import Tags, run_checks

from governance.ledger.models import Event
from runs.lineage.models import Edge
from runs.records.models import Run, RunInput, Step
from tests.benchmarks import history
from tests.factories.cast import Company
from tests.factories.runs import begin, chain, finish, released
from tests.harness.environment import embedded
from tests.harness.fresh import FreshDatabase

COPIES = 7


@pytest.fixture
def copied(fresh_database: FreshDatabase, northwind: Company) -> Run:
    """One real run of two steps, and seven copies of it."""
    server = embedded()
    if server is None:
        pytest.skip("needs the superuser of the embedded server")
    run = finish(begin(northwind, released(northwind, chain(2))))
    with psycopg.connect(
        host=str(server.socket_folder), user="postgres", dbname=fresh_database.name, autocommit=True
    ) as superuser:
        history.insert(superuser, run.pk, COPIES)
    return run


def test_a_copy_has_everything_that_the_run_has(copied: Run) -> None:
    kinds = ["step.succeeded", "step.succeeded", "run.succeeded", "run.claimed", "run.started"]

    for run in Run.objects.all():
        steps = Step.objects.filter(run=run)
        made = Edge.objects.filter(step__in=steps, role="output", artifact__in=steps.values("output"))
        assert (run.state, run.version_id, run.release_id) == (
            "succeeded",
            copied.version_id,
            copied.release_id,
        )
        assert steps.count() == made.count() == 2
        assert RunInput.objects.filter(run=run, artifact__size__gt=0).count() == 1
        assert sorted(Event.objects.of_run(run.pk).values_list("kind", flat=True)) == sorted(kinds)
    assert Run.objects.count() == 1 + COPIES
    assert set(Run.objects.order_by("id").values_list("id", flat=True)[COPIES:]) == {copied.pk}


def test_every_guard_stands_again(copied: Run, fresh_database: FreshDatabase) -> None:
    with fresh_database.connect("owner") as owner, pytest.raises(psycopg.errors.IntegrityConstraintViolation):
        owner.execute("UPDATE runs_step SET node = 'another'")

    found = run_checks(tags=[Tags.database], databases=["default"])
    assert [problem.msg for problem in found if problem.is_serious()] == []
