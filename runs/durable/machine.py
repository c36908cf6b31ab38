"""The states of a run, the ways between them, and which node comes next. Pure: no clock, no database."""

from typing import Any

from governance.catalog.workflows import BranchNode, Node, WorkflowContent
from runs.records.models import Run

State = Run.State

# The same pairs stand in the trigger `runs_guard_run`; a test holds the two against each other.
TRANSITIONS: frozenset[tuple[str, str]] = frozenset(
    {
        (State.QUEUED, State.QUEUED),
        (State.QUEUED, State.RUNNING),
        (State.QUEUED, State.CANCELLED),
        (State.RUNNING, State.RUNNING),
        (State.RUNNING, State.QUEUED),
        (State.RUNNING, State.SUCCEEDED),
        (State.RUNNING, State.FAILED),
        (State.RUNNING, State.CANCELLED),
        (State.FAILED, State.QUEUED),
        (State.FAILED, State.CANCELLED),
    }
)
UNDER_WAY: frozenset[str] = frozenset({State.QUEUED, State.RUNNING})
ENDED: frozenset[str] = frozenset(State) - UNDER_WAY  # a failed run may be resumed


def may_go(before: str, after: str) -> bool:
    """Whether a run may go from one state to the other."""
    return (before, after) in TRANSITIONS


def next_node(workflow: WorkflowContent, key: str, output: Any) -> str | None:
    """The node after this one, given its recorded output; None at the end of the run.

    Raises `KeyError` for a node that the workflow does not have.
    """
    node: Node = workflow.node(key)
    if isinstance(node, BranchNode):
        return str(output["chosen"])
    return node.next
