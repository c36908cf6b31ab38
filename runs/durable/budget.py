"""How many attempts a step has left: an operator who resumes a run gives its step the whole number anew."""

from governance.ledger.kinds import Kind
from governance.ledger.models import Event
from runs.durable.actors import engine
from runs.durable.outcomes import Outcome
from runs.durable.retries import delay_before_next
from runs.durable.visits import Visit


def delay_within_budget(visit: Visit, outcome: Outcome) -> float | None:
    """Seconds until the next attempt at the step; None when it has had as many as its node allows."""
    policy = visit.call.retry if visit.call else None
    if policy is None or outcome.final:
        return None
    return delay_before_next(policy, attempt=visit.attempt - _spent_before(visit), outcome=outcome)


def _spent_before(visit: Visit) -> int:
    """How many attempts there were until an operator last had the run go on from this very step."""
    if visit.attempt == 1:
        return 0
    resumed = Event.objects.of_run(visit.held.run).filter(kind=Kind.RUN_RESUMED).exclude(actor=engine().pk)
    for event in resumed.reverse():
        told = event.details
        if told.get("position") == visit.position:
            return max(0, min(int(told["attempt"]), visit.attempt) - 1)
    return 0
