"""What was paid for answers that came too late: it counts, and nothing else of them does."""

from collections.abc import Sequence
from decimal import Decimal

from django.db import transaction
from django.db.models import F

from governance.ledger.kinds import Kind
from governance.ledger.services import record
from runs.durable.actors import engine
from runs.durable.claim import Claim
from runs.durable.told import Told
from runs.records.discarded import Discarded
from runs.records.models import Run


def discard(held: Claim, told: Sequence[Told]) -> None:
    """Count what these answers cost to a run that this worker has lost. Doing so again changes nothing."""
    for step in told:
        if step.outcome.tokens_in is not None or step.outcome.cost is not None:
            _discard(held, step)


@transaction.atomic
def _discard(held: Claim, step: Told) -> None:
    outcome = step.outcome
    # The run's row is locked first, so that of two who try the second finds what the first recorded.
    found = Run.objects.filter(pk=held.run).select_for_update(of=("self",), no_key=True)
    if not found or Discarded.objects.filter(pk=step.id).exists():
        return
    Run.objects.filter(pk=held.run).update(
        tokens_in=F("tokens_in") + (outcome.tokens_in or 0),
        tokens_out=F("tokens_out") + (outcome.tokens_out or 0),
        cost=F("cost") + (outcome.cost or Decimal(0)),
        priced=F("priced") if outcome.priced else False,
    )
    asked = {"node": step.node, "position": step.position, "attempt": step.attempt, "epoch": held.epoch}
    Discarded.objects.create(
        pk=step.id,
        run_id=held.run,
        model_version_id=outcome.model_version,
        tokens_in=outcome.tokens_in,
        tokens_out=outcome.tokens_out,
        cost=outcome.cost,
        **asked,
    )
    record(
        Kind.RUN_ANSWER_DISCARDED,
        actor=engine(),
        organisation=held.organisation,
        about=("run", held.run),
        run=held.run,
        details={
            **asked,
            "tokens_in": outcome.tokens_in or 0,
            "tokens_out": outcome.tokens_out or 0,
            "cost": "" if outcome.cost is None else str(outcome.cost),
            "reason": "answer discarded: the run was taken over, or had ended",
        },
    )
