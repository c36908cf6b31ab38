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
from governance.ledger.canonical import sha256_hex
from governance.releases.clearance import NotCleared


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
def plan_of(version_id: UUID, sha256: str) -> Plan:
    """The plan of a workflow version whose content has this digest, each pin having the one that it names.

    Kept for the life of the process, so nothing that was altered may get in: raises `NotCleared` when a
    stored content has another digest. Whether the release may run is asked of the rows on every drive.
    """
    version = Version.objects.select_related("asset").get(pk=version_id)
    content = _genuine(version, sha256)
    if not isinstance(content, WorkflowContent):
        raise NotCleared(f"{version} is no workflow.")
    rows = Pin.objects.filter(version=version_id).select_related("pinned__asset")
    pinned = {(pin.node, pin.pinned.asset.kind): pin.pinned for pin in rows}
    prompts: dict[str, PinnedPrompt] = {}
    models: dict[str, PinnedModel] = {}
    for node, kind, named in content.pins():
        found = pinned.get((node, kind))
        held = _genuine(found, named.digest) if found else None
        if found and isinstance(held, PromptContent):
            prompts[node] = PinnedPrompt(found.pk, str(found), held)
        elif found and isinstance(held, ModelContent):
            models[node] = PinnedModel(found.pk, str(found), held)
        else:
            raise NotCleared(f"What “{node}” of {version} pins as its {kind} is not there.")
    return Plan(content, prompts, models)


def _genuine(version: Version, sha256: str) -> PromptContent | ModelContent | WorkflowContent:
    if sha256_hex(bytes(version.content)) != sha256:
        raise NotCleared(f"The stored content of {version} does not have the digest that was released.")
    return parsed(version)
