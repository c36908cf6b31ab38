"""Whether a step begins in the time that its node allows for that."""

from runs.durable.failures import StepFailed
from runs.durable.visits import Visit
from runs.records.models import Run


def check_start(visit: Visit) -> None:
    """Raises `StepFailed` for good when the step could have begun too long ago. What is undone may be late.

    It could begin when the run was ready for it, be it that no worker was free or no room at its provider.
    """
    limit = visit.call.start_within_s if visit.call and visit.compensates is None else None
    if limit is None or visit.position != visit.held.position or _has_begun(visit):
        return
    waited = visit.held.waiting_s + _for_room(visit)
    if waited > limit:
        raise StepFailed(
            "not_started_in_time",
            "The step did not begin in time",
            f"It could have begun {waited:,.0f} seconds ago; {limit:,} are allowed. "
            "Start more workers or raise the limit of its provider.",
            final=True,
        )


def _has_begun(visit: Visit) -> bool:
    """Its parts are on their way, or have ended: that a worker looks late does not make it begin late."""
    return visit.waited is not None and visit.waited.what == Run.WaitsFor.PARTS


def _for_room(visit: Visit) -> float:
    """For how long the run has waited for room at a provider, before it was ready this time."""
    waited = visit.waited
    if waited is None or waited.what != Run.WaitsFor.LIMIT or waited.since is None:
        return 0.0
    return 0.0 if waited.until is None else max(0.0, (waited.until - waited.since).total_seconds())
