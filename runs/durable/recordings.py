"""What a run has recorded so far, as values."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from runs.artifacts.models import Artifact
from runs.artifacts.opening import bytes_of, intact
from runs.artifacts.store import value_of
from runs.durable.claim import Claim
from runs.durable.inputs import Recorded
from runs.durable.statements import Statement, rows
from runs.records.models import RunInput

# Of runs, what is stored of their inputs and outputs, as it stands there.
Stored = Mapping[UUID, Sequence[Any]]


def stored_of(held: Sequence[Claim]) -> Stored:
    """What the steps of these runs may read, unread."""
    found: dict[UUID, list[Any]] = {}
    for row in rows(Statement.RECORDED, {"runs": [_reader(one) for one in held]}):
        found.setdefault(row.run_id, []).append(row)
    return found


def recorded_of(held: Claim, stored: Stored | None = None) -> dict[str, Recorded]:
    """The run's inputs and its steps' outputs, each with its digest recomputed. Raises `ArtifactDamaged`.

    A slice of a map reads what its parent recorded.
    """
    found = stored_of([held]) if stored is None else stored
    return {
        row.name: Recorded(row.id, value_of(_bytes(row), row.media_type), row.classification)
        for row in found.get(_reader(held), ())
    }


def _bytes(row: Any) -> bytes:
    """What stands in the row; else what the store has."""
    if row.body is None:
        return bytes_of(Artifact.objects.get(pk=row.id))
    return intact(bytes(row.body), row.sha256)


def _reader(held: Claim) -> UUID:
    return held.parent if held.first_item is not None and held.parent else held.run


def given_to(run: UUID) -> dict[str, Recorded]:
    """What a run was started with alone, by reference. Raises `ArtifactDamaged`."""
    inputs = RunInput.objects.filter(run=run).select_related("artifact")
    return {
        f"${given.name}": Recorded(
            given.artifact_id,
            value_of(bytes_of(given.artifact), given.artifact.media_type),
            given.classification,
        )
        for given in inputs
    }
