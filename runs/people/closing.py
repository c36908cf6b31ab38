"""What becomes of a task that nobody has decided: it is shown to more people, expires, or is withdrawn."""

from uuid import UUID

from django.db.models.functions import Now

from governance.ledger.kinds import Kind
from governance.ledger.services import Actor
from runs.people.models import Task
from runs.people.opening import told


def escalate_task(task: Task, *, actor: Actor, organisation: UUID) -> None:
    """In this transaction: record that more people are asked from now on. Once, whoever calls it again."""
    if Task.objects.filter(pk=task.pk, state=Task.State.OPEN, escalated_at=None).update(escalated_at=Now()):
        name = task.escalate_to.name if task.escalate_to else ""
        told(Kind.TASK_ESCALATED, task, actor=actor, organisation=organisation, team=name)


def expire_task(task: Task, *, actor: Actor, organisation: UUID) -> bool:
    """In this transaction, which holds the run's row: its time is over, unless a decision came first."""
    if not _closed(task, Task.State.EXPIRED):
        return False
    told(Kind.TASK_EXPIRED, task, actor=actor, organisation=organisation)
    return True


def withdraw_tasks(run: UUID, *, actor: Actor, organisation: UUID) -> None:
    """In this transaction: what the run asks is asked no more. The caller holds the run's row."""
    for task in Task.objects.filter(run=run, state=Task.State.OPEN).order_by("id"):
        if _closed(task, Task.State.WITHDRAWN):
            told(Kind.TASK_WITHDRAWN, task, actor=actor, organisation=organisation)


def _closed(task: Task, state: Task.State) -> bool:
    """Whether it was open, and is closed by this."""
    found = Task.objects.filter(pk=task.pk, state=Task.State.OPEN)
    return bool(found.update(state=state, closed_at=Now()))
