"""Taking the cases of a recall away, as a table or for a program; recorded, as every export is."""

import csv
import io
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
# With what a spreadsheet takes a cell for a formula (OWASP, CSV injection).
FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")


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


def as_csv(rows: list[dict[str, Any]]) -> str:
    """The rows as a table. A cell that a spreadsheet would execute begins with an apostrophe."""
    written = io.StringIO()
    table = csv.DictWriter(written, COLUMNS, lineterminator="\r\n")
    table.writeheader()
    table.writerows({name: _inert(value) for name, value in row.items()} for row in rows)
    return written.getvalue()


def _inert(value: Any) -> str:
    text = "" if value is None else str(value)
    return f"'{text}" if text.startswith(FORMULA) else text


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
