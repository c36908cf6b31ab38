"""Whether what a call does outside is declared so that a failed run can be put right."""

from collections.abc import Iterator

from governance.catalog.calls import Call, HttpCall, TransformCall, effect_of
from governance.catalog.graphs.complaint import Complaint
from governance.catalog.nodes import MapNode, Undoable
from governance.catalog.workflows import AnyNode, call_of

UNSAFE = "its effect is unsafe"


def effects_wrong(node: AnyNode) -> Iterator[Complaint]:
    """Effects that are not what they are called, retried though they must not be, or never undone."""
    call = call_of(node)
    undoing = getattr(node, "compensate", None)
    if call is not None:
        for reason in (*_declared(call), *_undone(node, call, undoing)):
            yield Complaint(node.key, reason)
    if undoing is not None:
        for reason in _declared(undoing):
            yield Complaint(node.key, f"to undo it: {reason}")
        if undoing.irreversible:
            yield Complaint(
                node.key, "to undo it: what undoes is not undone in turn, leave out “irreversible”"
            )


def _declared(call: Call) -> Iterator[str]:
    if call.effect == "none" and isinstance(call, HttpCall) and call.method != "GET":
        yield f"writes with {call.method}, so its effect is not none"
    if isinstance(call, TransformCall) and effect_of(call) != "none":
        yield "computes a value, so its effect is none"
    if effect_of(call) == "unsafe" and call.retry is not None and call.retry.attempts > 1:
        yield f"{UNSAFE}, so it is never repeated on its own: leave out “retry”"


def _undone(node: AnyNode, call: Call, undoing: Call | None) -> Iterator[str]:
    if undoing is not None and call.irreversible:
        yield "says both how it is undone, “compensate”, and that nothing can undo it, “irreversible”"
    if effect_of(call) != "unsafe" or undoing is not None or call.irreversible:
        return
    if isinstance(node, MapNode):
        yield (
            f"{UNSAFE} on each item: run a workflow for each that undoes what it did, "
            "or say in “irreversible” why nothing can"
        )
    elif isinstance(node, Undoable):
        yield (
            f"{UNSAFE}: say with “compensate” what undoes it when the run fails later, "
            "or in “irreversible” why nothing can"
        )
