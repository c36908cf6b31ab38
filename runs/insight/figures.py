"""The dashboard's charts: Plotly figures in plain JSON, coloured by tokens so that both themes draw them."""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

import plotly.graph_objects as go

from runs.insight.measures import Latency, Spent
from runs.records.models import Run

Figure = dict[str, Any]
STATE_COLOURS: Final[Mapping[str, str]] = {
    Run.State.SUCCEEDED: "var(--cs-ok)",
    Run.State.FAILED: "var(--cs-bad)",
    Run.State.RUNNING: "var(--cs-accent)",
    Run.State.QUEUED: "var(--cs-wait)",
    Run.State.CANCELLED: "var(--cs-hold)",
}


def runs_by_state(pieces: Mapping[datetime, Mapping[str, int]]) -> Figure:
    """Stacked bars: how many runs began, by what became of them."""
    shown = [state for state in Run.State if any(state in counts for counts in pieces.values())]
    bars = [
        go.Bar(name=state.label, x=[*pieces], y=[counts.get(state, 0) for counts in pieces.values()])
        for state in shown
    ]
    figure = go.Figure(
        bars, {"barmode": "stack", "yaxis": {"rangemode": "tozero", "title": {"text": "runs"}}}
    )
    return _plain(figure, [STATE_COLOURS[state] for state in shown])


def latencies(rows: Sequence[Latency]) -> Figure:
    """Two bars for each step: the median, and the 95th percentile."""
    names = [f"{row.workflow} · {row.node}" for row in reversed(rows)]
    figure = go.Figure(
        [
            go.Bar(
                name="95th percentile",
                orientation="h",
                y=names,
                x=[row.slowest / 1000 for row in reversed(rows)],
            ),
            go.Bar(name="median", orientation="h", y=names, x=[row.median / 1000 for row in reversed(rows)]),
        ],
        {
            "barmode": "group",
            "xaxis": {"title": {"text": "seconds"}, "rangemode": "tozero"},
            "hovermode": "y unified",
        },
    )
    return _plain(figure, ["var(--cs-series-2)", "var(--cs-series-1)"])


def errors(rows: Sequence[tuple[str, str, int]]) -> Figure:
    """One bar for each cause, a colour for each workflow."""
    workflows = list(dict.fromkeys(workflow for workflow, _, _ in rows))
    figure = go.Figure(
        [
            go.Bar(
                name=workflow,
                orientation="h",
                y=[cause for owner, cause, _ in reversed(rows) if owner == workflow],
                x=[count for owner, _, count in reversed(rows) if owner == workflow],
            )
            for workflow in workflows
        ],
        {
            "barmode": "stack",
            "xaxis": {"title": {"text": "failed attempts"}, "rangemode": "tozero", "tickformat": "d"},
            "hovermode": "y unified",
            "showlegend": True,
        },
    )
    return _plain(figure, [f"var(--cs-series-{6 - number % 6})" for number in range(len(workflows))])


def tokens(rows: Sequence[tuple[datetime, int, int]]) -> Figure:
    """Stacked bars: tokens sent and received."""
    moments = [piece for piece, _, _ in rows]
    figure = go.Figure(
        [
            go.Bar(name="in", x=moments, y=[sent for _, sent, _ in rows]),
            go.Bar(name="out", x=moments, y=[received for _, _, received in rows]),
        ],
        {"barmode": "stack", "yaxis": {"title": {"text": "tokens"}, "rangemode": "tozero"}},
    )
    return _plain(figure, ["var(--cs-series-1)", "var(--cs-series-3)"])


def spent(rows: Sequence[Spent], *, currency: str) -> Figure:
    """One bar for each workflow, a piece of it for each version."""
    versions = sorted({row.version for row in rows})
    figure = go.Figure(
        [
            go.Bar(
                name=f"v{version}",
                orientation="h",
                y=[row.workflow for row in rows if row.version == version],
                x=[float(row.cost) for row in rows if row.version == version],
            )
            for version in versions
        ],
        {
            "barmode": "stack",
            "xaxis": {"title": {"text": currency or "mixed currencies"}, "rangemode": "tozero"},
            "hovermode": "y unified",
            "showlegend": True,
        },
    )
    return _plain(figure, [f"var(--cs-series-{1 + number % 6})" for number in range(len(versions))])


def _plain(figure: go.Figure, colours: Sequence[str]) -> Figure:
    """The figure as JSON data; Plotly's Python side knows no token, so the colours are put in afterwards."""
    found: Figure = json.loads(figure.to_json())
    for trace, colour in zip(found["data"], colours, strict=True):
        trace["marker"] = {**trace.get("marker", {}), "color": colour}
    return found
