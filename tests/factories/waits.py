"""Workflows that wait for signals and for people, and the clocks of what they wait for."""

from datetime import timedelta
from typing import Any

from governance.access.organisations import add_to_team, create_team
from governance.accounts.models import Team, User
from runs.durable.drive import drive
from runs.durable.sweep import sweep
from runs.people.models import Task
from runs.records.models import Run
from tests.factories.cast import Company
from tests.harness.fresh import FreshDatabase

RUN_EARLIER = """
    UPDATE runs_run SET wake_at = wake_at - %(by)s, waits_since = waits_since - %(by)s WHERE id = %(run)s
"""
TASK_EARLIER = """
    UPDATE runs_task SET opened_at = opened_at - %(by)s, escalates_at = escalates_at - %(by)s,
        escalated_at = escalated_at - %(by)s, deadline_at = deadline_at - %(by)s
    WHERE run_id = %(run)s AND state = 'open'
"""
LETTER = {"name": "letter", "classification": "internal"}


def waiting(*, before: bool = False, **node: Any) -> dict[str, Any]:
    """A workflow that waits for the signal `paid`, after a step of its own if wanted; then one step more."""
    wait = {"kind": "wait_event", "key": "payment", "event": "paid", "next": "last", **node}
    first = {"kind": "function", "key": "first", "function": "nothing@1", "next": "payment"}
    nodes: list[dict[str, Any]] = [{**first, "inputs": {"text": "$letter"}}] if before else []
    return {
        "inputs": [LETTER],
        "nodes": [
            *nodes,
            wait,
            {"kind": "function", "key": "last", "function": "nothing@1", "inputs": {"text": "$letter"}},
        ],
        "start": "first" if before else "payment",
        "output": "last",
    }


def asking(task: str, **node: Any) -> dict[str, Any]:
    """A workflow that drafts a text and asks people about it; their answer is its output."""
    return {
        "inputs": [LETTER],
        "nodes": [
            {
                "kind": "function",
                "key": "draft",
                "function": "nothing@1",
                "inputs": {"text": "$letter"},
                "next": "ask",
            },
            {
                "kind": "human_task",
                "key": "ask",
                "task": task,
                "title": "Look at the reply",
                "inputs": {"letter": "$letter"} | ({} if task == "edit" else {"draft": "draft.text"}),
                **({"subject": "draft.text"} if task == "edit" else {}),
                **node,
            },
        ],
        "start": "draft",
        "output": "ask",
    }


def with_late_way(content: dict[str, Any], key: str) -> dict[str, Any]:
    """The same workflow, which goes on at `late` when nothing came in time, and yields its first step's.

    What was approved is read once more after it.
    """
    late = {"kind": "function", "key": "late", "function": "nothing@1", "inputs": {"text": "$letter"}}
    nodes = [{**node, "on_timeout": "late"} if node["key"] == key else node for node in content["nodes"]]
    heed: list[dict[str, Any]] = []
    if any(node["key"] == key and node.get("task") == "approve" for node in nodes):
        nodes = [{**node, "next": "heed"} if node["key"] == key else node for node in nodes]
        heed = [{"kind": "transform", "key": "heed", "expression": "answer", "inputs": {"answer": key}}]
    return {**content, "nodes": [*nodes, *heed, late], "output": content["start"]}


def team_of(company: Company, name: str, *members: User) -> Team:
    """A team of the organisation with these people."""
    team = create_team(company.organisation, actor=company.owner, name=name)
    for person in members:
        add_to_team(team, actor=company.owner, person=person)
    return team


def task_of(run: Run) -> Task:
    """The task that the run asks."""
    return Task.objects.with_names().select_related("run__environment").timed().get(run=run, state="open")


def let_time_pass(fresh: FreshDatabase, run: Run, seconds: float) -> None:
    """As if all that the run waits for had begun so many seconds before. Only the owner can do that."""
    values = {"by": timedelta(seconds=seconds), "run": run.pk}
    with fresh.connect("owner") as owner:
        owner.execute(RUN_EARLIER, values)
        owner.execute("ALTER TABLE runs_task DISABLE TRIGGER guard_task")
        owner.execute(TASK_EARLIER, values)
        owner.execute("ALTER TABLE runs_task ENABLE ALWAYS TRIGGER guard_task")


def looked_at(run: Run) -> Run:
    """The run after the sweeper and a worker have looked."""
    sweep()
    drive(run.pk, worker="test")
    return Run.objects.get(pk=run.pk)
