"""From what an author hands in to the canonical content of a version, for each kind of asset."""

import re
from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel, ValidationError

from governance.catalog.graphs import complaints
from governance.catalog.model_versions import ModelContent
from governance.catalog.models import Asset, Version
from governance.catalog.prompts import PromptContent
from governance.catalog.workflows import LlmNode, WorkflowContent
from governance.errors import Invalid
from governance.ledger.canonical import canonical, check_depth

SHORT_PIN = re.compile(r"^([\w-]{1,80})@([0-9]{1,6})$")
SHAPES: dict[str, type[BaseModel]] = {
    Asset.Kind.PROMPT: PromptContent,
    Asset.Kind.MODEL: ModelContent,
    Asset.Kind.WORKFLOW: WorkflowContent,
}


def prepared(asset: Asset, draft: dict[str, Any]) -> tuple[bytes, list[tuple[str, Version]]]:
    """The canonical bytes of a version and the (node, version) pairs that it pins.

    A workflow's draft names its pins as `slug@number`; they are resolved within the asset's project, so that
    nothing of another project can be pinned. Raises `Invalid` with a message for each field or node.
    """
    check_depth(draft)
    pinned: dict[tuple[str, str, int], Version] = {}
    if asset.kind == Asset.Kind.WORKFLOW:
        draft = _with_pins(asset, draft, pinned)
    content = _shaped(SHAPES[asset.kind], {**draft, "kind": asset.kind})
    if isinstance(content, PromptContent):
        content.check()
    pins: list[tuple[str, Version]] = []
    if isinstance(content, WorkflowContent):
        if wrong := complaints(content) or _variables(content, pinned):
            listed = "; ".join(f"{key}: {reason}" for key, reason in wrong.items())
            raise Invalid(f"The workflow cannot be run. {listed}.", fields=wrong)
        pins = [(node, pinned[kind, pin.asset, pin.number]) for node, kind, pin in content.pins()]
    return canonical(content.model_dump(mode="json")), pins


def _variables(content: WorkflowContent, pinned: Mapping[tuple[str, str, int], Version]) -> dict[str, str]:
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


def _with_pins(
    asset: Asset, draft: dict[str, Any], pinned: dict[tuple[str, str, int], Version]
) -> dict[str, Any]:
    nodes = draft.get("nodes")
    if not isinstance(nodes, list | tuple):
        return draft
    return {**draft, "nodes": [_node_with_pins(asset, node, pinned) for node in nodes]}


def _node_with_pins(asset: Asset, node: Any, pinned: dict[tuple[str, str, int], Version]) -> Any:
    if not isinstance(node, dict) or node.get("kind") != "llm":
        return node
    resolved = dict(node)
    for kind in (Asset.Kind.PROMPT, Asset.Kind.MODEL):
        if isinstance(resolved.get(kind.value), str):
            version = _version(asset, str(node.get("key", "?")), kind, resolved[kind.value])
            pinned[kind.value, version.asset.slug, version.number] = version
            resolved[kind.value] = {
                "asset": version.asset.slug,
                "number": version.number,
                "digest": version.digest,
            }
        else:
            raise Invalid(
                f"{node.get('key', '?')}: name its {kind.value} as “slug@number”.",
                fields={str(node.get("key", "?")): f"Name its {kind.value} as “slug@number”."},
            )
    return resolved


def _version(asset: Asset, node: str, kind: Asset.Kind, reference: str) -> Version:
    found = SHORT_PIN.match(reference)
    version = (
        Version.objects.select_related("asset")
        .filter(asset__project=asset.project_id, asset__kind=kind, asset__slug=found[1], number=int(found[2]))
        .first()
        if found
        else None
    )
    if version is None:
        reason = f"pins the {kind.value} “{reference[:120]}”, which this project does not have"
        raise Invalid(f"{node}: {reason}.", fields={node: reason})
    return version
