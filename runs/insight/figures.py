"""The dashboard's charts: Plotly figures in plain JSON, coloured by tokens so that both themes draw them."""

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from math import ceil, floor, log10
from textwrap import wrap
from typing import Any, Final

import plotly.graph_objects as go

from runs.insight.measures import Latency, Spent
from runs.records.models import Run

Figure = dict[str, Any]
FEW_RUNS: Final = 8  # below this, Plotly marks the axis with fractions of a run
FEWEST_PIECES: Final = 7  # an axis of time shows at least as many
MOST_TICKS: Final = 8
MOST_STEPS: Final = 4
BREAK: Final = "<br>"
LONGEST_LINE: Final = 22
# Every bar has its name, which may have two lines; what has few keeps the usual height of a chart.
PIXELS_OF_A_NAME: Final = 40
PIXELS_OF_AXIS: Final = 96
PIXELS_AT_LEAST: Final = 180
GRAINS: Final[Mapping[str, timedelta]] = {
    "hour": timedelta(hours=1),
    "day": timedelta(days=1),
    "week": timedelta(weeks=1),
}
STATE_COLOURS: Final[Mapping[str, str]] = {
    Run.State.SUCCEEDED: "var(--cs-ok)",
    Run.State.FAILED: "var(--cs-bad)",
    Run.State.RUNNING: "var(--cs-accent)",
    Run.State.QUEUED: "var(--cs-wait)",
    Run.State.CANCELLED: "var(--cs-hold)",
    Run.State.WAITING: "var(--cs-series-2)",
    Run.State.READY: "var(--cs-series-1)",
    Run.State.PAUSED: "var(--cs-series-5)",
    Run.State.NEEDS_REVIEW: "var(--cs-series-4)",
    Run.State.COMPENSATING: "var(--cs-series-3)",
    Run.State.COMPENSATED: "var(--cs-line-strong)",
    Run.State.QUARANTINED: "var(--cs-series-6)",
    Run.State.COMPENSATION_FAILED: "var(--cs-ink)",
}


def runs_by_state(pieces: Mapping[datetime, Mapping[str, int]], *, grain: str, now: datetime) -> Figure:
    """Stacked bars: how many runs began, by what became of them."""
    shown = [state for state in Run.State if any(state in counts for counts in pieces.values())]
    bars = [
        go.Bar(name=state.label, x=[*pieces], y=[counts.get(state, 0) for counts in pieces.values()])
        for state in shown
    ]
    figure = go.Figure(bars, {"barmode": "stack", "yaxis": {"rangemode": "tozero", "tickformat": ",d"}})
    if max((sum(counts.values()) for counts in pieces.values()), default=0) < FEW_RUNS:
        figure.update_yaxes(dtick=1)
    _over_time(figure, [*pieces], GRAINS[grain], now)
    return _plain(figure, [STATE_COLOURS[state] for state in shown])


def latencies(rows: Sequence[Latency]) -> Figure:
    """Two bars for each step: the median, and the 95th percentile."""
    alone = len({row.workflow for row in rows}) == 1
    names = [row.node if alone else f"{row.workflow}{BREAK}{row.node}" for row in rows]
    series = {
        "95th percentile": [(name, row.slowest / 1000) for name, row in zip(names, rows, strict=True)],
        "median": [(name, row.median / 1000) for name, row in zip(names, rows, strict=True)],
    }
    figure = _lying(series, names, mode="group", axis={"title": _unit("seconds")})
    return _plain(figure, ["var(--cs-series-2)", "var(--cs-series-1)"])


def errors(rows: Sequence[tuple[str, str, int]]) -> Figure:
    """One bar for each cause, a colour for each workflow."""
    series: dict[str, list[tuple[str, float]]] = {}
    for workflow, cause, count in rows:
        series.setdefault(workflow, []).append((_in_lines(cause), count))
    causes = list(dict.fromkeys(_in_lines(cause) for _, cause, _ in rows))
    figure = _lying(series, causes, mode="stack", axis={"tickformat": ",d"})
    return _plain(figure, [f"var(--cs-series-{6 - number % 6})" for number in range(len(series))])


def tokens(rows: Sequence[tuple[datetime, int, int]], *, grain: str, now: datetime) -> Figure:
    """Stacked bars: tokens sent and received."""
    moments = [piece for piece, _, _ in rows]
    figure = go.Figure(
        [
            go.Bar(name="in", x=moments, y=[sent for _, sent, _ in rows]),
            go.Bar(name="out", x=moments, y=[received for _, _, received in rows]),
        ],
        {"barmode": "stack", "yaxis": {"rangemode": "tozero"}},
    )
    _over_time(figure, moments, GRAINS[grain], now)
    return _plain(figure, ["var(--cs-series-1)", "var(--cs-series-3)"])


def spent(rows: Sequence[Spent], *, currency: str) -> Figure:
    """One bar for each workflow, a piece of it for each version."""
    series: dict[str, list[tuple[str, float]]] = {}
    for row in sorted(rows, key=lambda row: row.version):
        series.setdefault(f"v{row.version}", []).append((row.workflow, float(row.cost)))
    workflows = list(dict.fromkeys(row.workflow for row in rows))
    figure = _lying(
        series,
        workflows,
        mode="stack",
        axis={"title": _unit(currency), "exponentformat": "none"},
    )
    return _plain(figure, [f"var(--cs-series-{1 + number % 6})" for number in range(len(series))])


def _over_time(figure: go.Figure, moments: Sequence[datetime], grain: timedelta, now: datetime) -> None:
    """The axis of time: up to the piece that holds the present moment, and marked where pieces begin."""
    figure.update_xaxes(type="date")
    if not moments:
        return
    latest = moments[-1] + (now - moments[-1]) // grain * grain
    earliest = min(moments[0], latest - FEWEST_PIECES * grain)
    tick = -(-(latest - earliest) // (grain * MOST_TICKS)) * grain
    figure.update_xaxes(
        range=[earliest - grain / 2, latest + grain / 2],
        tick0=latest,
        dtick=tick / timedelta(milliseconds=1),
        tickformat="%-d %b" if grain >= GRAINS["day"] else "%H:%M<br>%-d %b",
    )
    figure.update_traces(width=0.8 * grain / timedelta(milliseconds=1))


def _lying(
    series: Mapping[str, Sequence[tuple[str, float]]],
    names: Sequence[str],
    *,
    mode: str,
    axis: dict[str, Any],
) -> go.Figure:
    """Bars from left to right, the first name on top; few of them stay slim."""
    bars = [
        go.Bar(name=label, orientation="h", y=[name for name, _ in points], x=[value for _, value in points])
        for label, points in series.items()
    ]
    amounts: dict[str, float] = defaultdict(float)
    for name, value in (point for points in series.values() for point in points):
        amounts[name] = amounts[name] + value if mode == "stack" else max(amounts[name], value)
    marks = _marks(max(amounts.values(), default=0), whole="tickformat" in axis)
    layout: dict[str, Any] = {
        "barmode": mode,
        "margin": {"l": 48, "r": 32, "t": 16, "b": 48},  # the last mark reaches half a label beyond
        "bargap": max(0.3, 0.85 - 0.12 * len(names)),
        "hovermode": "y unified",
        "showlegend": True,
        "xaxis": {"rangemode": "tozero", "ticklabeloverflow": "allow", **axis, **marks},
        "yaxis": {
            "categoryorder": "array",
            "categoryarray": [*names][::-1],
            "tickmode": "linear",
            "dtick": 1,
        },
    }
    if len(names) * PIXELS_OF_A_NAME > PIXELS_AT_LEAST:
        layout["height"] = len(names) * PIXELS_OF_A_NAME + PIXELS_OF_AXIS
    return go.Figure(bars, layout)


def _in_lines(words: str) -> str:
    """A long name in lines, so that a narrow screen has room for the bars beside it."""
    return BREAK.join(wrap(words, LONGEST_LINE, break_long_words=False)) or words


def _unit(name: str) -> dict[str, Any]:
    return {"text": name, "standoff": 6, "font": {"size": 12}}


def _marks(greatest: float, *, whole: bool) -> dict[str, Any]:
    """An axis from nought to the first mark that no bar passes, in round steps."""
    if greatest <= 0:
        return {}
    rough = greatest / MOST_STEPS
    power = 10.0 ** floor(log10(rough))
    step = next(times * power for times in (1, 2, 5, 10) if times * power >= rough)
    step = max(step, 1) if whole else step
    return {"dtick": step, "range": [0, ceil(greatest / step) * step]}


def _plain(figure: go.Figure, colours: Sequence[str]) -> Figure:
    """The figure as JSON data; Plotly's Python side knows no token, so the colours are put in afterwards."""
    found: Figure = json.loads(figure.to_json())
    for trace, colour in zip(found["data"], colours, strict=True):
        trace["marker"] = {**trace.get("marker", {}), "color": colour}
    return found
