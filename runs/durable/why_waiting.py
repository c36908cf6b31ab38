"""What a waiting run waits for, until when, and who can do what about it, in words."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, F, Q, Sum
from django.utils import timezone

from governance.access.teams import team_named
from governance.catalog.calls import HttpCall
from governance.catalog.content import parsed
from governance.catalog.nodes import HumanTaskNode, WaitEventNode
from governance.catalog.workflows import WorkflowContent
from governance.ledger.kinds import Kind
from governance.ledger.models import Event
from runs.durable.machine import ENDED, State
from runs.records.models import Run

# As the pages write every moment.
MOMENT = "%-d %b %Y, %H:%M:%S UTC"
# What is waited for while the run is paused, too: of these the time does not stand still.
GOES_ON = frozenset({Run.WaitsFor.TIMER, Run.WaitsFor.EVENT, Run.WaitsFor.PERSON})
TASKS = {"approve": "approve it", "edit": "correct it", "choose": "choose"}
ASKED = {
    Run.Asked.PAUSE: " It is paused when that is over.",
    Run.Asked.CANCEL: " It is cancelled when that is over.",
}


def waits_under_pause(run: Run) -> str:
    """What a paused run waits for all the same, whose time goes on; nothing where it waits for nothing."""
    if run.waits_for not in GOES_ON:
        return ""
    return f" Meanwhile {WAITS[Run.WaitsFor(run.waits_for)](run)} The pause does not hold that time up."


def why_waiting(run: Run) -> str:
    """One to three sentences. Times are UTC."""
    said = WAITS.get(Run.WaitsFor(run.waits_for)) if run.waits_for else None
    words = said(run) if said else f"“{run.cursor}” waits."
    return f"{words}{ASKED.get(Run.Asked(run.asked), '') if run.asked else ''}"


def _timer(run: Run) -> str:
    until = f" until {run.wake_at:{MOMENT}}" if run.wake_at else ""
    then = "" if run.state == State.PAUSED else " Then it goes on by itself."
    return f"“{run.cursor}” lets time pass{until}.{then}"


def _event(run: Run) -> str:
    node = _node(run)
    name = node.event if isinstance(node, WaitEventNode) else "…"
    return (
        f"“{run.cursor}” waits for the signal “{name}”{_since(run)}{_latest(run, node)}. "
        "An operator sends it here, or a program through the API."
    )


def _person(run: Run) -> str:
    node = _node(run)
    if not isinstance(node, HumanTaskNode):
        return f"“{run.cursor}” waits for a person{_since(run)}."
    asked = (
        f"somebody of {_team(run, node.team)}" if node.team else "somebody who operates the project's runs"
    )
    until = f"{_since(run)}{_latest(run, node)}"
    words = f"“{run.cursor}” waits for {asked} to {TASKS[node.task]}{until}: “{node.title}”."
    if node.escalate_to and node.escalate_after_s and run.waits_since:
        at = run.waits_since + timedelta(seconds=node.escalate_after_s)
        verb = "has been asked as well since" if at <= timezone.now() else "is asked as well from"
        words += f" And {_team(run, node.escalate_to)} {verb} {at:{MOMENT}}."
    return words


def _team(run: Run, name: str) -> str:
    """The team by its own name, as every page calls it; as its workflow does where there is none."""
    team = team_named(name, organisation=run.organisation_id)
    return f"the team “{team or name}”"


def _retry(run: Run) -> str:
    at = f" at {run.wake_at:{MOMENT}}" if run.wake_at else ""
    node = run.error.node if run.error and run.error.node else run.cursor
    reason = f": {run.error}" if run.error else "."
    following = f"Attempt {run.attempt} follows{at}; an operator can make it at once."
    return f"An attempt failed at “{node}”{reason} {following}"


def _parts(run: Run) -> str:
    parts = Run.objects.filter(parent=run.pk, parent_position=run.position)
    found = parts.aggregate(
        items=Sum(F("end_item") - F("first_item")),
        done=Sum("position", filter=Q(first_item__isnull=False)),
        stopped=Count("pk", filter=Q(state__in=ENDED - {State.SUCCEEDED})),
        held_up=Count("pk", filter=Q(state__in=(State.PAUSED, State.NEEDS_REVIEW))),
    )
    if found["items"] is None:
        part = parts.order_by("-id").first()
        state = part.get_state_display().lower() if part else "not there yet"
        return f"“{run.cursor}” waits for the run of its workflow: it is {state}."
    words = f"“{run.cursor}” waits for its items: {found['done'] or 0:,} of {found['items']:,} are done"
    words += f", {found['stopped']} of its slices stopped" if found["stopped"] else ""
    words += f", {found['held_up']} of its slices wait for somebody" if found["held_up"] else ""
    return f"{words}."


def _limit(run: Run) -> str:
    return (
        f"“{run.cursor}” waits for room at {_called(run)}: no more calls are allowed at this moment. "
        f"It is tried again{_at(run)}; an operator can have it tried at once."
    )


def _worker(run: Run) -> str:
    if (run.set_aside or {}).get("content"):
        return (
            f"The store of large contents did not give what “{run.cursor}” reads: it does not answer, or the "
            "content is where no worker that looked can reach. Nothing is lost, and nothing is paid again. "
            f"It is looked for again{_at(run)}, and as soon as a worker starts."
        )
    functions = " and ".join(f"“{name}”" for name in (run.set_aside or {}).get("functions", ()))
    code = f"the code of {functions} that was released" if functions else "the code that was released"
    return (
        f"No capable worker: none that runs has {code}, which “{run.cursor}” needs. Start one that has, or "
        f"cancel this run and start it under a release of the present code. It is looked for again{_at(run)}."
    )


def _called(run: Run) -> str:
    """Who has no room for what the step asks, or for the call that undoes it."""
    if run.state == State.COMPENSATING:
        undoing = getattr(_node(run), "compensate", None)
        at = undoing.endpoint if isinstance(undoing, HttpCall) else ""
    else:
        waits = Event.objects.of_run(run.pk).filter(kind=Kind.RUN_WAITED)
        last = waits.reverse().first()
        at = last.details.get("at", "") if last else ""
    return f"“{at}”" if at else "what it calls"


def _node(run: Run) -> Any:
    content = parsed(run.version)
    return content.node(run.cursor) if isinstance(content, WorkflowContent) else None


def _since(run: Run) -> str:
    return f" since {run.waits_since:{MOMENT}}" if run.waits_since else ""


def _at(run: Run) -> str:
    return f" at {run.wake_at:{MOMENT}}" if run.wake_at else " by itself"


def _latest(run: Run, node: Any) -> str:
    """Until when at the latest, and what happens then."""
    over = _over(run, node)
    if over is None:
        return ""
    after = getattr(node, "on_timeout", None)
    then = f"goes on at “{after}”" if after else "fails"
    return f", at the latest until {over:{MOMENT}}, when it {then}"


def _over(run: Run, node: Any) -> datetime | None:
    """When the wait is over. A task that is still to escalate wakes its run for that first."""
    if not getattr(node, "escalate_after_s", None) or run.waits_since is None:
        return run.wake_at
    return run.waits_since + timedelta(seconds=node.timeout_s) if node.timeout_s else None


WAITS: dict[Run.WaitsFor, Callable[[Run], str]] = {
    Run.WaitsFor.TIMER: _timer,
    Run.WaitsFor.EVENT: _event,
    Run.WaitsFor.PERSON: _person,
    Run.WaitsFor.RETRY: _retry,
    Run.WaitsFor.PARTS: _parts,
    Run.WaitsFor.LIMIT: _limit,
    Run.WaitsFor.WORKER: _worker,
}
