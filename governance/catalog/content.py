"""From what an author hands in to the canonical content of a version, for each kind of asset."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from django.db.models import Q
from pydantic import BaseModel, ValidationError

from governance.accounts.models import User
from governance.catalog.graphs import complaints
from governance.catalog.model_versions import ModelContent
from governance.catalog.models import Asset, Version
from governance.catalog.prompts import PromptContent
from governance.catalog.workflows import MOST_NODES, LlmNode, WorkflowContent
from governance.errors import Invalid
from governance.ledger.canonical import canonical, check_depth

SHORT_PIN = re.compile(r"^([\w-]{1,80})@([0-9]{1,6})$")
PINNED_KINDS = (Asset.Kind.PROMPT, Asset.Kind.MODEL)
Pinned = Mapping[tuple[str, str, int], Version]
SHAPES: dict[str, type[BaseModel]] = {
    Asset.Kind.PROMPT: PromptContent,
    Asset.Kind.MODEL: ModelContent,
    Asset.Kind.WORKFLOW: WorkflowContent,
}


def prepared(asset: Asset, draft: dict[str, Any], *, actor: User) -> tuple[bytes, list[tuple[str, Version]]]:
    """The canonical bytes of a version and the (node, version) pairs that it pins.

    A workflow's draft names its pins as `slug@number`; they are resolved within the asset's project and the
    actor's reach, so that nothing out of either can be pinned, or learnt of. Raises `Invalid` with a message
    for each field or node.
    """
    check_depth(draft)
    pinned: Pinned = {}
    if asset.kind == Asset.Kind.WORKFLOW:
        pinned = _found(asset, draft, actor)
        draft = _with_pins(draft, pinned)
    content = _shaped(SHAPES[asset.kind], {**draft, "kind": asset.kind})
    if isinstance(content, PromptContent | ModelContent):
        content.check()
    pins: list[tuple[str, Version]] = []
    if isinstance(content, WorkflowContent):
        if wrong := complaints(content) or _variables(content, pinned):
            listed = "; ".join(f"{key}: {reason}" for key, reason in wrong.items())
            raise Invalid(f"The workflow cannot be run. {listed}.", fields=wrong)
        pins = [(node, pinned[kind, pin.asset, pin.number]) for node, kind, pin in content.pins()]
    return canonical(content.model_dump(mode="json")), pins


def _variables(content: WorkflowContent, pinned: Pinned) -> dict[str, str]:
    """Where a node does not give a pinned prompt exactly the variables that it declares."""
    found: dict[str, str] = {}
    for node in content.nodes:
        if isinstance(node, LlmNode):
            prompt = parsed(pinned["prompt", node.prompt.asset, node.prompt.number])
            wanted = (
                {declared.name for declared in prompt.variables}
                if isinstance(prompt, PromptContent)
                else set()
            )
            if missing := sorted(wanted - set(node.inputs)):
                found[node.key] = f"does not give its prompt {', '.join(missing)}"
            elif unknown := sorted(set(node.inputs) - wanted):
                found[node.key] = f"gives its prompt {', '.join(unknown)}, which it has no place for"
    return found


def parsed(version: Version) -> PromptContent | ModelContent | WorkflowContent:
    """The stored content of a version as its typed shape."""
    shape = SHAPES[version.asset.kind]
    found = shape.model_validate_json(bytes(version.content))
    if not isinstance(found, PromptContent | ModelContent | WorkflowContent):
        raise TypeError(f"{version} is of an unknown kind.")
    return found


def _shaped(shape: type[BaseModel], draft: dict[str, Any]) -> BaseModel:
    try:
        return shape.model_validate(draft)
    except ValidationError as problem:
        fields = {
            ".".join(str(part) for part in error["loc"]): error["msg"] for error in problem.errors()[:20]
        }
        first = next(iter(fields.items()))
        raise Invalid(
            f"The content is not of the right form. {first[0]}: {first[1]}.", fields=fields
        ) from problem


def _found(asset: Asset, draft: dict[str, Any], actor: User) -> Pinned:
    """The versions that the draft names and the actor may pin, in one query."""
    named = {
        key
        for node in _llm_nodes(draft)
        for kind in PINNED_KINDS
        if (key := _key(kind, node.get(kind.value)))
    }
    wanted = Q(pk__in=[])
    for kind, slug, number in named:
        wanted |= Q(asset__kind=kind, asset__slug=slug, number=number)
    versions = Version.objects.pinnable(asset, actor=actor).select_related("asset").filter(wanted)
    return {(version.asset.kind, version.asset.slug, version.number): version for version in versions}


def _llm_nodes(draft: dict[str, Any]) -> list[dict[str, Any]]:
    return [node for node in _nodes(draft) if isinstance(node, dict) and node.get("kind") == "llm"]


def _nodes(draft: dict[str, Any]) -> Sequence[Any]:
    """The nodes of a draft of any form; of too many, as many as show that they are too many."""
    nodes = draft.get("nodes")
    return nodes[: MOST_NODES + 1] if isinstance(nodes, list | tuple) else ()


def _key(kind: Asset.Kind, reference: object) -> tuple[str, str, int] | None:
    named = SHORT_PIN.match(reference) if isinstance(reference, str) else None
    return (kind.value, named[1], int(named[2])) if named else None


def _with_pins(draft: dict[str, Any], pinned: Pinned) -> dict[str, Any]:
    if not _nodes(draft):
        return draft
    return {**draft, "nodes": [_node_with_pins(node, pinned) for node in _nodes(draft)]}


def _node_with_pins(node: Any, pinned: Pinned) -> Any:
    if not isinstance(node, dict) or node.get("kind") != "llm":
        return node
    name = str(node.get("key", "?"))
    return {**node, **{kind.value: _pin(name, kind, node.get(kind.value), pinned) for kind in PINNED_KINDS}}


def _pin(node: str, kind: Asset.Kind, reference: object, pinned: Pinned) -> dict[str, Any]:
    if not isinstance(reference, str):
        reason = f"Name its {kind.value} as “slug@number”."
        raise Invalid(f"{node}: name its {kind.value} as “slug@number”.", fields={node: reason})
    key = _key(kind, reference)
    version = pinned.get(key) if key else None
    if version is None:
        named = f"pins the {kind.value} “{reference[:120]}”"
        reason = f"{named}, which this project does not have, as far as you can see"
        raise Invalid(f"{node}: {reason}.", fields={node: reason})
    return {"asset": version.asset.slug, "number": version.number, "digest": version.digest}
