"""The `human_task` node: asking people to approve, edit or choose, and going on with what they decide."""

from collections.abc import Mapping
from typing import Any, cast
from uuid import UUID

from governance.access.teams import team_named
from governance.accounts.models import Team
from governance.catalog.workflows import HumanTaskNode
from runs.artifacts.opening import bytes_of
from runs.artifacts.store import TEXT, Content, json_content
from runs.durable.actors import engine
from runs.durable.failures import Overtaken, StepFailed
from runs.durable.outcomes import Outcome, Wait
from runs.durable.visits import Visit, classification_of
from runs.people.closing import escalate_task, expire_task
from runs.people.models import Task
from runs.people.opening import Asked, open_task
from runs.records.failure import Failure
from runs.records.models import Run

LARGEST_OUTPUT = 10_000_000


def ask_people(visit: Visit) -> Outcome | Wait:
    """Open a task when the run falls asleep; go on with the decision, or after the time without one."""
    task = _latest(visit)
    if task is None or task.state in {Task.State.EXPIRED, Task.State.WITHDRAWN}:
        return _asking(visit)  # a run that was resumed after its time was over asks anew
    if task.state == Task.State.DECIDED:
        return _decided(visit, task)
    if task.overdue:
        return _too_late(visit, task)
    return _waiting(visit, task)


def _latest(visit: Visit) -> Any:
    here = Task.objects.filter(run=visit.held.run, position=visit.position).timed()
    return here.select_related("edited", "escalate_to").order_by("-id").first()


def _asking(visit: Visit) -> Wait:
    node, held = cast(HumanTaskNode, visit.node), visit.held
    shown = [
        {
            "name": found.name,
            "source": found.source,
            "artifact": str(found.artifact),
            "classification": found.classification,
        }
        for found in visit.inputs
    ]
    asked = Asked(
        run=held.run,
        node=node.key,
        position=visit.position,
        kind=node.task,
        title=node.title,
        instructions=node.instructions,
        choices=node.choices,
        shown=shown,
        subject=node.subject or "",
        team=_team(node.team, held.organisation),
        escalate_to=_team(node.escalate_to, held.organisation),
        escalate_after_s=node.escalate_after_s if node.escalate_to else None,
        timeout_s=node.timeout_s,
    )
    first = asked.wakes_after_s
    return Wait(
        Run.WaitsFor.PERSON,
        seconds=None if first is None else float(first),
        begin=lambda: _open(asked),
        about={"task": node.task, "title": node.title},
    )


def _open(asked: Asked) -> None:
    open_task(asked, actor=engine())


def _waiting(visit: Visit, task: Any) -> Wait:
    """On with the sleep: until the escalation, which is recorded once it came, then until the deadline."""
    later = bool(task.escalates) and task.escalated_at is None
    before = None if task.escalates else task.escalates_at
    until = min(filter(None, (before, task.deadline_at)), default=None)
    if not later:
        return Wait(Run.WaitsFor.PERSON, until=until)
    organisation = visit.held.organisation
    return Wait(
        Run.WaitsFor.PERSON,
        until=until,
        begin=lambda: escalate_task(task, actor=engine(), organisation=organisation),
    )


def _decided(visit: Visit, task: Task) -> Outcome:
    return Outcome(
        kind="human_task",
        inputs=visit.inputs,
        output=_output(visit, task),
        classification=classification_of(visit),
        facts={
            "task": str(task.pk),
            "decision": task.decision,
            "decided_by": task.decided_by_name,
            "reason": task.reason,
            "at": task.closed_at.isoformat() if task.closed_at else "",
        },
        labels={"decision": task.decision, "decided_by": task.decided_by_name},
    )


def _output(visit: Visit, task: Task) -> Content:
    match task.kind:
        case Task.Kind.APPROVE:
            return _json({"approved": task.decision == "approve", "comment": task.reason})
        case Task.Kind.CHOOSE:
            return _json({"choice": task.decision, "comment": task.reason})
    if task.edited is not None:
        return Content(bytes_of(task.edited), task.edited.media_type)
    kept = next(found.value for found in visit.inputs if found.name == "subject")
    return Content(kept.encode(), TEXT) if isinstance(kept, str) else _json(kept)


def _too_late(visit: Visit, task: Task) -> Outcome:
    node = cast(HumanTaskNode, visit.node)
    level = classification_of(visit)
    closing: Mapping[str, Any] = {
        "facts": {"task": str(task.pk)},
        "consumed": lambda step: _expire(task, visit.held.organisation),
    }
    if node.on_timeout is None:
        failure = Failure(
            "task_expired",
            "Nobody decided in time",
            f"“{node.title}” was open for {node.timeout_s:,} seconds. A resumed run asks anew.",
            node.key,
        )
        return Outcome(
            "human_task", visit.inputs, failure=failure, final=True, classification=level, **closing
        )
    return Outcome(
        "human_task",
        visit.inputs,
        output=_json({"timed_out": True, "title": node.title}),
        classification=level,
        chosen=node.on_timeout,
        labels={"chosen": node.on_timeout},
        **closing,
    )


def _expire(task: Task, organisation: UUID) -> None:
    """Of a decision and the end of the time at once that one counts which has the run's row first."""
    if not expire_task(task, actor=engine(), organisation=organisation):
        raise Overtaken


def _team(name: str | None, organisation: UUID) -> Team | None:
    if name is None:
        return None
    found = team_named(name, organisation=organisation)
    if found is None:
        raise StepFailed(
            "no_such_team",
            "The people who are to be asked cannot be found",
            f"The organisation has no team “{name}”, or several. Make one of this name.",
            final=True,
        )
    return found


def _json(value: Any) -> Content:
    return json_content(value, max_bytes=LARGEST_OUTPUT, what="The output")
