"""The dashboard: what ran, how long it took, what failed, what it used and cost."""

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from governance.access.gate import reach
from governance.accounts.models import Project
from governance.errors import Invalid
from governance.web.acting import actor_of, refuse_unknown, uuid_or_none
from runs.insight import figures, measures
from runs.insight.charges import charged
from runs.insight.currency import common_currency
from runs.insight.measures import Scope
from runs.insight.periods import BY_KEY, PERIODS
from runs.insight.sorts import SORT_BY_KEY, SORTS, Sort
from runs.records.models import Run
from runs.web.paging import with_parameters

USUAL = "30d"


@dataclass(frozen=True)
class Chart:
    """A figure and the same figures as a table, see `templates/components/chart.html`."""

    id: str
    title: str
    note: str
    summary: str
    figure: figures.Figure
    columns: tuple[str, ...]
    rows: list[tuple[Any, ...]]


@require_safe
def dashboard(request: HttpRequest) -> HttpResponse:
    """The charts for the period and the project in the address."""
    actor = actor_of(request)
    refuse_unknown(request.GET, "period", "project", "runs")
    period = BY_KEY.get(request.GET.get("period", USUAL))
    if period is None:
        raise Invalid("There is no such period.", fields={"period": "Choose one of the periods offered."})
    projects = list(Project.objects.visible_to(actor).select_related("organisation"))
    project = _project(projects, request.GET.get("project", ""))
    sort = _sort(request.GET.get("runs", ""))
    scope = Scope(actor, period, project.pk if project else None, sort)
    organisations = [project.organisation_id] if project else reach(actor).organisations
    context = {
        "charts": charts_of(scope, common_currency(organisations)),
        "prices": charged(scope, organisations),
        **_chips(request, projects, (period, project, sort)),
        "every_sort": with_parameters(request.GET, drop="runs"),
        "sort": sort,
        "every_project": with_parameters(request.GET, drop="project") if project else "",
    }
    return render(request, "runs/dashboard.html", context)


def _chips(request: HttpRequest, projects: list[Project], current: tuple[object, ...]) -> dict[str, Any]:
    """What can be chosen: the periods, the projects where there are several, and the sorts of runs."""

    def chip(found: object, value: str, label: str = "", **parameter: str) -> dict[str, Any]:
        url = with_parameters(request.GET, **parameter)
        return {"label": label, "value": value, "url": url, "current": found in current}

    several = projects if len(projects) > 1 else []
    return {
        "periods": [chip(found, found.label, period=found.key) for found in PERIODS],
        "projects": [chip(found, found.name, "Project", project=str(found.pk)) for found in several],
        "sorts": [chip(found, found.label, runs=found.key) for found in SORTS],
    }


def charts_of(scope: Scope, currency: str) -> list[Chart]:
    """The charts that have something to show."""
    found = [_states(scope), _spent(scope, currency), _latencies(scope), _tokens(scope), _errors(scope)]
    return [chart for chart in found if chart.rows]


def _project(projects: list[Project], wanted: str) -> Project | None:
    if not wanted:
        return None
    found = next((project for project in projects if project.pk == uuid_or_none(wanted)), None)
    if found is None:
        raise Invalid("There is no such project.", fields={"project": "Choose one of the projects offered."})
    return found


def _sort(wanted: str) -> Sort | None:
    """Which runs are counted; None for all."""
    if wanted and wanted not in SORT_BY_KEY:
        raise Invalid("There is no such sort of runs.", fields={"runs": "Choose one of those offered."})
    return SORT_BY_KEY.get(wanted)


def _states(scope: Scope) -> Chart:
    pieces = measures.runs_by_state(scope)
    states = [state for state in Run.State if any(counts.get(state) for counts in pieces.values())]
    rows = [
        (_moment(scope, piece), *(counts.get(state, 0) for state in states))
        for piece, counts in pieces.items()
    ]
    total = sum(sum(counts.values()) for counts in pieces.values())
    failed = sum(counts.get(Run.State.FAILED, 0) for counts in pieces.values())
    return Chart(
        "runs-by-state",
        "Runs by state",
        f"by {scope.period.grain}",
        f"{total:,} runs, {failed:,} of them failed.",
        figures.runs_by_state(pieces, grain=scope.period.grain, now=scope.period.latest()),
        ("Since", *(state.label for state in states)),
        rows,
    )


def _latencies(scope: Scope) -> Chart:
    rows = measures.latencies(scope)
    return Chart(
        "latencies",
        "Time per step",
        "successful attempts, slowest first",
        "Median and 95th percentile of each step.",
        figures.latencies(rows),
        ("Step", "Median", "95th percentile", "Attempts"),
        [
            (f"{row.workflow} · {row.node}", _seconds(row.median), _seconds(row.slowest), f"{row.count:,}")
            for row in rows
        ],
    )


def _errors(scope: Scope) -> Chart:
    rows = measures.errors(scope)
    return Chart(
        "errors",
        "What went wrong",
        "failed attempts by cause",
        "Causes of failed steps, the most frequent first.",
        figures.errors(rows),
        ("Cause", "Workflow", "Failed attempts"),
        [(cause, workflow, f"{count:,}") for workflow, cause, count in rows],
    )


def _tokens(scope: Scope) -> Chart:
    rows = measures.tokens(scope)
    sent, received = sum(row[1] for row in rows), sum(row[2] for row in rows)
    return Chart(
        "tokens",
        "Tokens",
        f"by {scope.period.grain}",
        f"{sent:,} tokens in, {received:,} out.",
        figures.tokens(rows, grain=scope.period.grain, now=scope.period.latest()),
        ("Since", "In", "Out"),
        [(_moment(scope, piece), f"{inwards:,}", f"{outwards:,}") for piece, inwards, outwards in rows],
    )


def _spent(scope: Scope, currency: str) -> Chart:
    rows, total = measures.spent(scope), measures.used(scope)
    counted = scope.sort.label if scope.sort else "of all runs, replays and forks with them"
    note = f"{counted}; at the prices of the day"
    if total.unpriced:
        note += f"; {total.unpriced:,} steps had no price"
    lines: list[tuple[str, measures.Spent | measures.Used]]
    lines = [(f"{row.workflow} v{row.version}", row) for row in rows]
    if rows and currency:  # amounts of several currencies have no sum
        lines.append(("Total", total))
    return Chart(
        "cost",
        "Cost by workflow and version",
        note,
        f"What each workflow version cost, the {measures.MOST_BARS} dearest at most.",
        figures.spent(rows, currency=currency),
        ("Version", "Runs", "Tokens", f"Cost {currency}".strip(), "Steps without a price"),
        [
            (label, f"{row.runs:,}", f"{row.tokens:,}", f"{row.cost:,.6f}", row.unpriced)
            for label, row in lines
        ],
    )


def _moment(scope: Scope, piece: Any) -> str:
    return f"{piece:%-d %b %Y, %H:%M} UTC" if scope.period.grain == "hour" else f"{piece:%-d %b %Y}"


def _seconds(milliseconds: float) -> str:
    return f"{milliseconds / 1000:,.3f} s"
