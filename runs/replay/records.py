"""A run's rows held against what else knows of them: its contents' digests, the ledger, its source."""

from collections.abc import Iterable, Iterator
from itertools import groupby
from pathlib import Path
from uuid import UUID

from django.db.models import Q

from governance.ledger.models import Event
from governance.prepared import rows
from runs.artifacts.models import Artifact
from runs.artifacts.opening import is_intact
from runs.records.models import Run, Step
from runs.replay.walk import Difference

ALTERED = (Path(__file__).parent / "sql" / "altered.sql").read_bytes()
# What a fork takes over of a step, as it was.
TAKEN_OVER = ("node", "state", "output_id", "chosen", "function", "prompt_version_id", "model_version_id")


def altered(run: Run, steps: Iterable[Step]) -> Iterator[Difference]:
    """Steps of which something that they made, sent or were answered has other bytes than were recorded.

    PostgreSQL computes the digests of what it holds: those contents do not come here, unless one differs.
    """
    suspected = [row.id for row in rows(ALTERED, {"run": run.pk})]
    if not suspected:
        return
    looked_at = Artifact.objects.filter(pk__in=suspected).iterator(chunk_size=1)
    wrong = {found.pk for found in looked_at if not is_intact(found)}
    touched = Step.objects.filter(run=run).filter(Q(output__in=wrong) | Q(edges__artifact__in=wrong))
    known = set(touched.values_list("pk", flat=True))
    for step in steps:
        if step.pk in known:
            yield _differs(run, step, "stored content", "unaltered", "altered after it was recorded")


def untold(run: Run, steps: Iterable[Step]) -> Iterator[Difference]:
    """Steps of which the ledger does not say what their row says, and copies that are not what they copy."""
    for origin, own in groupby(steps, key=lambda step: _made_in(run, step.position)):
        told = _told(origin.pk)
        first = _by_attempt(origin) if origin.pk != run.pk else {}
        for step in own:
            source = first.get((step.position, step.attempt)) if first else step
            if source is None or _taken(source) != _taken(step):
                yield _differs(run, step, "copied step", "as in its source", "another one")
                continue
            said = told.get(source.pk)
            made = step.output.sha256 if step.output else ""
            if said is None or said != made:
                yield _differs(run, step, "ledger entry", said or "no entry", made or "no output")


def _made_in(run: Run, position: int) -> Run:
    """The run that made the step there: a fork has taken the ones before its beginning over."""
    while run.source is not None and position < (run.source_position or 0):
        run = run.source
    return run


def _told(run: UUID) -> dict[UUID, str]:
    """The digest of each step's output, as the ledger has it."""
    events = Event.objects.of_run(run).filter(object_type="step")
    return {event.object_id: event.details.get("output_sha256", "") for event in events}


def _by_attempt(run: Run) -> dict[tuple[int, int], Step]:
    return {(step.position, step.attempt): step for step in Step.objects.filter(run=run)}


def _taken(step: Step) -> tuple[object, ...]:
    return tuple(getattr(step, name) for name in TAKEN_OVER)


def _differs(run: Run, step: Step, what: str, expected: str, found: str) -> Difference:
    return Difference(run.pk, step.node, step.position, what, expected, found)
