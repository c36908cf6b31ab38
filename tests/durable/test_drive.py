"""Driving a run from its start to its end."""

from runs.records.models import Outbox, Run, Step
from tests.factories.cast import Company
from tests.factories.runs import LETTER, begin, complaint, finish, released
from tests.providers.serving import Serving


def test_a_run_passes_through_functions_models_and_a_branch(northwind: Company, serving: Serving) -> None:
    release = released(northwind, complaint(northwind), environment=northwind.production)
    run = begin(northwind, release, f"{LETTER} My card is 4111 1111 1111 1111.", reference="CASE-1")

    done = finish(run)

    assert done.state == Run.State.SUCCEEDED, done.error
    steps = list(Step.objects.filter(run=run))
    assert [step.node for step in steps] == ["redact", "classify", "summarise", "route", "card_desk"]
    assert [step.position for step in steps] == [0, 1, 2, 3, 4]
    assert done.output is not None
    assert bytes(done.output.body) == b"The customer was charged twice."
    assert (done.tokens_in, done.tokens_out) == (22, 14)
    assert steps[3].chosen == "card_desk"
    assert done.finished_at is not None
    assert not Outbox.objects.filter(run=run).exists()
