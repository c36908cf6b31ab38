"""Recalls, opened by an approver and collected on the spot."""

from governance.accounts.models import User
from runs.durable.actors import engine
from runs.lineage.subjects import SubjectKind
from runs.recalls.building import advance
from runs.recalls.models import Recall
from runs.recalls.naming import named
from runs.recalls.services import open_recall
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
