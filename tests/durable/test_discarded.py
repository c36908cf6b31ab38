"""An answer that came too late is discarded; what it cost was paid, and is counted."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from governance.ledger.models import Event
from runs.costs.prices import set_price
from runs.durable.checkpoint import checkpoint
from runs.durable.claim import claim
from runs.durable.drive import drive
from runs.durable.executing import executed
from runs.durable.moves import succeeded
from runs.insight import measures
from runs.insight.measures import Scope, spent, tokens, used
from runs.insight.periods import BY_KEY
from runs.records.discarded import Discarded
from runs.records.models import Run
from tests.durable.turning import again, settle
from tests.factories.calls import asking
from tests.factories.cast import Company
from tests.factories.runs import begin, expire, released, told
from tests.factories.standing import taken
from tests.factories.things import MODEL
from tests.providers.serving import Serving


@pytest.fixture
def late(northwind: Company, serving: Serving, monkeypatch: pytest.MonkeyPatch) -> Run:
    """A run whose only step was asked by two workers: the first stood still until the second had the run."""
    set_price(
        northwind.organisation,
        actor=northwind.owner,
        provider="default",
        model=MODEL["model"],
        effective_from=timezone.now(),
        input_per_million=Decimal(1_000),
        output_per_million=Decimal(1_000),
    )
    run = begin(northwind, released(northwind, asking(northwind)))
    first = iter([True])

    def slowly(visit: Any) -> Any:
        outcome = executed(visit)
        if next(first, False):
            expire(run)
            assert drive(run.pk, worker="second")
        return outcome

    monkeypatch.setattr("runs.durable.journey.executed", slowly)
    assert drive(run.pk, worker="first")
    return again(run)


def test_what_it_cost_is_counted_and_nothing_of_it_enters_the_run(
    northwind: Company, serving: Serving, late: Run
) -> None:
    assert len(serving.asked()) == 2
    assert late.state == "succeeded"
    [step], [lost] = late.steps.all(), Discarded.objects.all()
    assert (lost.run, lost.node, lost.position, lost.attempt, lost.epoch) == (late, "ask", 0, 1, 1)
    assert lost.model_version_id == step.model_version_id
    assert step.cost is not None
    assert lost.cost == step.cost > 0
    assert (late.cost, late.tokens_in) == (2 * step.cost, 2 * (step.tokens_in or 0))

    [event] = Event.objects.of_run(late.pk).filter(kind="run.answer_discarded")
    assert event.details["reason"].startswith("answer discarded")
    assert (event.details["node"], event.details["cost"]) == ("ask", str(lost.cost))


def test_the_sums_of_the_dashboard_hold_it(northwind: Company, late: Run) -> None:
    scope = Scope(northwind.owner, BY_KEY["all"])

    assert used(scope).cost == late.cost
    assert used(scope).tokens == late.tokens_in + late.tokens_out
    assert [(row.runs, row.cost, row.tokens) for row in spent(scope)] == [(1, late.cost, used(scope).tokens)]
    assert [row[1:] for row in tokens(scope)] == [(late.tokens_in, late.tokens_out)]


def test_what_was_lost_counts_where_the_steps_alone_would_not_be_among_the_dearest(
    northwind: Company, late: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of more workflows than are shown only the dearest are read, as far as the steps tell."""
    twice = asking(northwind)
    twice["nodes"] = [{**twice["nodes"][0], "next": "again"}, {**twice["nodes"][0], "key": "again"}]
    other = settle(begin(northwind, released(northwind, twice)))
    assert other.cost == late.cost, "as much, but all of it in its steps"
    monkeypatch.setattr(measures, "MOST_BARS", 1)

    with CaptureQueriesContext(connection) as captured:
        [row] = spent(Scope(northwind.owner, BY_KEY["all"]))

    assert (row.workflow, row.cost) == (late.workflow.slug, late.cost), "of two that cost the same, the older"
    read = [query["sql"] for query in captured if '"runs_step"' in query["sql"]]
    assert "LIMIT 1" in read[0]


def test_who_discards_twice_counts_once(northwind: Company, serving: Serving) -> None:
    run = begin(northwind, released(northwind, asking(northwind)))
    held = taken(run)
    expire(run)
    assert claim(run.pk, worker="second") is not None
    answer = told(held)
    answer = replace(answer, outcome=replace(answer.outcome, tokens_in=7, tokens_out=1, cost=Decimal(2)))

    for _ in range(2):
        assert checkpoint(held, [answer], succeeded(held.cursor, None)) is None

    assert (again(run).cost, again(run).tokens_in, Discarded.objects.count()) == (Decimal(2), 7, 1)
    assert (again(run).state, again(run).priced) == ("running", True)


def test_of_a_run_that_has_ended_its_cost_grows_and_nothing_else_changes(
    northwind: Company, serving: Serving
) -> None:
    run = settle(begin(northwind, released(northwind, asking(northwind))))
    assert run.state == "succeeded"
    Run.objects.filter(pk=run.pk).update(cost=run.cost + 1, priced=False)

    refused: list[dict[str, Any]] = [{"cost": 0}, {"priced": True}, {"tokens_in": 0}, {"attempt": 2}]
    for change in (*refused, {"cost": 9, "output": None}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Run.objects.filter(pk=run.pk).update(**change)
