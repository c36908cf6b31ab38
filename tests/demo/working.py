"""The workers of a demonstration whose database nobody else sees: they work while it waits for them."""

import pytest

from portal.demo import play
from runs.durable.drive import drive
from runs.durable.machine import CLAIMABLE, State
from runs.records.models import Run

MOVING = CLAIMABLE | {State.COMPENSATING}


@pytest.fixture
def worked_off(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever can be driven is driven each time that the demonstration lets the workers work."""

    def meanwhile() -> None:
        for run in Run.objects.filter(state__in=MOVING).order_by("id"):
            drive(run.pk, worker="test")

    monkeypatch.setattr(play, "meanwhile", meanwhile)
