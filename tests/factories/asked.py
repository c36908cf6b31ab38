"""Runs that wait for a person, what they yield, and what is recorded of their tasks."""

import json
from typing import Any

from governance.ledger.models import Event
from runs.artifacts.opening import bytes_of
from runs.records.models import Run, Step
from tests.factories.cast import Company
from tests.factories.runs import begin, finish, released
from tests.factories.waits import asking


def asked(company: Company, task: str, **node: Any) -> Run:
    """A run in development that waits for a person."""
    run = finish(begin(company, released(company, asking(task, **node))))
    assert (run.state, run.waits_for) == ("waiting", "person"), run.error
    return run


def output_of(run: Run) -> Any:
    step = Step.objects.select_related("output").get(run=run, node="ask", state="succeeded")
    assert step.output is not None
    body = bytes_of(step.output)
    return json.loads(body) if step.output.media_type == "application/json" else body.decode()


def kinds(run: Run, noun: str = "task") -> list[str]:
    return [event.kind for event in Event.objects.of_run(run.pk) if event.kind.startswith(f"{noun}.")]
