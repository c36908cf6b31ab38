"""Where a draft is not of the right form, by the keys of its nodes rather than their numbers."""

from collections.abc import Iterator, Mapping
from typing import Any

from pydantic import ValidationError

from governance.catalog.form_words import in_words
from governance.catalog.graphs import Complaint

MOST = 20


def places(problem: ValidationError, draft: Mapping[str, Any]) -> Iterator[Complaint]:
    """The first complaints, each at its place: `nodes.2.llm.inputs.letter` is `reply.inputs.letter`."""
    errors = problem.errors(include_url=False, include_input=False)
    within = {error["loc"][0] for error in errors if len(error["loc"]) > 1}
    for error in errors[:MOST]:
        # A list whose items are all wrong is called empty as well.
        if error["type"] == "too_short" and error["loc"][0] in within:
            continue
        yield Complaint(_place(error["loc"], draft), in_words(error))


def _place(path: tuple[int | str, ...], draft: Mapping[str, Any]) -> str:
    nodes = draft.get("nodes")
    if len(path) > 1 and path[0] == "nodes" and isinstance(nodes, list | tuple):
        number = path[1]
        node = nodes[number] if isinstance(number, int) and number < len(nodes) else None
        key = node.get("key") if isinstance(node, Mapping) else None
        rest = _without_tags(path[2:], node if isinstance(node, Mapping) else {})
        return ".".join([str(key)[:60] if key else f"nodes.{number}", *rest])
    return ".".join(str(part) for part in path) or "content"


def _without_tags(path: tuple[int | str, ...], part: Mapping[str, Any]) -> Iterator[str]:
    """The path without the kinds by which pydantic tells the shapes of a union apart."""
    here: Any = part
    for step in path:
        if isinstance(here, Mapping) and step not in here and step == here.get("kind"):
            continue
        if isinstance(here, Mapping):
            here = here.get(step)
        yield str(step)
