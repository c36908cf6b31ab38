"""Every message ends with a look for what is next: none keeps another from being sent, and then does less."""

from uuid import uuid4

import pytest

from runs.durable.tasks import drive
from runs.records.models import Run
from tests.durable.turning import again
from tests.factories.cast import Company
from tests.factories.runs import begin, chain, released
from tests.harness.fresh import FreshDatabase


@pytest.mark.parametrize("named", ["a run", "nothing that there is"])
def test_a_message_that_names_a_run_looks_for_what_is_next_after_it(
    fresh_database: FreshDatabase, northwind: Company, named: str
) -> None:
    release = released(northwind, chain(1))
    first, second = begin(northwind, release), begin(northwind, release)

    drive(str(second.pk if named == "a run" else uuid4()))

    assert {again(first).state, again(second).state} == {Run.State.SUCCEEDED}
