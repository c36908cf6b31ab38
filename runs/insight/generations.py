"""The outputs that a version made, and what another version of the same asset made of the same inputs."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef

from governance.accounts.models import User
from governance.catalog.models import Asset, Version
from runs.lineage.trace import outputs_of_version
from runs.reading.reading import Reading
from runs.records.models import RunInput, Step
from runs.records.querysets import StepQuerySet

BEGINNING: Final = 480  # bytes of an output that a list shows
Key = tuple[str, frozenset[tuple[str, str]]]
GIVEN: Final = RunInput.objects.filter(run=OuterRef("run")).order_by("artifact__sha256", "name")


@dataclass(frozen=True)
class Counterpart:
    """An output of one version, and the newest output of the other version for the same inputs."""

    step: Step
    inputs: tuple[RunInput, ...]
    other: Step | None = None


def made_by(version: Version, *, actor: User) -> StepQuerySet:
    """The outputs of a version within reach; of a workflow, those of whole runs."""
    steps = outputs_of_version(version).visible_to(actor)
    if version.asset.kind == Asset.Kind.WORKFLOW:
        steps = steps.filter(node=version.document["output"], run__first_item=None)
    # What a fork took over was made by the run that it is a fork of.
    steps = steps.exclude(facts__has_key="copied_from")
    return with_outputs(steps)


def with_outputs(steps: StepQuerySet) -> StepQuerySet:
    """The steps with what lists say of them and of what they made, without its bytes."""
    named = steps.select_related(
        "run__version__asset", "run__environment", "run__release__workflow", "output"
    )
    return named.defer("output__inline", "run__version__content", "run__release__closure")


def beginnings(steps: Iterable[Step], reading: Reading) -> dict[UUID, tuple[str, bool]]:
    """Of each step whose output is not masked, how that begins, and whether there is more of it."""
    outputs = {step.pk: step.output_id for step in steps if step.output_id}
    made = {step: output for step, output in outputs.items() if output not in reading.masked}
    found = reading.beginnings(made.values(), BEGINNING)
    bodies = {step: found[output].body for step, output in made.items()}
    # The last character may be cut in two.
    return {step: (body.decode("utf-8", "ignore"), len(body) >= BEGINNING) for step, body in bodies.items()}


def counterparts(steps: Sequence[Step], *, other: Version | None, actor: User) -> list[Counterpart]:
    """Each output with its run's inputs, and beside it what the other version made of the same.

    One query, or three with another version, whatever the number of outputs.
    """
    inputs = _inputs_of({step.run_id for step in steps})
    found = _others(steps, inputs, other, actor) if other is not None else {}
    return [
        Counterpart(step, tuple(inputs.get(step.run_id, ())), found.get(_key(step, inputs, other)))
        for step in steps
    ]


def _others(
    steps: Sequence[Step], inputs: dict[UUID, list[RunInput]], other: Version, actor: User
) -> dict[Key, Step]:
    digests = {given.artifact.sha256 for listed in inputs.values() for given in listed}
    sharing = RunInput.objects.filter(artifact__sha256__in=digests)
    same = (
        made_by(other, actor=actor)
        .filter(run__in=sharing.values("run"))
        .annotate(
            names=ArraySubquery(GIVEN.values("name")), given=ArraySubquery(GIVEN.values("artifact__sha256"))
        )
    )
    if other.asset.kind != Asset.Kind.WORKFLOW:
        same = same.filter(node__in={step.node for step in steps})
    # The newest of each alone: a letter that is run every night has made thousands.
    same = same.filter(
        given__in={tuple(sorted(given.artifact.sha256 for given in listed)) for listed in inputs.values()}
    )
    newest = list(same.order_by("node", "names", "given", "-id").distinct("node", "names", "given"))
    theirs = _inputs_of({step.run_id for step in newest})
    return {_key(step, theirs, other): step for step in newest}


def _key(step: Step, inputs: dict[UUID, list[RunInput]], other: Version | None) -> Key:
    """What two outputs must have in common: the runs' inputs, and the step unless whole runs are compared."""
    whole = other is not None and other.asset.kind == Asset.Kind.WORKFLOW
    given = frozenset((found.name, found.artifact.sha256) for found in inputs.get(step.run_id, ()))
    return ("" if whole else step.node, given)


def _inputs_of(runs: set[UUID]) -> dict[UUID, list[RunInput]]:
    found: dict[UUID, list[RunInput]] = {}
    rows = RunInput.objects.filter(run__in=runs).select_related("artifact").defer("artifact__inline")
    for given in rows.order_by("id"):
        found.setdefault(given.run_id, []).append(given)
    return found
