"""Asking people: a task is opened in the transaction in which its run falls asleep."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from uuid import UUID

from governance.accounts.models import Team
from governance.ledger.kinds import Kind
from governance.ledger.services import Actor, record
from runs.people.models import Task
from runs.records.models import Run


@dataclass(frozen=True)
class Asked:
    """What is asked at a position of a run. `wakes_after_s` is what its run was told to sleep."""

    run: UUID
    node: str
    position: int
    kind: str
    title: str
    instructions: str = ""
    choices: Sequence[str] = ()
    shown: Sequence[Mapping[str, str]] = field(default_factory=list)
    subject: str = ""
    team: Team | None = None
    escalate_to: Team | None = None
    escalate_after_s: int | None = None
    timeout_s: int | None = None

    @property
    def wakes_after_s(self) -> int | None:
        """When there is something to do by itself: the escalation, or the end of the time."""
        return min(filter(None, (self.escalate_after_s, self.timeout_s)), default=None)


def open_task(asked: Asked, *, actor: Actor) -> Task:
    """In this transaction: the task stands, its times counted from when the run fell asleep."""
    run = Run.objects.only("id", "organisation_id", "project_id", "wake_at").get(pk=asked.run)
    first = asked.wakes_after_s
    began = run.wake_at - timedelta(seconds=first) if first and run.wake_at else None
    task = Task.objects.create(
        run=run,
        project_id=run.project_id,
        node=asked.node,
        position=asked.position,
        kind=asked.kind,
        title=asked.title,
        instructions=asked.instructions,
        choices=list(asked.choices),
        shown=[dict(found) for found in asked.shown],
        subject=asked.subject,
        team=asked.team,
        escalate_to=asked.escalate_to,
        escalates_at=began + timedelta(seconds=asked.escalate_after_s)
        if began and asked.escalate_after_s
        else None,
        deadline_at=began + timedelta(seconds=asked.timeout_s) if began and asked.timeout_s else None,
    )
    told(Kind.TASK_OPENED, task, actor=actor, organisation=run.organisation_id, asks_to=asked.kind)
    return task


def told(kind: Kind, task: Task, *, actor: Actor, organisation: UUID, **details: str) -> None:
    """Record what happened to a task, with its title and node."""
    record(
        kind,
        actor=actor,
        organisation=organisation,
        about=("task", task.pk),
        run=task.run_id,
        details={"title": task.title, "node": task.node, **details},
    )
