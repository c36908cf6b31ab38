"""Whether a node that waits says for what, for how long, and what then."""

from collections.abc import Iterator

from governance.catalog.nodes import HumanTaskNode, TimerNode, WaitEventNode
from governance.catalog.workflows import AnyNode


def waiting_wrong(node: AnyNode) -> Iterator[str]:
    """What is wrong with how the node waits; nothing for one that does not."""
    match node:
        case TimerNode():
            if (node.seconds is None) == (node.until is None):
                yield "waits for “seconds” or “until” a moment: give exactly one of them"
        case WaitEventNode():
            yield from _late(node)
        case HumanTaskNode():
            yield from _late(node)
            yield from _task(node)


def _late(node: WaitEventNode | HumanTaskNode) -> Iterator[str]:
    if node.on_timeout and node.timeout_s is None:
        yield "has “on_timeout”, but no “timeout_s” after which to go there"


def _task(node: HumanTaskNode) -> Iterator[str]:
    if node.task == "choose" and len(node.choices) < 2:  # noqa: PLR2004 - one is no choice
        yield "lets a person choose, but gives fewer than two “choices”"
    if len(node.choices) != len(set(node.choices)):
        yield "has the same choice twice"
    if node.task != "choose" and node.choices:
        yield f"has “choices”, which a task to {node.task} does not offer"
    if node.task == "edit" and node.subject is None:
        yield "lets a person edit, but names no “subject”"
    if node.task != "edit" and node.subject is not None:
        yield f"has a “subject”, which a task to {node.task} does not change: show it as an input"
    if (node.escalate_to is None) != (node.escalate_after_s is None):
        yield "escalates with both “escalate_to” and “escalate_after_s”, or not at all"
    if node.escalate_after_s and node.timeout_s and node.escalate_after_s >= node.timeout_s:
        yield "escalates only after it has timed out"
