"""GET /dashboards/"""

import re
from decimal import Decimal
from html import unescape

from django.urls import reverse
from django.utils import timezone
from django.utils.html import strip_tags

from runs.costs.prices import set_price
from runs.insight.measures import Scope, latencies
from runs.insight.periods import BY_KEY
from runs.insight.sorts import SORT_BY_KEY
from runs.records.models import Run
from tests.counting import queries_of
from tests.factories.cast import Company
from tests.factories.forks import replay_of
from tests.factories.runs import finish
from tests.factories.standing import drive_parts, in_parts
from tests.providers.serving import Serving
from tests.visiting import Browsing
from tests.web.runs.recorded import answered, experiment, failed, quick

DASHBOARD = reverse("runs:dashboard")


def test_every_chart_has_its_figures_in_a_table_too(
    northwind: Company, browsing: Browsing, serving: Serving
) -> None:
    answered(northwind)
    failed(northwind)
    response = browsing(northwind.auditor).get(DASHBOARD)
    charts = {chart.id: chart for chart in response.context["charts"]}
    assert set(charts) == {"runs-by-state", "cost", "latencies", "tokens", "errors"}
    page = response.content.decode()
    for chart in charts.values():
        assert f'<script id="{chart.id}" type="application/json">' in page
    cells = re.findall(r'<t[hd] (?:scope="row"|class="r")>(.*?)</t[hd]>', page)
    shown = [str(cell) for chart in response.context["charts"] for row in chart.rows for cell in row]
    assert [unescape(cell) for cell in cells] == shown
    assert "2 runs, 1 of them failed." in page
    assert "The function failed" in page


def test_costs_stand_with_their_total_and_the_prices_that_made_them(
    northwind: Company, browsing: Browsing, serving: Serving
) -> None:
    began = timezone.now()
    set_price(
        northwind.organisation,
        actor=northwind.owner,
        provider="default",
        model="smollm2-135m-instruct",
        effective_from=began,
        input_per_million=Decimal(1000),
        output_per_million=Decimal(2000),
        basis="List of 2026",
    )
    answered(northwind)
    answered(northwind)
    client = browsing(northwind.auditor)
    response = client.get(DASHBOARD, {"period": "month"})
    cost = next(chart for chart in response.context["charts"] if chart.id == "cost")
    assert cost.rows[-1] == ("Total", "2", "72", "0.100000", 0)
    page = " ".join(strip_tags(response.content.decode().replace("<td", " <td")).split())
    assert f"default/smollm2-135m-instruct {began:%-d %b %Y, %H:%M} UTC 1000.000000 EUR" in page
    assert "List of 2026" in page
    assert client.get(DASHBOARD, {"period": "last-month"}).context["charts"] == []


def test_a_dashboard_without_runs_says_so_and_draws_nothing(northwind: Company, browsing: Browsing) -> None:
    page = browsing(northwind.auditor).get(DASHBOARD).content.decode()
    assert "Nothing ran in this period" in page
    assert "data-chart" not in page


def test_figures_count_only_what_one_may_see(northwind: Company, rival: Company, browsing: Browsing) -> None:
    quick(northwind, 2)
    quick(rival, 3)
    for company, count in ((northwind, 2), (rival, 3)):
        page = browsing(company.auditor).get(DASHBOARD).content.decode()
        assert f"{count} runs, 0 of them failed." in page


def test_period_and_project_stand_in_the_address(
    northwind: Company, rival: Company, browsing: Browsing
) -> None:
    quick(northwind, 1)
    client = browsing(northwind.auditor)
    for period in ("1d", "7d", "30d", "90d", "month", "all"):
        assert client.get(DASHBOARD, {"period": period}).context["charts"]
    assert client.get(DASHBOARD, {"project": str(northwind.project.pk)}).context["charts"]
    assert client.get(DASHBOARD, {"period": "decade"}).status_code == 400
    assert client.get(DASHBOARD, {"project": str(rival.project.pk)}).status_code == 400


def test_the_dashboard_costs_the_same_queries_for_one_run_and_for_many(
    northwind: Company, browsing: Browsing
) -> None:
    client = browsing(northwind.auditor)
    counts = []
    for more in (1, 4):
        quick(northwind, more)
        counts.append(queries_of(client, DASHBOARD))
    assert counts[0] == counts[1]


def test_what_was_tried_is_counted_apart_from_the_business(
    northwind: Company, browsing: Browsing, serving: Serving
) -> None:
    run, _, _ = experiment(northwind)
    finish(replay_of(run, actor=northwind.operator, reason="Once more."))
    quick(northwind)
    client = browsing(northwind.auditor)

    def counted(**query: str) -> list[str]:
        charts = {chart.id: chart for chart in client.get(DASHBOARD, query).context["charts"]}
        return [charts["runs-by-state"].summary, *(row[1] for row in charts["cost"].rows if "cost" in charts)]

    assert counted()[0] == "4 runs, 0 of them failed."
    for sort in ("protected", "replays", "forks"):
        assert counted(runs=sort) == ["1 runs, 0 of them failed.", "1", "1"], sort
    alone = client.get(DASHBOARD, {"runs": "unprotected", "period": "7d"})
    assert [chart.id for chart in alone.context["charts"]] == ["runs-by-state", "latencies"]
    assert 'href="?runs=replays&amp;period=7d"' in alone.content.decode().replace(
        "?period=7d&amp;runs=replays", "?runs=replays&amp;period=7d"
    )
    assert client.get(DASHBOARD, {"runs": "others"}).status_code == 400


def test_a_part_counts_with_what_it_is_a_part_of(northwind: Company) -> None:
    run = in_parts(northwind, items=2, at_once=2)
    drive_parts(run)
    replay = replay_of(Run.objects.get(pk=run.pk), actor=northwind.operator, reason="Once more.")
    finish(replay)
    drive_parts(replay)

    def counted(key: str) -> list[tuple[str, int]]:
        scope = Scope(northwind.auditor, BY_KEY["all"], sort=SORT_BY_KEY[key])
        return sorted((row.node, row.count) for row in latencies(scope))

    assert counted("unprotected") == counted("replays") != []
    assert counted("forks") == counted("protected") == []
