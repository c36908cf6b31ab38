"""Every stored cosignature against the note of its checkpoint."""

from collections.abc import Iterator
from uuid import UUID

from governance.proof.cosigned import problem_of
from governance.proof.findings import Finding
from governance.proof.models import Cosignature


def cosignatures(log: UUID, *, above: int = 0, most: int | None = None) -> Iterator[Finding]:
    """What is wrong with those of the checkpoints over more than `above` entries (and `most`)."""
    asked = Cosignature.objects.filter(checkpoint__log=log, checkpoint__size__gt=above)
    if most is not None:
        asked = asked.filter(checkpoint__size__lte=most)
    for found in asked.select_related("checkpoint").order_by("checkpoint__size", "vkey").iterator():
        if problem := problem_of(found, found.checkpoint):
            size = found.checkpoint.size
            said = f"What {found.witness} is said to have seen at {size:,} entries: {problem}"
            yield Finding("cosignature", said, log, size, at=found.at)
