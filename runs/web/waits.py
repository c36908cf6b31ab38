"""What a run waits for that somebody at its page can bring: a decision, or a signal."""

from typing import Any

from governance.access.gate import reach
from governance.access.permissions import Permission
from governance.accounts.models import User
from governance.catalog.content import parsed
from governance.catalog.workflows import WaitEventNode, WorkflowContent
from runs.durable.machine import HELD_UP, UNDER_WAY
from runs.durable.signal import awaited
from runs.people.eligibility import asked_of, standing
from runs.people.models import Task
from runs.records.models import Run
from runs.web.signal import SignalForm


def waits_of(run: Run, actor: User) -> dict[str, Any]:
    """The open task of the run and whether this person may decide it; or the form of the signal it awaits."""
    if run.state not in UNDER_WAY | HELD_UP:
        return {"asking": None, "signal_form": None}
    if run.waits_for == Run.WaitsFor.PERSON:
        return {"asking": _asking(run, actor), "signal_form": None}
    return {"asking": None, "signal_form": _signal_form(run, actor)}


def _asking(run: Run, actor: User) -> dict[str, Any] | None:
    open_tasks = Task.objects.with_names().timed().filter(run=run, state=Task.State.OPEN)
    task = open_tasks.first()
    if task is None:
        return None
    obstacle = standing(task, actor)
    return {
        "task": task,
        "asked_of": asked_of(task),
        "obstacle": obstacle.sentence if obstacle else "",
    }


def _signal_form(run: Run, actor: User) -> SignalForm | None:
    if run.waits_for != Run.WaitsFor.EVENT or not reach(actor).allows(Permission.OPERATE, run.project_id):
        return None
    content = parsed(run.version)
    node = content.by_key.get(run.cursor) if isinstance(content, WorkflowContent) else None
    if not isinstance(node, WaitEventNode):
        return None
    return SignalForm(names=awaited(run), now=node.event)
