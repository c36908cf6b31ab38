"""What the nodes of a workflow do, in the few words that a drawing or a table has room for."""

from governance.catalog.calls import Call, FunctionCall, HttpCall, LlmCall, SubrunCall, TransformCall
from governance.catalog.nodes import BranchNode, HumanTaskNode, MapNode, TimerNode, WaitEventNode
from governance.catalog.workflows import AnyNode

# What a kind is called where a person reads it; a placed call is named by what it calls.
KIND_WORDS = {
    "function": "function",
    "llm": "model",
    "http": "HTTP",
    "transform": "expression",
    "subrun": "workflow",
    "branch": "choice",
    "map": "for each",
    "timer": "timer",
    "wait_event": "event",
    "human_task": "person",
}
TASKS = {"approve": "a person approves", "edit": "a person edits", "choose": "a person chooses"}
UNITS = (("d", 86_400), ("h", 3600), ("min", 60), ("s", 1))


def what_it_does(node: AnyNode) -> str:
    """The node in a few words: what it calls, asks, chooses by, goes over or waits for."""
    match node:
        case Call():
            return what_it_calls(node)
        case BranchNode():
            return f"by {node.on}"
        case MapNode():
            return f"each: {what_it_calls(node.each)}"
        case TimerNode():
            return f"waits {lasting(node.seconds)}" if node.seconds else f"waits until {node.until}"
        case WaitEventNode():
            return f"waits for {node.event}"
        case HumanTaskNode():
            return TASKS[node.task]


def what_it_calls(call: Call) -> str:
    """A call in a few words."""
    match call:
        case FunctionCall():
            return f"calls {call.function}"
        case LlmCall():
            return f"asks {call.prompt.asset} v{call.prompt.number}"
        case HttpCall():
            return f"{call.method} {call.endpoint}{call.path}"
        case TransformCall():
            return f"computes {' '.join(call.expression.split())}"
        case SubrunCall():
            return f"runs {call.workflow.asset} v{call.workflow.number}"
    raise TypeError(f"{call.kind} is no kind of call.")


def lasting(seconds: int) -> str:
    """A length of time in its two largest units: `1 h 30 min`."""
    found = []
    for unit, size in UNITS:
        count, seconds = divmod(seconds, size)
        if count:
            found.append(f"{count:,} {unit}")
    return " ".join(found[:2]) or "0 s"
