"""Finished runs to be found."""

from typing import Protocol

import pytest

from governance.releases.models import Release
from runs.records.models import Run
from tests.factories.cast import Company
from tests.factories.runs import LETTER, begin, chain, finish, released


class Finished(Protocol):
    """Runs a letter through a company's workflow."""

    def __call__(self, company: Company, letter: str = LETTER, reference: str = "") -> Run:
        """The finished run."""
        ...


@pytest.fixture
def finished() -> Finished:
    """One workflow of one step for each company, released when first asked for."""
    known: dict[str, Release] = {}

    def run(company: Company, letter: str = LETTER, reference: str = "") -> Run:
        if company.slug not in known:
            known[company.slug] = released(company, chain(1))
        return finish(begin(company, known[company.slug], letter=letter, reference=reference))

    return run
