"""From what an author hands in to the canonical content of a version, for each kind of asset."""

from collections.abc import Iterable, Mapping
from typing import Any

from pydantic import BaseModel, ValidationError

from governance.accounts.models import Project, User
from governance.catalog.graphs import Complaint, by_node, wrong_in
from governance.catalog.model_versions import ModelContent
from governance.catalog.models import Asset, Version
from governance.catalog.pinned import MOST_LEVELS, levels_of
from governance.catalog.pinning import UNKNOWN_DIGEST, Digests, Name, Pins, pinned_in, with_pins
from governance.catalog.places import places
from governance.catalog.prompts import PromptContent
from governance.catalog.workflows import WorkflowContent
from governance.errors import Invalid
from governance.ledger.canonical import canonical, check_depth

SHAPES: dict[str, type[BaseModel]] = {
    Asset.Kind.PROMPT: PromptContent,
    Asset.Kind.MODEL: ModelContent,
    Asset.Kind.WORKFLOW: WorkflowContent,
}
Content = PromptContent | ModelContent | WorkflowContent


def prepared(asset: Asset, draft: dict[str, Any], *, actor: User) -> tuple[bytes, list[tuple[str, Version]]]:
    """The canonical bytes of a version and the (node, version) pairs that it pins.

    A workflow's draft names its pins as `slug@number`; they are resolved within the asset's project and the
    actor's reach, so that nothing out of either can be pinned, or learnt of. Raises `Invalid` with a message
    for each field or node.
    """
    check_depth(draft)
    if asset.kind == Asset.Kind.WORKFLOW:
        pinned = pinned_in(draft, Version.objects.pinnable(asset, actor=actor))
        content = _workflow(draft, pinned)
        pins = [(node, pinned[kind, pin.asset, pin.number]) for node, kind, pin in content.pins()]
        return canonical(content.model_dump(mode="json")), pins
    shaped = _shaped(SHAPES[asset.kind], {**draft, "kind": asset.kind})
    if isinstance(shaped, PromptContent | ModelContent):
        shaped.check()
    return canonical(shaped.model_dump(mode="json")), []


def check_draft(draft: dict[str, Any], *, project: Project | None) -> WorkflowContent:
    """A workflow's draft as content, written by nobody yet; reads rows and writes none.

    Pins are those of the project. Without one they are taken for granted and no row is read. Raises `Invalid`
    with all complaints by node.
    """
    check_depth(draft)
    if project is None:
        return _checked(draft, digests=lambda name: UNKNOWN_DIGEST, contents={})
    return _workflow(draft, pinned_in(draft, Version.objects.filter(asset__project=project)))


def _checked(
    draft: dict[str, Any],
    *,
    digests: Digests,
    contents: Mapping[Name, Content],
    more: Iterable[Complaint] = (),
) -> WorkflowContent:
    """The content, once nothing is wrong. What is not known of a pinned version is not checked."""
    resolved, wrong = with_pins(draft, digests)
    content = _shaped(WorkflowContent, {**resolved, "kind": "workflow"}, besides=wrong)
    if not isinstance(content, WorkflowContent):
        raise TypeError("A workflow's shape is that of a workflow.")
    if wrong := [*wrong, *more, *wrong_in(content, contents)]:
        fields = by_node(wrong)
        listed = "; ".join(f"{key}: {reason}" for key, reason in fields.items())
        raise Invalid(f"The workflow cannot be run. {listed}.", fields=fields)
    return content


def parsed(version: Version) -> Content:
    """The stored content of a version as its typed shape."""
    shape = SHAPES[version.asset.kind]
    found = shape.model_validate_json(bytes(version.content))
    if not isinstance(found, PromptContent | ModelContent | WorkflowContent):
        raise TypeError(f"{version} is of an unknown kind.")
    return found


def _workflow(draft: dict[str, Any], pinned: Pins) -> WorkflowContent:
    contents = {name: parsed(version) for name, version in pinned.items()}
    return _checked(
        draft,
        digests=lambda name: pinned[name].digest if name in pinned else None,
        contents=contents,
        more=_too_deep(pinned),
    )


def _too_deep(pinned: Pins) -> list[Complaint]:
    """The pinned workflows below which too many stand in one another."""
    workflows = [version for version in pinned.values() if version.asset.kind == Asset.Kind.WORKFLOW]
    return [
        Complaint("workflow", f"pins {version}, below which workflows stand more than {MOST_LEVELS} deep")
        for version in workflows
        if levels_of(version) > MOST_LEVELS
    ]


def _shaped(shape: type[BaseModel], draft: dict[str, Any], *, besides: Iterable[Complaint] = ()) -> BaseModel:
    try:
        return shape.model_validate(draft)
    except ValidationError as problem:
        fields = by_node([*besides, *places(problem, draft)])
        first = next(iter(fields.items()))
        raise Invalid(
            f"The content is not of the right form. {first[0]}: {first[1]}.", fields=fields
        ) from problem
