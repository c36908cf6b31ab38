"""What a run has recorded so far, as values."""

from runs.artifacts.services import intact
from runs.artifacts.store import value_of
from runs.durable.claim import Claim
from runs.durable.inputs import Recorded
from runs.durable.statements import Statement, rows


def recorded_of(held: Claim) -> dict[str, Recorded]:
    """The run's inputs and its steps' outputs, each with its digest recomputed. Raises `ArtifactDamaged`.

    A slice of a map reads what its parent recorded.
    """
    run = held.parent if held.first_item is not None and held.parent else held.run
    kept: dict[str, Recorded] = {}
    for name, artifact, media_type, sha256, body, classification in rows(Statement.RECORDED, {"run": run}):
        kept[name] = Recorded(artifact, value_of(intact(bytes(body), sha256), media_type), classification)
    return kept
