"""The rows of one batch of an import, and how they come into their tables: by COPY."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final
from uuid import UUID

from django.db import connection

from governance.accounts.models import User
from governance.ledger.kinds import Kind

TOLD = (Path(__file__).parent / "sql" / "import_events.sql").read_text()
# In the order in which one needs the other.
COLUMNS: Final = {
    "runs_run": "id organisation_id project_id workflow_id version_id release_id environment_id"
    " closure_digest approvals reference idempotency_key request_digest origin started_by_id started_by_name"
    " state cursor position attempt output_id tokens_in tokens_out cost priced created_at started_at"
    " finished_at lease_owner lease_epoch recoveries",
    "runs_run_input": "id run_id name filename artifact_id classification",
    "runs_step": "id run_id node kind position attempt state function prompt_version_id model_version_id"
    " output_id classification chosen facts tokens_in tokens_out cost started_at finished_at latency_ms",
    "runs_edge": "id step_id role name source artifact_id",
}


@dataclass
class Batch:
    """Rows by table, in the order of `COLUMNS`, and the details of each run's event."""

    rows: dict[str, list[tuple[Any, ...]]] = field(default_factory=lambda: {table: [] for table in COLUMNS})
    runs: list[UUID] = field(default_factory=list)
    details: list[str] = field(default_factory=list)

    def add(self, table: str, **columns: Any) -> None:
        """A row, by its columns."""
        self.rows[table].append(tuple(columns[name] for name in COLUMNS[table].split()))

    def tell(self, run: UUID, details: bytes) -> None:
        """The event of a run."""
        self.runs.append(run)
        self.details.append(details.decode())

    def insert(self, *, organisation: UUID, by: User) -> None:
        """In this transaction: all rows, then the events. The contents have been stored."""
        with connection.cursor() as cursor:
            for table, columns in COLUMNS.items():
                with cursor.copy(f"COPY {table} ({columns.replace(' ', ', ')}) FROM STDIN") as copy:
                    for row in self.rows[table]:
                        copy.write_row(row)
            told: dict[str, Any] = {"organisation": organisation, "kind": Kind.RUN_IMPORTED.value}
            told |= {"actor": by.pk, "actor_name": by.name, "runs": self.runs, "details": self.details}
            cursor.execute(TOLD, told)
