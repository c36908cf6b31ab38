"""What a run has recorded so far, as values."""

from uuid import UUID

from runs.artifacts.services import intact, open_artifact
from runs.artifacts.store import value_of
from runs.durable.claim import Claim
from runs.durable.inputs import Recorded
from runs.durable.statements import Statement, rows
from runs.records.models import RunInput


def recorded_of(held: Claim) -> dict[str, Recorded]:
    """The run's inputs and its steps' outputs, each with its digest recomputed. Raises `ArtifactDamaged`.

    A slice of a map reads what its parent recorded.
    """
    run = held.parent if held.first_item is not None and held.parent else held.run
    kept: dict[str, Recorded] = {}
    for name, artifact, media_type, sha256, body, classification in rows(Statement.RECORDED, {"run": run}):
        kept[name] = Recorded(artifact, value_of(intact(bytes(body), sha256), media_type), classification)
    return kept


def given_to(run: UUID) -> dict[str, Recorded]:
    """What a run was started with alone, by reference. Raises `ArtifactDamaged`."""
    inputs = RunInput.objects.filter(run=run).select_related("artifact")
    return {
        f"${given.name}": Recorded(
            given.artifact_id,
            value_of(open_artifact(given.artifact), given.artifact.media_type),
            given.classification,
        )
        for given in inputs
    }
