"""The figures of the dashboard, from runs that went through the engine."""

from copy import copy
from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from governance.access.organisations import create_project
from governance.access.permissions import Role
from governance.access.services import grant_role
from governance.catalog.models import Asset
from governance.catalog.services import create_asset
from runs.costs.prices import set_price
from runs.insight import measures
from runs.insight.charges import charged
from runs.insight.measures import Scope, errors, latencies, spent, used
from runs.insight.periods import BY_KEY
from tests.factories.cast import Company
from tests.factories.runs import begin, chain, finish, put_into_effect
from tests.factories.things import make_version, make_workflow
from tests.providers.serving import Serving


def everything(company: Company) -> Scope:
    """All that the company's owner sees."""
    return Scope(company.owner, BY_KEY["all"])


@pytest.fixture
def twin(northwind: Company) -> Company:
    """The same company, at work on a second project."""
    made = create_project(northwind.organisation, actor=northwind.owner, slug="loans", name="Loans")
    for person, role in ((northwind.author, Role.AUTHOR), (northwind.operator, Role.OPERATOR)):
        grant_role(made, actor=northwind.owner, role=role, to=person, reason="a new project")
    found = copy(northwind)
    found.project = made
    return found


def test_workflows_of_one_name_in_two_projects_are_told_apart(northwind: Company, twin: Company) -> None:
    for company in (northwind, twin):
        asset = create_asset(company.project, actor=company.author, kind=Asset.Kind.WORKFLOW, slug="answer")
        broken = make_version(company, "workflow", chain(2, function="returns@1", what="raise"), asset=asset)
        finish(begin(company, put_into_effect(company, broken)))
        sound = make_version(company, "workflow", chain(1), asset=asset)
        finish(begin(company, put_into_effect(company, sound)))

    scope = everything(northwind)
    names = {"complaints/answer", "loans/answer"}
    assert {(row.workflow, row.count) for row in latencies(scope)} == {(name, 1) for name in names}
    assert {(workflow, count) for workflow, _, count in errors(scope)} == {(name, 1) for name in names}
    one = Scope(northwind.owner, BY_KEY["all"], twin.project.pk)
    assert [row.workflow for row in latencies(one)] == ["answer"]


def test_what_was_used_is_counted_whole_where_the_chart_shows_the_dearest(
    northwind: Company, serving: Serving, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(measures, "MOST_BARS", 1)
    finish(begin(northwind, put_into_effect(northwind, make_workflow(northwind))))
    set_price(
        northwind.organisation,
        actor=northwind.owner,
        provider="default",
        model="smollm2-135m-instruct",
        effective_from=timezone.now(),
        input_per_million=Decimal(1000),
        output_per_million=Decimal(2000),
    )
    priced = put_into_effect(northwind, make_workflow(northwind))
    finish(begin(northwind, priced))

    scope = everything(northwind)
    [row] = spent(scope)
    assert (row.workflow, row.version, row.runs) == (priced.workflow.slug, 1, 1)
    assert (row.tokens, row.cost, row.unpriced) == (18, Decimal("0.025"), 0)
    assert [price.output_per_million for price in charged(scope, [northwind.organisation.pk])] == [2000]
    assert charged(scope, []) == []
    assert used(scope) == measures.Used(runs=2, tokens=36, cost=Decimal("0.025"), unpriced=1)


def test_prices_are_those_that_held_within_the_period(northwind: Company, serving: Serving) -> None:
    finish(begin(northwind, put_into_effect(northwind, make_workflow(northwind))))
    for amount, days in ((3, 90), (2, 40), (1, 10)):
        set_price(
            northwind.organisation,
            actor=northwind.owner,
            provider="default",
            model="smollm2-135m-instruct",
            effective_from=timezone.now() - timedelta(days=days),
            input_per_million=Decimal(amount),
            output_per_million=Decimal(0),
        )

    def amounts(period: str) -> list[int]:
        scope = Scope(northwind.owner, BY_KEY[period])
        return [int(price.input_per_million) for price in charged(scope, [northwind.organisation.pk])]

    assert amounts("7d") == [1]
    assert amounts("30d") == [1, 2]
    assert amounts("all") == [1, 2, 3]
