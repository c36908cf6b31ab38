"""The worked example that the README links: it can be released as it stands, executed, resumed and undone."""

from typing import Any

import pytest

from governance.catalog.definition_text import read_definition
from portal.env import ROOT
from runs.durable.cancel import cancel_run
from runs.durable.decide import decide
from runs.durable.resume import resume_run
from runs.durable.start import start_run
from runs.functions.registry import StepFunction, _registered
from runs.records.models import Run
from tests.factories.cast import Company
from tests.factories.runs import finish, released
from tests.factories.waits import task_of

EXAMPLE = read_definition((ROOT / ".readme" / "refund.yaml").read_text(encoding="utf-8"))
CASE = b'{"number": "C-1", "customer": "C-10417"}'


def asked(company: Company) -> Run:
    """A run of it that waits for somebody to approve."""
    release = released(company, EXAMPLE)
    run, _ = start_run(
        release.workflow,
        actor=company.operator,
        environment=release.environment,
        inputs={"case": CASE},
    )
    return finish(run)


@pytest.mark.parametrize(("decision", "last"), [("approve", "pay"), ("reject", "refuse")])
def test_a_rejection_goes_another_way_than_an_approval(northwind: Company, decision: str, last: str) -> None:
    run = asked(northwind)
    decide(task_of(run), actor=northwind.operator, decision=decision, reason="I have read it.")

    done = finish(run)

    assert done.state == "succeeded"
    assert [step.node for step in done.steps.all()] == ["register", "agree", "agreed", last]


@pytest.mark.parametrize("act", ["resume", "cancel"])
def test_what_failed_for_good_is_held_until_somebody_resumes_or_cancels_it(
    northwind: Company, monkeypatch: pytest.MonkeyPatch, act: str
) -> None:
    run = asked(northwind)
    known = _registered["assign_desk@1"]
    decide(task_of(run), actor=northwind.operator, decision="reject", reason="Not ours.")
    with monkeypatch.context() as broken:
        broken.setitem(_registered, "assign_desk@1", out_of_order(known))
        assert finish(run).state == "failed"

    if act == "resume":
        resume_run(run, actor=northwind.operator, reason="It is mended.")
    else:
        cancel_run(run, actor=northwind.operator, reason="Entered twice.")

    assert finish(run).state == {"resume": "succeeded", "cancel": "compensated"}[act]


def out_of_order(known: StepFunction) -> StepFunction:
    def body(**given: Any) -> Any:
        raise RuntimeError("no desk answers")

    return StepFunction(known.reference, known.takes, body, known.source_sha256)
