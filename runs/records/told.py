"""Which events tell of runs and their steps: what a look for missing ones compares."""

from typing import Final

from governance.ledger.kinds import Kind
from governance.proof.completeness.pairs import Pairs
from runs.records.models import Run

State = Run.State
ENDED: Final = (
    State.SUCCEEDED, State.FAILED, State.CANCELLED, State.COMPENSATED, State.COMPENSATION_FAILED,
    State.QUARANTINED,
)  # fmt: skip
OF_LOG: Final = "thing.organisation_id = %(log)s"
# A fork's copies of another run's steps, and the steps of an imported run, are told with the run's beginning.
ON_ITS_OWN: Final = (
    "EXISTS (SELECT FROM runs_run run WHERE run.id = thing.run_id AND run.organisation_id = %(log)s"
    " AND run.origin <> 'import' AND thing.position >= coalesce(run.source_position, 0))"
)
BEGUN: Final = Pairs("runs", "runs_run", "run", (Kind.RUN_STARTED, Kind.RUN_IMPORTED), OF_LOG)
OVER: Final = Pairs(
    "ends of runs", "runs_run", "run", (*(f"run.{state}" for state in ENDED), Kind.RUN_IMPORTED),
    f"{OF_LOG} AND thing.state IN ({', '.join(repr(str(state)) for state in ENDED)})",
    says="event.kind = CASE WHEN thing.origin = 'import' THEN 'run.imported' ELSE 'run.' || thing.state END",
)  # fmt: skip
STEPS: Final = Pairs(
    "steps", "runs_step", "step", (Kind.STEP_SUCCEEDED, Kind.STEP_FAILED), ON_ITS_OWN,
    same="event.kind = 'step.' || thing.state",
)  # fmt: skip
COMPARED: Final = (BEGUN, OVER, STEPS)
