"""The `branch` node: choosing a way by a recorded value."""

from typing import cast

from governance.catalog.workflows import BranchNode
from runs.artifacts.store import as_text, json_content
from runs.durable.failures import StepFailed
from runs.durable.outcomes import Outcome
from runs.durable.visits import Visit, classification_of

LARGEST_CHOICE = 1_000_000


def choose(visit: Visit) -> Outcome:
    """Take the case that equals the value, else the default. Raises `StepFailed` when there is neither."""
    node, inputs = cast(BranchNode, visit.node), visit.inputs
    value = as_text(inputs[0].value)
    chosen = next((case.next for case in node.cases if case.equals == value), node.default)
    if chosen is None:
        known = ", ".join(f"“{case.equals}”" for case in node.cases[:10])
        raise StepFailed(
            "no_case",
            "The branch has no way for this value",
            f"The value of “{node.on}” is none of those that there are ways for: {known}. "
            "Release a workflow version whose branch has a way for it, or a default.",
            final=True,
        )
    return Outcome(
        kind="branch",
        inputs=inputs,
        output=json_content({"value": value, "chosen": chosen}, max_bytes=LARGEST_CHOICE, what="The choice"),
        classification=classification_of(visit),
        chosen=chosen,
        labels={"chosen": chosen},
    )
