"""What witnesses have said of checkpoints, as pages, bundles and readers of the log are shown it."""

import time
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from django.utils import timezone

from governance.merkle.cosignature import verify_cosignature
from governance.merkle.errors import Unproven
from governance.merkle.keys import parse_vkey
from governance.merkle.note import MOST_SIGNATURES, parse
from governance.proof.models import Checkpoint, Cosignature
from governance.proof.witnesses import Witness, witnesses

LATELY: Final = timedelta(minutes=2)
POLL_SECONDS: Final = 0.05
MOST_LINES: Final = MOST_SIGNATURES - 2  # the log's own, perhaps by two keys


@dataclass(frozen=True, slots=True)
class Seen:
    """A witness of a checkpoint. `named`: the installation still names it; `here`: it is on this machine."""

    witness: str
    vkey: str
    at: datetime
    named: bool
    here: bool
    holds: bool


@dataclass(frozen=True, slots=True)
class Attendance:
    """A witness that the installation names, and the last checkpoint of a log that it cosigned, if any."""

    witness: Witness
    last: Cosignature | None


def cosigned_note(checkpoint: Checkpoint) -> bytes:
    """The note with the lines of its witnesses below the log's own."""
    lines = checkpoint.cosignatures.order_by("at", "id").values_list("line", flat=True)[:MOST_LINES]
    return bytes(checkpoint.note) + b"".join(bytes(line) for line in lines)


def seen_by(checkpoint: Checkpoint) -> list[Seen]:
    """Who saw the checkpoint and when; each line is verified again for the answer."""
    named = {witness.key.vkey: witness for witness in witnesses()}
    return [_seen(found, checkpoint, named.get(found.vkey)) for found in checkpoint.cosignatures.all()]


def attendance(log: UUID) -> list[Attendance]:
    """What each witness that is named saw last of the log."""
    return [Attendance(witness, _last(log, witness)) for witness in witnesses()]


def last_cosigned(log: UUID) -> Checkpoint | None:
    """The log's last checkpoint that a witness, of those that are named, has cosigned."""
    named = [witness.key.vkey for witness in witnesses()]
    return Checkpoint.objects.of(log).filter(cosignatures__vkey__in=named).first() if named else None


def await_cosignature(checkpoint: Checkpoint, *, seconds: float = 2.0) -> bool:
    """Whether a witness that is named cosigned it, waiting so long where one has answered of late."""
    named = [witness.key.vkey for witness in witnesses()]
    lately = timezone.now() - LATELY
    if not Cosignature.objects.filter(vkey__in=named, at__gt=lately).exists():
        return checkpoint.cosignatures.filter(vkey__in=named).exists()
    deadline = time.monotonic() + seconds
    while not (found := checkpoint.cosignatures.filter(vkey__in=named).exists()):
        if time.monotonic() > deadline:
            break
        time.sleep(POLL_SECONDS)
    return found


def problem_of(found: Cosignature, checkpoint: Checkpoint) -> str:
    """What is wrong with a stored cosignature; empty when it is the witness's over this checkpoint."""
    try:
        note = parse(bytes(checkpoint.note)).note
        received = int(found.at.timestamp())  # a clock that is wrong today makes it no worse
        at = verify_cosignature(bytes(found.line), parse_vkey(found.vkey), note, received)
    except Unproven as problem:
        return str(problem)
    return "" if at == found.seen_at.timestamp() else "It was seen at another time than the row says."


def _seen(found: Cosignature, checkpoint: Checkpoint, named: Witness | None) -> Seen:
    return Seen(
        witness=named.name if named else found.witness,
        vkey=found.vkey,
        at=found.seen_at,
        named=named is not None,
        here=named is not None and named.here,
        holds=not problem_of(found, checkpoint),
    )


def _last(log: UUID, witness: Witness) -> Cosignature | None:
    own = Cosignature.objects.filter(checkpoint__log=log, vkey=witness.key.vkey)
    return own.select_related("checkpoint").order_by("-checkpoint__size").first()
