"""Taking the cases of a recall away, as a table or for a program; recorded, as every export is."""

from collections.abc import Iterator
from typing import Any, Final

from django.db import transaction

from governance.access.gate import authorise
from governance.access.permissions import Permission
from governance.accounts.models import User
from governance.ledger.canonical import canonical, sha256_hex
from governance.ledger.kinds import Kind
from governance.ledger.services import record
from runs.recalls.models import Recall

COLUMNS: Final = (
    "number", "reference", "run", "started", "workflow", "environment", "node", "output", "output_sha256",
    "how", "came_of", "status", "note", "noted_by", "noted_at",
)  # fmt: skip


@transaction.atomic
def export_cases(recall: Recall, *, actor: User, form: str) -> list[dict[str, Any]]:
    """Every case with its status, in order; who took them, and the digest of the rows, are recorded.

    No content goes along, only its digest. Raises `NotVisible` for who does not reach the project.
    """
    recall = Recall.objects.select_related("project").get(pk=recall.pk)
    authorise(actor, Permission.VIEW, project=recall.project)
    rows = list(_rows(recall))
    details = {"form": form, "cases": len(rows), "sha256": sha256_hex(canonical(rows))}
    record(
        Kind.RECALL_EXPORTED,
        actor=actor,
        organisation=recall.project.organisation_id,
        about=("recall", recall.pk),
        details={"title": recall.title, **details},
    )
    return rows


def _rows(recall: Recall) -> Iterator[dict[str, Any]]:
    rows = recall.cases.with_status().with_names().order_by("number")
    for case in rows.iterator(chunk_size=2_000):
        step, run = case.step, case.step.run
        noted: Any = case
        digest = step.output.sha256 if step.output else ""
        values = (
            case.number, run.reference, str(run.pk), run.created_at.isoformat(), run.workflow.slug,
            run.environment.slug, step.node, str(step.pk), digest, case.how,
            str(case.source) if case.source else "", noted.status, noted.note, noted.noted_by,
            noted.noted_at.isoformat() if noted.noted_at else "",
        )  # fmt: skip
        yield dict(zip(COLUMNS, values, strict=True))
