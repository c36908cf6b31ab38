"""The scale of a run's drawing."""

import pytest

from portal.web.wording import duration
from runs.web.timeline import MOST_TICKS, _ticks


@pytest.mark.parametrize("total", [3.0, 47.0, 210.0, 999.0, 1_500.0, 9_000.0, 61_000.0, 7_300_000.0])
def test_no_two_moments_of_a_scale_read_alike(total: float) -> None:
    labels = [tick.exact or duration(tick.ms) for tick in _ticks(total)]
    assert len(set(labels)) == len(labels) >= 2
    assert len(labels) <= MOST_TICKS + 1
