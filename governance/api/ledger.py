"""Checkpoints of the ledger's logs, and proofs below them."""

from typing import ClassVar
from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from governance.api.endpoint import Endpoint
from governance.api.ledger_shapes import (
    CheckpointShape,
    ConsistencyShape,
    EventProofShape,
    LogQuery,
    SizesQuery,
)
from governance.errors import Invalid, WrongState
from governance.ledger.models import Event
from governance.merkle.keys import to_base64
from governance.merkle.note import parse
from governance.proof.cosigned import cosigned_note, seen_by
from governance.proof.reading import consistency, inclusion, latest_checkpoint, position_of
from governance.proof.serving import log_called, signed


class OfLog(Endpoint):
    """What is asked about a log."""

    query = LogQuery
    may_be_too_early: ClassVar[bool] = True  # the log was never signed, or has not grown so far

    def log(self) -> UUID:
        """The log that the parameter names. Raises `Invalid`."""
        found = log_called(self.asked["log"], actor=self.actor)
        if found is None:
            raise Invalid("log: There is none of this name.", fields={"log": "There is none of this name."})
        return found


class LastCheckpoint(OfLog):
    """The last checkpoint of a log."""

    @extend_schema(
        operation_id="ledger_checkpoint", summary="A log's last checkpoint", responses={200: CheckpointShape}
    )
    def get(self, request: Request) -> Response:
        """Signed by the log, with who saw it; 409 before the first."""
        found = signed(self.log())
        facts = {
            "id": found.pk,
            "origin": parse(bytes(found.note)).note.origin,
            "size": found.size,
            "root": to_base64(bytes(found.root)),
            "at": found.at,
            "note": cosigned_note(found).decode(),
            "seen_by": seen_by(found),
        }
        return Response(CheckpointShape(facts).data)


class EventProof(Endpoint):
    """That the last checkpoint covers an event."""

    may_be_too_early: ClassVar[bool] = True  # the checkpoint that covers it is still to come

    @extend_schema(
        operation_id="ledger_event_proof", summary="The proof of an event", responses=EventProofShape
    )
    def get(self, request: Request, pk: UUID) -> Response:
        """The record, its position and the hashes that lead to the signed root; 409 until one covers it."""
        event = self.fetch(Event.objects.visible_to(self.actor), pk)
        position = position_of(event.pk)
        latest = latest_checkpoint(position.log) if position else None
        if position is None or latest is None or latest.size <= position.position:
            raise WrongState("No checkpoint covers this entry yet.")
        found = inclusion(event.pk, latest)
        facts = {
            "event": found.event,
            "record": to_base64(found.record),
            "position": found.position,
            "size": found.size,
            "proof": [to_base64(each) for each in found.proof],
            "note": cosigned_note(latest).decode(),
        }
        return Response(EventProofShape(facts).data)


class Consistency(OfLog):
    """That a log continues itself."""

    query = SizesQuery

    @extend_schema(
        operation_id="ledger_consistency", summary="The proof between two sizes", responses=ConsistencyShape
    )
    def get(self, request: Request) -> Response:
        """What shows that the log of size `new` begins with that of `old`; 409 where it is not as large."""
        log = self.log()
        old, new = self.asked["old"], self.asked["new"]
        origin = parse(bytes(signed(log).note)).note.origin
        proof = [to_base64(each) for each in consistency(log, old, new)]
        return Response(ConsistencyShape({"origin": origin, "old": old, "new": new, "proof": proof}).data)
