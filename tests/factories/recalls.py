"""Recalls, opened by an approver and collected on the spot."""

from typing import Any
from uuid import UUID

from governance.accounts.models import User
from runs.durable.actors import engine
from runs.lineage.subjects import SubjectKind
from runs.recalls.building import advance
from runs.recalls.models import Recall
from runs.recalls.naming import named
from runs.recalls.services import open_recall, settle_cases
from runs.records.models import Run, Step
from tests.factories.cast import Company

WRONG = "It left amounts out."


def opened(company: Company, kind: SubjectKind, key: object, *, by: User | None = None) -> Recall:
    """A recall that nobody has begun to collect."""
    actor = by or company.approver
    about = named(kind.value, str(key), actor=actor)
    return open_recall(company.project, actor=actor, about=about, title="Amounts", reason=WRONG)


def collected(recall: Recall, *, most: int = 1_000) -> Recall:
    """The same, with all that it is about."""
    while recall.state == Recall.State.BUILDING:
        recall = advance(recall, actor=engine(), most=most)
    return recall


def acts_on_recalls(company: Company, run: Run) -> dict[str, tuple[Any, UUID | None]]:
    """What can be sent about one: opening it, settling its only case, collecting it on, and closing it."""
    step = Step.objects.filter(run=run).latest("position")
    settled, to_settle, failed = (opened(company, SubjectKind.OUTPUT, step.pk) for _ in range(3))
    settle_cases(collected(settled), actor=company.approver, numbers=[1], status="checked", note="")
    given_up = {"state": Recall.State.FAILED, "failures": 5, "failure": "it took too long"}
    Recall.objects.filter(pk=failed.pk).update(**given_up)
    about = {"project": "complaints", "kind": "output", "key": str(step.pk)}
    return {
        "recalls_open": ({**about, "title": "Contract", "reason": "Contract"}, None),
        "recalls_settle": ({"cases": [1], "status": "notified"}, collected(to_settle).pk),
        "recalls_resume": ({"reason": "Contract"}, failed.pk),
        "recalls_close": ({"conclusion": "Contract"}, settled.pk),
    }
