"""Whether a JMESPath expression can be evaluated over an object of these names."""

from collections.abc import Collection, Iterator, Mapping
from typing import Any, Final

import jmespath
from jmespath.exceptions import JMESPathError
from jmespath.functions import Functions

# Of these, the first child is evaluated where the whole is, the others on what it yields.
ONWARD: Final = frozenset(
    {"subexpression", "index_expression", "projection", "value_projection", "filter_projection", "pipe"}
)
# Of these, every child is evaluated where the whole is.
SIDEWAYS: Final = frozenset(
    {
        "multi_select_list",
        "multi_select_dict",
        "key_val_pair",
        "comparator",
        "and_expression",
        "or_expression",
        "not_expression",
        "function_expression",
        "flatten",
    }
)
WHOLE: Final = frozenset({"current", "identity"})
Part = Mapping[str, Any]


def expression_wrong(expression: str, names: Collection[str]) -> Iterator[str]:
    """What is wrong with it: no expression, an unknown function, a name that is no input."""
    try:
        parsed: Part = jmespath.compile(expression).parsed
        parts = list(_parts(parsed))
        roots = set(_roots(parsed))
    except JMESPathError as problem:
        yield f"has an expression that is not JMESPath: {str(problem).splitlines()[0][:200]}"
        return
    except RecursionError:
        yield "has an expression that is nested too deep"
        return
    yield from dict.fromkeys(reason for part in parts if (reason := _call(part)))
    if unknown := sorted(roots - set(names)):
        yield f"names {', '.join(unknown)} in its expression, which is none of its inputs"


def _call(part: Part) -> str:
    if part["type"] != "function_expression":
        return ""
    known: Mapping[str, Any] | None = Functions.FUNCTION_TABLE.get(part["value"])
    if known is None:
        return f"calls the function “{part['value']}”, which JMESPath does not have"
    takes, given = known["signature"], len(part["children"])
    more = bool(takes) and bool(takes[-1].get("variadic"))
    if given < len(takes) or (given > len(takes) and not more):
        return f"gives the function “{part['value']}” {given} arguments; it takes {len(takes)}"
    return ""


def _parts(part: Part) -> Iterator[Part]:
    yield part
    for child in part["children"]:
        if isinstance(child, dict):
            yield from _parts(child)


def _roots(part: Part) -> Iterator[str]:
    """The names that are looked up in the object of the inputs itself."""
    kind, children = part["type"], part["children"]
    if kind == "field":
        yield part["value"]
    elif kind in SIDEWAYS:
        for child in children:
            yield from _roots(child)
    elif kind in ONWARD:
        for child in children:
            yield from _roots(child)
            if child["type"] not in WHOLE:
                break
