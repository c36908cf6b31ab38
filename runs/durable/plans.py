"""The parsed contents of a workflow version and of all it pins, kept in memory: versions never change."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from uuid import UUID

from governance.catalog.content import parsed
from governance.catalog.model_versions import ModelContent
from governance.catalog.models import Pin, Version
from governance.catalog.prompts import PromptContent
from governance.catalog.workflows import WorkflowContent


@dataclass(frozen=True)
class PinnedPrompt:
    """The prompt version of a node."""

    version: UUID
    label: str
    content: PromptContent


@dataclass(frozen=True)
class PinnedModel:
    """The model version of a node."""

    version: UUID
    label: str
    content: ModelContent


@dataclass(frozen=True)
class Plan:
    """A workflow version, ready to be driven."""

    workflow: WorkflowContent
    prompts: Mapping[str, PinnedPrompt]
    models: Mapping[str, PinnedModel]


@lru_cache(maxsize=256)
def plan_of(version_id: UUID) -> Plan:
    """The plan of a workflow version. Whether it may run is asked of the rows on every drive, not here."""
    version = Version.objects.select_related("asset").get(pk=version_id)
    content = parsed(version)
    if not isinstance(content, WorkflowContent):
        raise TypeError(f"{version} is no workflow.")
    prompts: dict[str, PinnedPrompt] = {}
    models: dict[str, PinnedModel] = {}
    for pin in Pin.objects.filter(version=version_id).select_related("pinned__asset"):
        held = parsed(pin.pinned)
        if isinstance(held, PromptContent):
            prompts[pin.node] = PinnedPrompt(pin.pinned_id, str(pin.pinned), held)
        elif isinstance(held, ModelContent):
            models[pin.node] = PinnedModel(pin.pinned_id, str(pin.pinned), held)
    return Plan(content, prompts, models)
