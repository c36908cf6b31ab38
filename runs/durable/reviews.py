"""Unsafe attempts of which nobody knows what became: a person decides, the engine never repeats them."""

from uuid import UUID

from governance.catalog.calls import Call, effect_of
from governance.ledger.identity import uuid7
from runs.durable.claim import Claim
from runs.durable.statements import Statement, rows
from runs.records.begun import Begun
from runs.records.failure import Failure

# With these an attempt may have had its effect although it failed.
OUTCOME_UNKNOWN = frozenset({"timed_out", "outcome_unknown"})


# With these it was made, and what came of it cannot be recorded.
UNRECORDED = frozenset({"output_refused", "memory_refused", "engine_error"})


def doubted(call: Call | None, failure: Failure) -> Failure:
    """The failure of an attempt that may have had its effect: nobody pretends to know of an unsafe one."""
    if call is None or effect_of(call) != "unsafe" or failure.code not in UNRECORDED:
        return failure
    detail = f"{failure.title}. {failure.detail} Look there whether it took effect, then record it here."
    return Failure("outcome_unknown", "Nobody knows whether the step took effect", detail, failure.node)


def begun(held: Claim) -> bool | None:
    """Mark that an unsafe attempt begins: False when it had begun before, None when the run was lost."""
    mark = {"run": held.run, "epoch": held.epoch, "position": held.position, "mark": uuid7()}
    found = rows(Statement.BEGIN, mark)
    return bool(found[0].begun) if found else None


def left_open(run: UUID, *, position: int, attempt: int) -> bool:
    """Whether this attempt was marked as begun: once nobody executes it, nobody knows what came of it."""
    return Begun.objects.filter(run=run, position=position, attempt=attempt).exists()


def unknown(node: str) -> Failure:
    """An attempt was begun, and its worker stopped before it could record what became of it."""
    return Failure(
        "outcome_unknown",
        "Nobody knows whether the step took effect",
        "Its worker stopped after it had begun. Look there whether it took effect, then record it here.",
        node,
    )
