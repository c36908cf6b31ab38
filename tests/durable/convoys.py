"""Short runs that are taken together, and what became of them."""

import pytest

from governance.ledger.models import Event
from governance.releases.models import Release
from runs.durable import telling
from runs.durable.claim import Claim, claim_next
from runs.records.models import Run
from tests.durable.turning import again
from tests.factories.cast import Company
from tests.factories.runs import begin


def known(release: Release, monkeypatch: pytest.MonkeyPatch) -> None:
    """The last run of it was over at once in this process."""
    monkeypatch.setitem(telling._took, release.version_id, 0.0)


def three(company: Company, release: Release) -> list[Run]:
    """Three runs that wait."""
    return [begin(company, release, f"letter {number}") for number in range(3)]


def together(*releases: Release) -> list[Claim]:
    """Who is next, and who comes along."""
    return claim_next(worker="w", pool="io", short=[release.version_id for release in releases])


def states(runs: list[Run]) -> list[str]:
    """Where they are now."""
    return [again(run).state for run in runs]


def commits(kind: str) -> int:
    """In how many transactions events of this kind were recorded."""
    return Event.objects.filter(kind=kind).values("xid").distinct().count()
