"""The scale of a run's drawing."""

import pytest

from portal.web.wording import duration
from runs.web.timeline import MOST_TICKS, _ticks

MINUTE, HOUR, DAY = 60_000.0, 3_600_000.0, 86_400_000.0
SHORT = (3.0, 47.0, 210.0, 999.0, 1_500.0, 9_000.0, 61_000.0, 95_000.0)
LONG = (228_000.0, 301_000.0, 7 * MINUTE, 59 * MINUTE, 7_300_000.0, 5 * HOUR, 25 * HOUR, 5 * DAY, 400 * DAY)


@pytest.mark.parametrize("total", [*SHORT, *LONG])
def test_no_two_moments_of_a_scale_read_alike(total: float) -> None:
    labels = [tick.exact or duration(tick.ms) for tick in _ticks(total)]
    assert len(set(labels)) == len(labels) >= 2
    assert len(labels) <= MOST_TICKS + 1


def test_a_scale_stands_at_times_that_are_said_exactly() -> None:
    labels = [tick.exact or duration(tick.ms) for tick in _ticks(228_000.0)]
    assert labels == ["0 s", "50 s", "100 s", "150 s", "200 s"]
    assert [tick.exact or duration(tick.ms) for tick in _ticks(400_000.0)] == [
        "0 min",
        "2 min",
        "4 min",
        "6 min",
    ]


def test_a_scale_of_minutes_says_no_seconds() -> None:
    labels = [tick.exact or duration(tick.ms) for tick in _ticks(301_000.0)]
    assert labels == ["0 min", "1 min", "2 min", "3 min", "4 min", "5 min"]
