"""How a node is set up, limited and undone, as names and values for the table of a workflow's nodes."""

from collections.abc import Iterator

from governance.catalog.calls import Call, LlmCall, effect_of
from governance.catalog.nodes import BranchNode, HumanTaskNode, MapNode, WaitEventNode
from governance.catalog.workflows import AnyNode, call_of
from governance.web.keys import flat
from governance.web.node_words import lasting, what_it_calls

EFFECT_WORDS = {
    "none": "none, may be repeated",
    "idempotent": "same key on every attempt",
    "unsafe": "never repeated on its own",
}
Fact = tuple[str, str]


def facts_of(node: AnyNode) -> Iterator[Fact]:
    """What is set of the node, then of its call, then how it is undone."""
    yield from _placed_facts(node)
    call = call_of(node)
    if call is not None:
        yield from _call_facts(call)
    undoing = getattr(node, "compensate", None)
    if undoing is not None:
        reads = ", ".join(f"{name} ← {source}" for name, source in undoing.inputs.items())
        yield "undone by", f"{what_it_calls(undoing)}{f' ({reads})' if reads else ''}"


def _placed_facts(node: AnyNode) -> Iterator[Fact]:
    match node:
        case BranchNode():
            yield from ((f"“{case.equals}”", case.next) for case in node.cases)
            if node.default:
                yield "otherwise", node.default
        case MapNode():
            yield "side by side", f"at most {node.at_once:,}"
            yield "items", f"at most {node.most_items:,}"
        case WaitEventNode():
            yield from _timeout(node)
        case HumanTaskNode():
            yield from _task(node)


def _task(node: HumanTaskNode) -> Iterator[Fact]:
    yield "asked", f"team {node.team}" if node.team else "whoever may operate the project's runs"
    if node.choices:
        yield "choices", ", ".join(node.choices)
    if node.escalate_after_s and node.escalate_to:
        yield f"after {lasting(node.escalate_after_s)}", f"team {node.escalate_to} is asked as well"
    if node.instructions:
        yield "instructions", node.instructions
    yield from _timeout(node)


def _timeout(node: WaitEventNode | HumanTaskNode) -> Iterator[Fact]:
    if node.timeout_s:
        then = f"goes on to {node.on_timeout}" if node.on_timeout else "the run fails"
        yield f"after {lasting(node.timeout_s)} without", then


def _call_facts(call: Call) -> Iterator[Fact]:
    yield from flat(dict(getattr(call, "settings", None) or {})).items()
    if isinstance(call, LlmCall):
        yield from _model_facts(call)
    if call.effect is not None or effect_of(call) == "unsafe":
        yield "effect outside", EFFECT_WORDS[effect_of(call)]
    if call.irreversible:
        yield "cannot be undone", call.irreversible
    yield from _limits(call)
    if call.remember:
        path = f"its {call.remember.path}" if call.remember.path else "its output"
        yield "remembers", f"{path} as {call.remember.namespace} / {call.remember.key}"


def _limits(call: Call) -> Iterator[Fact]:
    if call.retry:
        most = (
            f"{call.retry.attempts} attempts, the first pause up to {call.retry.first_delay_ms:,} ms, then "
        )
        yield "retried", f"{most}{call.retry.factor} times as long, at most {call.retry.cap_ms:,} ms"
        if call.retry.never:
            yield "never retried after", ", ".join(call.retry.never)
    if call.timeout_s:
        yield "each attempt", f"at most {lasting(call.timeout_s)}"
    if call.start_within_s:
        yield "must begin within", lasting(call.start_within_s)


def _model_facts(call: LlmCall) -> Iterator[Fact]:
    if call.max_tokens:
        yield "at most", f"{call.max_tokens:,} tokens"
    if call.output_schema is not None:
        yield "answer", "held to a JSON schema"
    if call.reask:
        yield "asked again", f"up to {call.reask} times when the answer does not fit"
