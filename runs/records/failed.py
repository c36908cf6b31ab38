"""Which runs have failed, whatever became of them afterwards."""

from django.db.models import Q

from runs.records.models import Run

# The code of what is recorded of a run that somebody cancelled.
CANCELLED = "cancelled"
# Those that a person ended are no failures; the others failed first, and then undid what they had done.
UNDONE_AFTER_FAILURE = Q(state=Run.State.COMPENSATED) & ~Q(error__code=CANCELLED)


def undone_after_failure(run: Run) -> bool:
    """Whether the run failed and has undone what it did, rather than being cancelled."""
    return run.state == Run.State.COMPENSATED and (run.error is None or run.error.code != CANCELLED)
