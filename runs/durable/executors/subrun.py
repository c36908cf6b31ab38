"""The `subrun` node: running another workflow of the release as a run of its own, and waiting for it."""

from collections.abc import Mapping

from governance.catalog.workflows import Input, WorkflowContent
from governance.errors import Invalid
from runs.artifacts.classes import most_protected
from runs.artifacts.models import Artifact
from runs.artifacts.opening import bytes_of
from runs.artifacts.store import JSON, TEXT, Content, as_text, checked, json_content, keep, ready
from runs.durable.actors import engine
from runs.durable.failures import StepFailed
from runs.durable.inputs import Resolved
from runs.durable.machine import State
from runs.durable.outcomes import Outcome, Wait
from runs.durable.parts import Handed, all_ended, begin_workflow, parts_of
from runs.durable.resume import goes_on_again, take_up
from runs.durable.visits import Visit, classification_of
from runs.records.models import Run, Step


def run_workflow(visit: Visit) -> Outcome | Wait:
    """Begin the pinned workflow with the step's inputs; when it has ended, its output is the step's.

    The next attempt at the step lets the one that stopped go on where it did, as an operator would; one that
    has undone what it did is begun anew.
    """
    parts = parts_of(visit.held, visit.position)[-1:]
    if not parts:
        return _begun(visit)
    if not all_ended(parts):
        return Wait(Run.WaitsFor.PARTS)
    [part] = parts
    if part.output is not None:  # what has undone itself with its whole had succeeded before
        return _yielded(visit, part, part.output)
    again = goes_on_again(part)
    if _was_told(visit, part) and again:
        return _begun(visit) if part.state == State.COMPENSATED else _taken_up(part)
    raise StepFailed(
        "subrun_failed",
        "The workflow that the step runs did not succeed",
        f"Run {part.pk} is {part.get_state_display().lower()}: {part.error or 'no reason was recorded'}",
        final=not again,
    )


def _begun(visit: Visit) -> Wait:
    handed = _handed(visit, visit.plan.workflows[visit.name].content)
    return Wait(Run.WaitsFor.PARTS, begin=lambda: _begin(visit, handed))


def _taken_up(part: Run) -> Wait:
    return Wait(Run.WaitsFor.PARTS, begin=lambda: take_up(part.pk, actor=engine()))


def _was_told(visit: Visit, part: Run) -> bool:
    """Whether an earlier attempt at the step has failed because of how this run ended."""
    tried = Step.objects.filter(run=visit.held.run, position=visit.position, state=Step.State.FAILED)
    return tried.filter(finished_at__gte=part.finished_at).exists()


def _yielded(visit: Visit, part: Run, output: Artifact) -> Outcome:
    made = Step.objects.filter(run=part.pk, output=output.pk, state=Step.State.SUCCEEDED)
    return Outcome(
        kind="subrun",
        inputs=visit.inputs,
        output=Content(bytes_of(output), output.media_type, searched=False),
        classification=classification_of(visit, *made.values_list("classification", flat=True)),
        facts={"run": str(part.pk)},
    )


def _begin(visit: Visit, handed: Mapping[str, tuple[Content, str]]) -> None:
    """In this transaction: the run, and what it reads."""
    pinned, organisation = visit.plan.workflows[visit.name], visit.held.organisation
    keep(
        ready((content for content, _ in handed.values()), organisation=organisation),
        organisation=organisation,
    )
    begin_workflow(
        visit.held,
        visit.position,
        pinned=pinned,
        inputs={
            name: Handed(content.identifier(organisation), level) for name, (content, level) in handed.items()
        },
    )


def _handed(visit: Visit, workflow: WorkflowContent) -> dict[str, tuple[Content, str]]:
    """What the step read, as the inputs that it declares. Raises `StepFailed` where one is unfit."""
    declared = {given.name: given for given in workflow.inputs}
    try:
        return {
            found.name: (
                _as_declared(found, declared[found.name]),
                most_protected([found.classification, declared[found.name].classification]),
            )
            for found in visit.inputs
        }
    except Invalid as problem:
        raise StepFailed(
            "input_refused", "The workflow does not take what the step hands it", problem.message, final=True
        ) from problem


def _as_declared(found: Resolved, declared: Input) -> Content:
    what = f"The input “{found.name}”"
    if declared.media_type == JSON:
        return json_content(found.value, max_bytes=declared.max_bytes, what=what)
    return checked(as_text(found.value), media_type=TEXT, max_bytes=declared.max_bytes, what=what)
