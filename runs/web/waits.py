"""What a run waits for that somebody at its page can bring: a decision, or a signal."""

from typing import Any

from governance.access.gate import reach
from governance.access.permissions import Permission
from governance.accounts.models import User
from governance.catalog.content import parsed
from governance.catalog.workflows import WaitEventNode, WorkflowContent
from runs.durable.machine import HELD_UP, UNDER_WAY
from runs.durable.signal import awaited, takes_signals
from runs.people.deciders import deciders_words
from runs.people.eligibility import asked_of, standing
from runs.people.models import Task
from runs.records.models import Run
from runs.web.signal import SignalForm


def waits_of(run: Run, actor: User) -> dict[str, Any]:
    """The open task of the run and whether this person may decide it; the signal it awaits, and its form."""
    found: dict[str, Any] = {"asking": None, "awaited": "", "signal_form": None}
    if run.waits_for == Run.WaitsFor.PERSON and run.state in UNDER_WAY | HELD_UP:
        found["asking"] = _asking(run, actor)
    if takes_signals(run) and reach(actor).allows(Permission.OPERATE, run.project_id):
        found["awaited"] = _awaited(run)
        if names := awaited(run):
            found["signal_form"] = SignalForm(names=names, now=found["awaited"])
    return found


def _asking(run: Run, actor: User) -> dict[str, Any] | None:
    open_tasks = Task.objects.with_names().timed().filter(run=run, state=Task.State.OPEN)
    task = open_tasks.first()
    if task is None:
        return None
    obstacle = standing(task, actor)
    return {
        "task": task,
        "asked_of": asked_of(task),
        "deciders": deciders_words(task),
        "obstacle": obstacle.sentence if obstacle else "",
    }


def _awaited(run: Run) -> str:
    """The name of the signal for which the run waits at present, if for one."""
    if run.waits_for != Run.WaitsFor.EVENT:
        return ""
    content = parsed(run.version)
    node = content.by_key.get(run.cursor) if isinstance(content, WorkflowContent) else None
    return node.event if isinstance(node, WaitEventNode) else ""
