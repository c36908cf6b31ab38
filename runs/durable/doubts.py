"""Steps that failed, and of which nobody knows whether they took effect all the same."""

from governance.catalog.calls import changes
from governance.catalog.content import parsed
from governance.catalog.nodes import call_of
from governance.catalog.workflows import WorkflowContent
from runs.durable.reviews import OUTCOME_UNKNOWN, UNRECORDED
from runs.records.models import Run, Step

# The request was sent, and whatever came back tells nothing; or the server said that it failed with it.
UNTOLD = OUTCOME_UNKNOWN | UNRECORDED | {"answer_refused", "answer_too_large"}
SERVER_FAILED = 500


def doubtful(run: Run) -> list[str]:
    """The nodes of such steps of the run, in their order: what undoes a step is called for what succeeded."""
    content = parsed(run.version)
    if not isinstance(content, WorkflowContent):
        return []
    calls = {node.key: call_of(node) for node in content.nodes}
    nodes = [key for key, call in calls.items() if call is not None and changes(call)]
    steps = Step.objects.filter(run=run.pk, node__in=nodes, compensates=None).order_by("position", "attempt")
    last = {step.node: step for step in steps}  # of a slice none undoes anything
    return [node for node, step in last.items() if _is_untold(step)]


def _is_untold(step: Step) -> bool:
    if step.error is None:
        return False
    return step.error.code in UNTOLD or int(step.facts.get("status", 0)) >= SERVER_FAILED
