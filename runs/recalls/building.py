"""Collecting what relied on a subject: first directly, page by page, then what came of that, case by case."""

from collections.abc import Iterable
from typing import Final
from uuid import UUID

from django.db import transaction
from django.db.models.functions import Now

from governance.ledger.kinds import Kind
from governance.ledger.services import Actor, record
from runs.lineage.closure import BATCH, came_of
from runs.lineage.forward import page
from runs.lineage.subjects import Subject, SubjectKind
from runs.recalls.models import Case, Recall

MOST_CASES: Final = 100_000
# Step, how, and what it came of.
Found = tuple[UUID, str, UUID | None]


@transaction.atomic
def advance(recall: Recall, *, actor: Actor, most: int = MOST_CASES) -> Recall:
    """One page or batch further; the recall as it is then, open once all is found, which is recorded.

    Whoever calls it goes on where the last one committed: two at once wait for each other.
    """
    recall = Recall.objects.select_for_update(of=("self",)).select_related("project").get(pk=recall.pk)
    if recall.state != Recall.State.BUILDING:
        return recall
    if recall.direct_done:
        _expand(recall, most)
    else:
        _collect(recall, most)
    recall.advanced_at, recall.failures, recall.failure = Now(), 0, ""
    recall.save()
    if recall.state == Recall.State.OPEN:
        details = {"title": recall.title, "subject": recall.subject_name, "cases": recall.found}
        record(
            Kind.RECALL_COLLECTED, actor=actor, organisation=recall.project.organisation_id,
            about=("recall", recall.pk), details={**details, "truncated": recall.truncated},
        )  # fmt: skip
    return recall


def _collect(recall: Recall, most: int) -> None:
    """The next page of what relied on the subject itself."""
    subject = Subject(SubjectKind(recall.subject_kind), recall.subject_key)
    seen = page(subject, projects=[recall.project_id], after=recall.after, most=BATCH)
    _add(recall, [(found.step, Case.How.DIRECT, None) for found in seen.found], most)
    recall.after, recall.direct_done = seen.after, seen.after is None or recall.truncated


def _expand(recall: Recall, most: int) -> None:
    """What came of the cases after the last one that was asked about; all is found when there are none."""
    cases = Case.objects.filter(recall=recall, number__gt=recall.expanded).order_by("number")
    steps = list(cases.values_list("step_id", flat=True)[:BATCH])
    if not steps or recall.truncated:
        recall.state = Recall.State.OPEN
        return
    recall.expanded += len(steps)
    _add(recall, [(found.step, found.how, found.source) for found in came_of(steps)], most)


def _add(recall: Recall, found: Iterable[Found], most: int) -> None:
    """A case for each that has none yet, up to `most` in all."""
    new = {step: (how, source) for step, how, source in found}
    known = Case.objects.filter(recall=recall, step__in=list(new)).values_list("step_id", flat=True)
    for step in known:
        del new[step]
    room = max(most - recall.found, 0)
    recall.truncated = recall.truncated or len(new) > room
    cases = [
        Case(recall=recall, number=number, step_id=step, how=how, source=source)
        for number, (step, (how, source)) in enumerate(list(new.items())[:room], start=recall.found + 1)
    ]
    Case.objects.bulk_create(cases, batch_size=2_000)
    recall.found += len(cases)
