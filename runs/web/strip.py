"""The strip: the same facts in the same order wherever an output or a run is shown, each with its link."""

from dataclasses import dataclass, field
from datetime import datetime

from django.urls import reverse

from governance.catalog.calls import LlmCall
from governance.catalog.content import parsed
from governance.catalog.model_versions import ModelContent
from governance.catalog.models import Version
from governance.catalog.nodes import call_of
from governance.catalog.workflows import WorkflowContent
from governance.releases.effect import Effect, effect_at
from governance.releases.models import Activation, Release
from governance.web.acting import address
from runs.durable.executors.llm import parameters_of
from runs.durable.machine import ENDED
from runs.durable.why_waiting import MOMENT
from runs.records.models import Run, RunInput, Step
from runs.replay.experiment import replaced_by
from runs.web.approvals import Approval, approvals_of

ASKED_BY_PARTS = {"map": "an item may have asked one", "subrun": "the workflow may have asked one"}
# A wait that was given up went another way.
TOO_LATE = {"human_task": "Nobody decided in time", "wait_event": "Not told in time"}


@dataclass(frozen=True)
class Named:
    """One of several things in a cell, with what is to be said of it and when it happened."""

    value: str
    url: str
    at: datetime | None = None
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Fact:
    """One cell of the strip, see `templates/components/strip.html`; `before_at` says what happened `at`.

    What lasted has ended `until`, and `notes` say more of it.
    """

    label: str
    value: str = ""
    url: str = ""
    links: list[Named] = field(default_factory=list)
    small: str = ""
    digest: str = ""
    before_at: str = ""
    at: datetime | None = None
    until: datetime | None = None
    notes: tuple[str, ...] = ()
    tone: str = ""
    absent: str = ""


def produced_by(run: Run, step: Step | None, *, steps: int) -> Fact:
    """The step, its place in the run, and when it wrote what it made."""
    if step is None:
        absent = "Nothing" if run.state in ENDED else "Nothing yet"
        return Fact("Produced by", absent=absent, small=f"{steps} step{'' if steps == 1 else 's'} done")
    return Fact(
        "Produced by",
        step.node,
        url=f"{reverse('runs:run', args=[run.pk])}#{step.pk}",
        small=_place(run, step, steps),
        before_at=_verb(step),
        at=step.finished_at,
    )


def _place(run: Run, step: Step, steps: int) -> str:
    """How many steps there are is known of a run that came to its end; of others, how many are drawn."""
    here = f"step {step.position + 1}"
    if run.state == Run.State.SUCCEEDED:
        return f"{here} of {max(steps, step.position + 1)}"
    content = parsed(run.version)
    drawn = len(content.nodes) if isinstance(content, WorkflowContent) else 0
    return f"{here}; the workflow has {drawn}" if drawn else here


def prompt_used(version: Version | None, *, otherwise: str = "") -> Fact:
    """The prompt version, its author and its digest; `otherwise` says what made the output without one."""
    if version is None:
        return Fact("Prompt", absent="None", small=otherwise)
    url = address("governance:version", version.pk)
    return Fact("Prompt", str(version), url=url, small=f"by {version.author_name}", digest=version.digest)


def model_used(version: Version | None, *, settings: str = "", kind: str = "") -> Fact:
    """The model version and the settings that it is called with."""
    if version is None and kind in ASKED_BY_PARTS:
        return Fact("Model", absent="See its parts", small=ASKED_BY_PARTS[kind])
    if version is None:
        return Fact("Model", absent="None", small="no model was asked")
    return Fact("Model", str(version), url=address("governance:version", version.pk), small=settings)


def settings_of(model: Version, *, workflow: Version, node: str) -> str:
    """The settings of the call in words: "temperature 0, top-p 1, seed 1, at most 120 tokens"."""
    content, calling = parsed(model), parsed(workflow)
    if not isinstance(content, ModelContent) or not isinstance(calling, WorkflowContent):
        return ""
    call = call_of(calling.node(node))
    if not isinstance(call, LlmCall):
        return ""
    asked = parameters_of(content, call)
    words = [f"temperature {asked['temperature']:g}", f"top-p {asked['top_p']:g}"]
    words += [f"frequency penalty {asked['frequency_penalty']:g}"] if asked["frequency_penalty"] else []
    words += [f"seed {asked['seed']}" if "seed" in asked else "no seed"]
    return ", ".join([*words, f"at most {asked['max_tokens']} tokens"])


def inputs_given(inputs: list[RunInput], *, earlier: int = 0) -> Fact:
    """The documents behind it, and how many earlier outputs it read."""
    links = [
        Named(given.filename or given.name, reverse("runs:artifact", args=[given.artifact_id]))
        for given in inputs
    ]
    small = {0: "", 1: "and 1 earlier output"}.get(earlier, f"and {earlier} earlier outputs")
    return Fact("Inputs", links=links, small=small, absent="None")


def release_used(run: Run) -> Fact:
    """The release, its environment, and the time in effect there that the run began in."""
    effect = _in_effect_at_start(run)
    ended = effect.ended_at if effect else None
    return Fact(
        "Release",
        str(run.release),
        url=address("governance:release", run.release_id),
        small=run.environment.name,
        before_at="In effect when the run began: from" if ended else "In effect since",
        at=effect.begun_at if effect else None,
        until=ended,
        notes=_notes(effect, run.release),
    )


def _in_effect_at_start(run: Run) -> Effect | None:
    """The time in effect that the run began in; none of a fork made later, or of a run that is elsewhere."""
    if run.environment_id != run.release.environment_id:
        return None
    return effect_at(run.release, run.created_at)


def _notes(effect: Effect | None, release: Release) -> tuple[str, ...]:
    if effect is None:
        return ("Not in effect here when the run began",)
    told = (_ending(effect, release) if effect.ended_at else "", _again(effect))
    return tuple(filter(None, told))


def _ending(effect: Effect, release: Release) -> str:
    """A later release that is put back into effect is not what anybody rolls back to."""
    back = effect.ended_kind == Activation.Kind.ROLLBACK and (effect.ended_number or 0) < release.number
    what = "rolled back to" if back else "replaced by"
    return f"Then {what} release {effect.ended_number} by {effect.ended_by}{_because(effect.ended_reason)}"


def _again(effect: Effect) -> str:
    if effect.again_at is None:
        return ""
    over = f" until {effect.again_until:{MOMENT}}" if effect.again_until else ""
    because = _because(effect.again_reason)
    return f"In effect again from {effect.again_at:{MOMENT}}{over}, by {effect.again_by}{because}"


def _because(reason: str) -> str:
    return f": “{reason}”" if reason else ""


def approved_by(run: Run) -> Fact:
    """Who approved it, when, with what meaning and why, as it was stamped on the run when it started."""
    if run.overrides:
        named = tuple(map(str, replaced_by(run)))
        small = "Runs versions that nobody approved"
        return Fact("Approved by", "Experiment", small=small, notes=named, tone="wait")
    given = approvals_of(run)
    url = address("governance:approval", run.release.request_id)
    if not given and run.environment.protected:
        return Fact("Approved by", "Nobody", tone="bad")
    if not given:
        return Fact(
            "Approved by", absent="No approval needed", small=f"{run.environment.name} is not protected"
        )
    return Fact("Approved by", links=[_approval(vote, url) for vote in given])


def _approval(vote: Approval, url: str) -> Named:
    said = (vote.meaning, f"“{vote.reason}”" if vote.reason else "")
    return Named(vote.name, url, at=vote.at, notes=tuple(filter(None, said)))


def _verb(step: Step) -> str:
    if step.state == Step.State.FAILED:
        return "Failed"
    words = {"llm": "Written", "branch": "Chosen", "human_task": "Decided", "wait_event": "Told"}
    if step.chosen and step.kind in TOO_LATE:
        return TOO_LATE[step.kind]
    return words.get(step.kind, "Computed")
