"""Tasks and signals of runs that are paused meanwhile, and of parts of other runs."""

from typing import Any

from runs.durable.cancel import cancel_run
from runs.durable.decide import decide
from runs.durable.pause import continue_run, pause_run
from runs.durable.signal import send_signal
from runs.people.models import Task
from runs.records.models import Run
from tests.factories.asked import asked, kinds
from tests.factories.cast import Company
from tests.factories.runs import begin, finish, released
from tests.factories.things import make_version, pin
from tests.factories.waits import asking, task_of, waiting


def test_what_is_decided_while_the_run_is_paused_counts_when_it_goes_on(northwind: Company) -> None:
    run = asked(northwind, "approve", timeout_s=3600)
    task = task_of(run)
    pause_run(run, actor=northwind.operator, reason="Wait.")

    decide(task, actor=northwind.operator, decision="approve", reason="x")

    assert Run.objects.get(pk=run.pk).state == "paused"
    continue_run(run, actor=northwind.operator)
    assert finish(run).state == "succeeded"


def test_a_run_that_was_paused_does_not_ask_again(northwind: Company) -> None:
    run = asked(northwind, "approve", timeout_s=3600)
    task = task_of(run)
    pause_run(run, actor=northwind.operator, reason="Wait.")
    continue_run(run, actor=northwind.operator)

    waits = finish(run)

    assert (waits.state, waits.waits_for, waits.wake_at) == ("waiting", "person", task.deadline_at)
    assert kinds(run) == ["task.opened"]


def test_a_signal_reaches_a_run_that_is_paused(northwind: Company) -> None:
    run = finish(begin(northwind, released(northwind, waiting(timeout_s=3600))))
    until = run.wake_at
    pause_run(run, actor=northwind.operator, reason="Wait.")
    continue_run(run, actor=northwind.operator)
    assert finish(run).wake_at == until, "the time goes on meanwhile"

    pause_run(run, actor=northwind.operator, reason="Wait.")
    send_signal(run, actor=northwind.operator, name="paid", key="k", payload={})
    continue_run(run, actor=northwind.operator)
    assert finish(run).state == "succeeded"


def test_a_cancelled_run_withdraws_what_its_parts_ask(northwind: Company) -> None:
    inner = make_version(northwind, "workflow", asking("approve"))
    call: dict[str, Any] = {"kind": "subrun", "key": "inner", "workflow": pin(inner)}
    content = {
        "inputs": [{"name": "letter", "classification": "personal"}],
        "nodes": [{**call, "inputs": {"letter": "$letter"}}],
        "start": "inner",
        "output": "inner",
    }
    run = finish(begin(northwind, released(northwind, content)))
    part = finish(run.parts.get())
    assert (part.state, part.waits_for) == ("waiting", "person"), part.error
    assert [task.run for task in Task.objects.waiting_for(northwind.operator)] == [part]

    cancel_run(run, actor=northwind.operator, reason="Not needed.")

    assert Task.objects.get(run=part).state == "withdrawn"
