"""Taking a run reads a handful of rows, however many wait: by the index, none of them put in order for it.

Once the table has been analysed, that is; what was planned for a small one is planned anew then.
"""

import pytest

from runs.durable.claim import MOST_RECOVERIES
from runs.durable.statements import TEXTS, Statement
from runs.records.models import Run
from tests.factories.cast import Company
from tests.factories.runs import begin, chain, released
from tests.harness.fresh import FreshDatabase
from tests.planning import executed, most_in_order, runs_read

MANY = 4000
PRIORITIES = (2, 5, 8)
# Each priority's first, eight behind the first of all, nine to tell whether more wait; each at most twice.
A_HANDFUL = 60
COPIES = """
    INSERT INTO runs_run ({columns}, id, idempotency_key, ready_at, priority)
    SELECT {columns}, gen_random_uuid(), NULL, ready_at + make_interval(secs => n), (%s::int[])[1 + n %% 3]
    FROM runs_run, generate_series(1, %s) AS n
"""
OWN = {"id", "idempotency_key", "ready_at", "priority"}


@pytest.fixture
def crowd(
    fresh_database: FreshDatabase, northwind: Company, rival: Company, request: pytest.FixtureRequest
) -> list[Run]:
    """Thousands wait, of one company or two, and of three priorities."""
    companies = [northwind, rival][: request.param]
    firsts = [begin(each, released(each, chain(1))) for each in companies]
    columns = ", ".join(f.column for f in Run._meta.concrete_fields if f.column and f.column not in OWN)
    with fresh_database.connect("owner") as owner:
        owner.execute(COPIES.format(columns=columns).encode(), [list(PRIORITIES), MANY])
        owner.execute("ANALYZE runs_run")
    return firsts


@pytest.mark.parametrize(("crowd", "taken"), [(2, 1), (1, 8)], indirect=["crowd"])
def test_a_claim_reads_few_of_those_that_wait(crowd: list[Run], taken: int) -> None:
    assert Run.objects.filter(state="queued").count() == len(crowd) * (MANY + 1)
    values = {
        "run": None,
        "pool": "io",
        "short": [run.version_id for run in crowd],
        "lot": 1,
        "worker": "w",
        "lease": 30.0,
        "most_recoveries": MOST_RECOVERIES,
        "actor": crowd[0].started_by_id,
        "actor_name": "Engine",
    }

    plan = executed(TEXTS[Statement.CLAIM], values)

    assert Run.objects.filter(state="running").count() == taken
    assert runs_read(plan) <= A_HANDFUL
    assert most_in_order(plan) <= A_HANDFUL
