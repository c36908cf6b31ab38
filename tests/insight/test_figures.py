"""The charts' data."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from runs.insight.figures import errors, latencies, runs_by_state, spent, tokens
from runs.insight.measures import Latency, Spent

NOW = datetime(2026, 11, 22, 10, 31, tzinfo=UTC)  # a Sunday
BEGINS = {
    "hour": datetime(2026, 11, 22, 10, tzinfo=UTC),
    "day": datetime(2026, 11, 22, tzinfo=UTC),
    "week": datetime(2026, 11, 16, tzinfo=UTC),
}
GRAINS = {"hour": timedelta(hours=1), "day": timedelta(days=1), "week": timedelta(weeks=1)}


@pytest.mark.parametrize("grain", ["hour", "day", "week"])
@pytest.mark.parametrize("ago", [0, 3, 40])
def test_the_axis_of_time_ends_with_the_present_piece(grain: str, ago: int) -> None:
    first = BEGINS[grain] - ago * GRAINS[grain]
    axes = [
        runs_by_state({first: {"succeeded": 2}}, grain=grain, now=NOW)["layout"]["xaxis"],
        tokens([(first, 10, 20)], grain=grain, now=NOW)["layout"]["xaxis"],
    ]
    for axis in axes:
        begins, ends = (datetime.fromisoformat(at) for at in axis["range"])
        assert ends == BEGINS[grain] + GRAINS[grain] / 2  # half a bar: it stands in its middle
        assert begins < first
        assert datetime.fromisoformat(axis["tick0"]) == BEGINS[grain]
        assert (ends - begins) / timedelta(milliseconds=axis["dtick"]) < 10


def test_an_axis_of_amounts_ends_with_a_mark_that_no_bar_passes() -> None:
    versions = [Spent("w", n, 1, 10, Decimal(cost), 0) for n, cost in ((1, "0.00016"), (2, "0.00042"))]
    cases = [
        (spent(versions, currency="EUR"), 0.0002, 0.0006),
        (latencies([Latency("w", "n", 9_700, 16_500, 4)]), 5, 20),
        (errors([("w", "late", 1), ("v", "late", 2)]), 1, 3),
    ]
    for figure, step, end in cases:
        axis = figure["layout"]["xaxis"]
        assert axis["dtick"] == pytest.approx(step)
        assert axis["range"] == [0, pytest.approx(end)]
    assert "range" not in spent([], currency="EUR")["layout"]["xaxis"]


def test_every_bar_has_its_name_and_many_have_the_room_for_them() -> None:
    many = [Latency("handling" if n % 2 else "answer", f"step_{n}", 1000 - n, 2000 - n, 1) for n in range(14)]
    drawn, few = latencies(many)["layout"], latencies(many[:3])["layout"]
    assert (drawn["yaxis"]["tickmode"], drawn["yaxis"]["dtick"]) == ("linear", 1)
    assert drawn["yaxis"]["categoryarray"][-1] == "answer<br>step_0"
    assert drawn["height"] >= 14 * 30
    assert "height" not in few
    [bar] = errors([("handling", "The endpoint of the model could not be reached in time", 3)])["data"]
    assert max(len(line) for line in bar["y"][0].split("<br>")) <= 22
