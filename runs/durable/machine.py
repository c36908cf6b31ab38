"""The states of a run, the ways between them, and which node comes next. Pure: no clock, no database."""

from governance.catalog.workflows import BranchNode, WorkflowContent
from runs.records.models import Run

State = Run.State

# The same ways stand in the database's `runs_may_go`; tests hold the two against each other, and go each one.
_WAYS: dict[State, set[State]] = {
    State.QUEUED: {State.QUEUED, State.RUNNING, State.PAUSED, State.CANCELLED},
    State.RUNNING: {
        State.RUNNING,
        State.READY,
        State.WAITING,
        State.PAUSED,
        State.NEEDS_REVIEW,
        State.COMPENSATING,
        State.SUCCEEDED,
        State.FAILED,
        State.CANCELLED,
        State.QUARANTINED,
    },
    State.WAITING: {State.WAITING, State.READY, State.PAUSED, State.COMPENSATING, State.CANCELLED},
    State.READY: {State.READY, State.RUNNING, State.PAUSED, State.COMPENSATING, State.CANCELLED},
    State.PAUSED: {State.PAUSED, State.READY, State.COMPENSATING, State.CANCELLED},
    State.NEEDS_REVIEW: {State.NEEDS_REVIEW, State.READY, State.COMPENSATING, State.CANCELLED},
    State.QUARANTINED: {State.READY, State.COMPENSATING, State.CANCELLED},
    State.FAILED: {State.READY, State.COMPENSATING, State.CANCELLED},
    State.COMPENSATING: {State.COMPENSATING, State.COMPENSATED, State.COMPENSATION_FAILED},
    State.COMPENSATION_FAILED: {State.COMPENSATING},
    State.SUCCEEDED: {State.COMPENSATING},  # a part whose whole is being undone
    State.CANCELLED: set(),
    State.COMPENSATED: set(),
}
TRANSITIONS: frozenset[tuple[str, str]] = frozenset(
    (before, after) for before, ways in _WAYS.items() for after in ways
)
# A worker may take these at once.
CLAIMABLE: frozenset[str] = frozenset({State.QUEUED, State.READY})
# Something will still happen by itself, or a person's act is waited for.
UNDER_WAY: frozenset[str] = frozenset(
    {State.QUEUED, State.RUNNING, State.WAITING, State.READY, State.COMPENSATING}
)
HELD_UP: frozenset[str] = frozenset({State.PAUSED, State.NEEDS_REVIEW})
ENDED: frozenset[str] = frozenset(State) - UNDER_WAY - HELD_UP  # some of them an operator may take up again
# An operator should look at these.
TROUBLED: frozenset[str] = frozenset(
    {State.FAILED, State.QUARANTINED, State.NEEDS_REVIEW, State.COMPENSATION_FAILED}
)


def may_go(before: str, after: str) -> bool:
    """Whether a run may go from one state to the other."""
    return (before, after) in TRANSITIONS


def next_node(workflow: WorkflowContent, key: str, chosen: str = "") -> str | None:
    """The node after this one, given the way that its step recorded as chosen; None at the end of the run.

    A branch always chooses; what waits chooses when nothing came in time. Raises `KeyError` for a node that
    the workflow does not have.
    """
    node = workflow.node(key)
    if chosen or isinstance(node, BranchNode):
        return chosen
    return node.next
