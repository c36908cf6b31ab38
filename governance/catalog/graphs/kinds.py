"""What each kind of node and call needs of itself, whatever stands around it."""

import re
from collections.abc import Iterator
from typing import Final

from governance.catalog.calls import (
    Call,
    FunctionCall,
    HttpCall,
    LlmCall,
    SubrunCall,
    TransformCall,
    effect_of,
)
from governance.catalog.functions import announced
from governance.catalog.graphs.complaint import Complaint
from governance.catalog.graphs.expressions import expression_wrong
from governance.catalog.graphs.known import Contents
from governance.catalog.graphs.waiting import waiting_wrong
from governance.catalog.nodes import BranchNode
from governance.catalog.output_schemas import schema_complaint
from governance.catalog.prompts import PromptContent
from governance.catalog.workflows import AnyNode, WorkflowContent, call_of

PLACE: Final = re.compile(r"\{([a-z][a-z0-9_]{0,39})\}")
NOT_IN_A_PATH: Final = frozenset("{}?#\\")


def kind_wrong(node: AnyNode, contents: Contents) -> Iterator[Complaint]:
    """What is wrong with the node, with the call it makes, and with the one that undoes it."""
    call, undoing = call_of(node), getattr(node, "compensate", None)
    reasons = [*waiting_wrong(node)]
    if isinstance(node, BranchNode):
        cases = [case.equals for case in node.cases]
        reasons += ["has two cases for the same value"] if len(cases) != len(set(cases)) else []
    if call is not None:
        reasons += call_wrong(call, contents)
    if undoing is not None:
        reasons += [f"to undo it: {reason}" for reason in call_wrong(undoing, contents)]
    for reason in reasons:
        yield Complaint(node.key, reason)


def call_wrong(call: Call, contents: Contents) -> Iterator[str]:
    """What is wrong with what a call is given, and with what is particular to its kind."""
    names = [*call.inputs, *(getattr(call, "settings", None) or ()), *(call.recall or ())]
    if twice := sorted({name for name in names if names.count(name) > 1}):
        yield f"gives {', '.join(twice)} twice, as an input and as a setting or from memory"
        return
    given = frozenset(names)
    match call:
        case FunctionCall():
            yield from _function(call, given)
        case LlmCall():
            yield from _model(call, given, contents)
        case HttpCall():
            yield from _request(call, given)
        case TransformCall():
            yield from expression_wrong(call.expression, given)
        case SubrunCall():
            yield from _workflow(call, given, contents)


def _function(call: FunctionCall, given: frozenset[str]) -> Iterator[str]:
    known = announced(call.function)
    if known is None:
        yield (
            f"calls “{call.function}”, which no module registers that is loaded here: those of the product, "
            "and those that STEP_FUNCTION_MODULES names"
        )
        return
    if missing := sorted(known.takes - given):
        yield f"“{call.function}” needs {', '.join(missing)}"
    if extra := sorted(given - known.takes):
        yield f"“{call.function}” does not take {', '.join(extra)}"


def _model(call: LlmCall, given: frozenset[str], contents: Contents) -> Iterator[str]:
    if call.output_schema is not None and (complaint := schema_complaint(call.output_schema)):
        yield complaint
    if call.reask and call.output_schema is None:
        yield "asks again when the answer does not fit, but has no “output_schema” that it could fit"
    if call.reask and effect_of(call) == "unsafe":
        yield "asks again when the answer does not fit, but its effect is unsafe: it may be asked only once"
    if call.fallback == call.model:
        yield "falls back on the model that failed: name another"
    prompt = contents.get(("prompt", call.prompt.asset, call.prompt.number))
    if isinstance(prompt, PromptContent):
        wanted = {declared.name for declared in prompt.variables}
        if missing := sorted(wanted - given):
            yield f"does not give its prompt {', '.join(missing)}"
        if unknown := sorted(given - wanted):
            yield f"gives its prompt {', '.join(unknown)}, which it has no place for"


def _request(call: HttpCall, given: frozenset[str]) -> Iterator[str]:
    named = set(PLACE.findall(call.path))
    bare = PLACE.sub("x", call.path)
    if NOT_IN_A_PATH & set(bare):
        yield f"has a path with a character that a path may not have, or an unknown place: {call.path[:100]}"
    if bare.startswith("//") or ".." in bare.split("/"):
        yield f"has a path that leads away from its endpoint: {call.path[:100]}"
    if missing := sorted(named - given):
        yield f"has {', '.join(missing)} in its path, which it is not given"


def _workflow(call: SubrunCall, given: frozenset[str], contents: Contents) -> Iterator[str]:
    pin = call.workflow
    inner = contents.get(("workflow", pin.asset, pin.number))
    if not isinstance(inner, WorkflowContent):
        return
    wanted = {declared.name for declared in inner.inputs}
    if missing := sorted(wanted - given):
        yield f"does not give {pin.asset} v{pin.number} its input {', '.join(missing)}"
    if unknown := sorted(given - wanted):
        yield f"gives {pin.asset} v{pin.number} {', '.join(unknown)}, which is none of its inputs"
