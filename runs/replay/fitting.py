"""Whether a run can be forked, where, and with which other versions. Each refusal says why."""

from collections.abc import Mapping
from typing import Any

from governance.accounts.models import User
from governance.catalog.calls import LlmCall
from governance.catalog.content import parsed
from governance.catalog.models import Asset, Version
from governance.catalog.nodes import call_of
from governance.catalog.prompts import PromptContent
from governance.errors import Invalid, WrongState
from governance.releases.clearance import NotCleared
from governance.releases.models import Environment
from runs.durable.machine import ENDED
from runs.durable.outward import change_in
from runs.durable.plans import Plan, plan_of
from runs.records.models import Run, Step
from runs.replay.begins import past_of, wrong_at

# By node, by kind ("prompt", "model"): the version that the fork uses instead of the pinned one.
Overrides = Mapping[str, Mapping[str, Version]]
MOST_READ = 100
MOST_STEPS = 200
GONE = "there is no such version in the run's project."
TAKEN_OVER = "its step is taken over as it was made: begin there or before."


def node_at(run: Run, plan: Plan, position: int) -> str:
    """The node of the step at which the fork begins. Raises `Invalid`."""
    if position == 0:
        return plan.workflow.start
    steps = Step.objects.filter(run=run, compensates=None)
    before = steps.filter(position__lt=position, state=Step.State.SUCCEEDED).values("position").distinct()
    here = steps.filter(position=position).values_list("node", flat=True).first()
    cursor = here or (run.cursor if position == run.position else None)
    if position < 0 or before.count() != position or not cursor:
        reason = f"The run has no step {position + 1} to begin at: it went through {run.position}."
        raise Invalid(reason, fields={"position": reason})
    return cursor


def checked(
    run: Run, plan: Plan, position: int, overrides: Overrides, actor: User
) -> dict[str, dict[str, str]]:
    """The overrides as they are stored. Raises `Invalid` naming the node."""
    seen = Version.objects.visible_to(actor).filter(asset__project=run.project_id)
    taken_over = set(Step.objects.filter(run=run, position__lt=position).values_list("node", flat=True))
    found: dict[str, dict[str, str]] = {}
    for node, chosen in overrides.items():
        if node in taken_over and chosen:
            raise Invalid(f"{node}: {TAKEN_OVER}", fields={node: TAKEN_OVER})
        for kind, version in chosen.items():
            if wrong := unfit(plan, node, kind, version) or (
                "" if seen.filter(pk=version.pk).exists() else GONE
            ):
                raise Invalid(f"{node}: {wrong}", fields={node: wrong})
            found.setdefault(node, {})[str(kind)] = str(version.pk)
    return found


def unfit(plan: Plan, node: str, kind: str, version: Version) -> str:
    """Why the version cannot stand in for what the node pins; empty when it can."""
    placed = plan.workflow.by_key.get(node)
    call = call_of(placed) if placed is not None else None
    if not isinstance(call, LlmCall):
        return "asks no model, so it has no prompt or model to be replaced."
    if version.asset.kind != kind:
        return f"{version} is no {kind}."
    content = parsed(version)
    if isinstance(content, PromptContent):
        wanted = {variable.name for variable in content.variables}
        given = {*call.inputs, *(call.recall or ())}
        if wanted != given:
            needs, gives = (", ".join(sorted(names)) or "nothing" for names in (wanted, given))
            return f"{version} needs {needs}; the step gives {gives}."
    return ""


def alternatives(run: Run, plan: Plan, node: str, kind: str, actor: User) -> list[Version]:
    """The newest versions that could stand in for what the node pins, as far as the person sees them."""
    seen = Version.objects.visible_to(actor).filter(asset__project=run.project_id, asset__kind=kind)
    pinned = (plan.prompts if kind == Asset.Kind.PROMPT else plan.models).get(node)
    if kind == Asset.Kind.PROMPT and pinned is not None:  # another prompt asks for something else
        seen = seen.filter(asset__versions=pinned.version)
    newest = seen.select_related("asset").order_by("-id")[:MOST_READ]
    return [
        version
        for version in newest
        if (pinned is None or version.pk != pinned.version) and not unfit(plan, node, kind, version)
    ]


def place_of(run: Run, environment: Environment | None, chosen: Mapping[str, Any]) -> Environment:
    """The environment that the fork runs in. Raises `Invalid` for one that it may not run in."""
    place = environment or run.environment
    if place.organisation_id != run.organisation_id:
        raise Invalid(
            "There is no such environment.", fields={"environment": "There is no such environment."}
        )
    if chosen and place.protected:
        reason = (
            f"{place.name} is protected, and nobody has approved these versions. Choose another environment."
        )
        raise Invalid(reason, fields={"environment": reason})
    if not chosen and place.pk != run.environment_id:
        reason = "Without other versions a fork stays where its release is in effect."
        raise Invalid(reason, fields={"environment": reason})
    return place


def refuse_effects(plan: Plan, start: str) -> None:
    """Raise `WrongState` when a step from this node on changes something outside."""
    if node := change_in(plan, start=start):
        raise WrongState(f"{node} changes something outside, and that is not done again for a comparison.")


def may_replay(run: Run) -> bool:
    """Whether the run has ended, and is one that `replay_run` does not refuse for what it does."""
    if run.state not in ENDED or run.overrides or run.parent_id is not None:
        return False
    try:
        plan = _plan(run)
        return change_in(plan, start=plan.workflow.start) is None
    except NotCleared:
        return False


def begins_of(run: Run, plan: Plan) -> list[tuple[int, str, int | None]]:
    """Where a fork of the run may begin: positions, their nodes and, of a slice, items; the newest counts."""
    past, protected = past_of(run, plan), run.environment.protected
    steps = Step.objects.filter(run=run.pk, compensates=None).order_by("position", "-attempt")
    found: dict[int, tuple[int, str, int | None]] = {}
    for position, node, item in steps.values_list("position", "node", "item")[:MOST_STEPS]:
        found.setdefault(position, (position, node, item))
    return [at for at in found.values() if not wrong_at(past, plan, at[0], at[1], protected=protected)]


def may_fork(run: Run) -> bool:
    """Whether the run has ended, and a fork of it may begin somewhere."""
    if run.state not in ENDED or run.parent_id is not None:
        return False
    try:
        return bool(begins_of(run, _plan(run)))
    except NotCleared:
        return False


def plan_kept(run: Run) -> Plan | None:
    """What the run was started with, whether it may run or not; None when a content of it was altered."""
    try:
        return _plan(run)
    except NotCleared:
        return None


def _plan(run: Run) -> Plan:
    return plan_of(run.version_id, run.version.digest)


def refuse_again(run: Run, plan: Plan, position: int, cursor: str, place: Environment) -> None:
    """Raise `WrongState` where a fork would do again what was done, or take over what does not stand."""
    if wrong := wrong_at(past_of(run, plan), plan, position, cursor, protected=place.protected):
        raise WrongState(wrong)
