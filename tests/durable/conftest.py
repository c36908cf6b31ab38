"""What the tests of runs that are taken together begin with."""

import pytest

from governance.releases.models import Release
from runs.durable import drive as driving
from tests.durable.scripts import call, graph
from tests.factories.cast import Company
from tests.factories.runs import released


@pytest.fixture
def patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """However slow the machine is, nobody counts as held up."""
    monkeypatch.setattr(driving, "LONGEST_TOGETHER_SECONDS", 60.0)


@pytest.fixture
def release(northwind: Company) -> Release:
    """A workflow of one step, of which nothing is known here yet."""
    return released(northwind, graph(call("a")))
