"""The models behind an output that its own step asked no model for: of steps before it, or of other runs."""

from dataclasses import replace
from typing import Final

from django.db.models import Q

from governance.accounts.models import User
from governance.web.acting import address
from runs.artifacts.models import Artifact
from runs.lineage.trace import Trace
from runs.records.models import Step
from runs.web.strip import ASKED_BY_PARTS, Fact, Named

MOST_NAMED: Final = 3
SHORTEST: Final = 20  # bytes: that two wrote the same "yes" tells nothing of either


def models_behind(trace: Trace, actor: User) -> list[Step]:
    """The nearest steps that asked a model, each model and prompt once; nothing of one that asked by itself.

    Those behind the output, and those before the run that wrote, to the byte, what it was started with.
    """
    step = trace.step
    if step.model_version_id is not None or step.output_id is None or step.kind in ASKED_BY_PARTS:
        return []
    before = [found for found in reversed(trace.upstream) if found.model_version_id is not None]
    asked = before or _wrote_what_was_given(trace, actor)
    once = {(found.model_version_id, found.prompt_version_id): found for found in reversed(asked)}
    nearest = sorted(once.values(), key=asked.index)
    return nearest[:MOST_NAMED]


def _wrote_what_was_given(trace: Trace, actor: User) -> list[Step]:
    given = Q(pk__in=[])
    for received in trace.inputs:
        artifact = received.artifact
        given |= Q(organisation=artifact.organisation_id, sha256=artifact.sha256, size__gte=SHORTEST)
    made = Step.objects.visible_to(actor).with_names().select_related("run__workflow")
    wrote = made.filter(output__in=Artifact.objects.filter(given), model_version__isnull=False)
    return list(wrote.filter(finished_at__lte=trace.step.run.created_at).order_by("-id")[:MOST_NAMED])


def prompts_named(fact: Fact, steps: list[Step]) -> Fact:
    """The cell of the prompt, which names those behind where the step itself has none."""
    links = [
        Named(str(step.prompt_version), address("governance:version", step.prompt_version_id))
        for step in steps
        if step.prompt_version is not None
    ]
    return replace(fact, links=links, small=f"behind it; {fact.small}") if links else fact


def models_named(fact: Fact, steps: list[Step], *, of: Step) -> Fact:
    """The cell of the model, whose links lead to what the models behind it wrote."""
    links = [
        Named(
            f"{found.node}: {found.model_version}", address("runs:output", found.pk), notes=_where(found, of)
        )
        for found in steps
    ]
    within = all(found.run_id == of.run_id for found in steps)
    said = "behind it" if within else "wrote, to the byte, what this run was given"
    return replace(fact, links=links, small=f"{said}; this step asked none") if links else fact


def _where(found: Step, step: Step) -> tuple[str, ...]:
    if found.run_id == step.run_id:
        return ()
    return (f"in {found.run.reference or found.run.workflow}, another run",)
