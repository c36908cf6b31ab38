"""The parsed contents of a workflow version and of all it pins, kept in memory: versions never change."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from uuid import UUID

from governance.catalog.content import parsed
from governance.catalog.model_versions import ModelContent
from governance.catalog.models import Pin, Version
from governance.catalog.prompts import PromptContent
from governance.catalog.workflows import WorkflowContent
from governance.ledger.canonical import sha256_hex
from governance.releases.clearance import NotCleared
from governance.releases.models import Release


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
class PinnedWorkflow:
    """The workflow version that a node runs."""

    version: UUID
    asset: UUID
    label: str
    digest: str
    content: WorkflowContent


@dataclass(frozen=True)
class Plan:
    """A workflow version, ready to be driven; what its nodes pin, by the node's key."""

    workflow: WorkflowContent
    prompts: Mapping[str, PinnedPrompt]
    models: Mapping[str, PinnedModel]
    fallbacks: Mapping[str, PinnedModel]
    workflows: Mapping[str, PinnedWorkflow]


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
    pinned = {_name(pin.pinned): pin.pinned for pin in rows}
    prompts: dict[str, PinnedPrompt] = {}
    models: dict[str, PinnedModel] = {}
    fallbacks: dict[str, PinnedModel] = {}
    workflows: dict[str, PinnedWorkflow] = {}
    for node, kind, named in content.pins():
        found = pinned.get((kind, named.asset, named.number))
        if found is None:
            raise NotCleared(f"What “{node}” of {version} pins as its {kind} is not there.")
        match _genuine(found, named.digest):
            case PromptContent() as held:
                prompts[node] = PinnedPrompt(found.pk, str(found), held)
            case ModelContent() as held:
                # a node's second model is its fallback
                (fallbacks if node in models else models)[node] = PinnedModel(found.pk, str(found), held)
            case WorkflowContent() as held:
                workflows[node] = PinnedWorkflow(found.pk, found.asset_id, str(found), named.digest, held)
    return Plan(content, prompts, models, fallbacks, workflows)


def _name(version: Version) -> tuple[str, str, int]:
    return version.asset.kind, version.asset.slug, version.number


def _genuine(version: Version, sha256: str) -> PromptContent | ModelContent | WorkflowContent:
    if sha256_hex(bytes(version.content)) != sha256:
        raise NotCleared(f"The stored content of {version} does not have the digest that was released.")
    return parsed(version)


def plan_under(release: Release, version: UUID, overrides: Mapping[str, Mapping[str, str]]) -> Plan:
    """The plan of a run: of its release's workflow, or of one that this pins, with the run's own overrides.

    Raises `NotCleared` for a version that the release does not hold, or that was altered.
    """
    contents = release.contents
    for entry in (contents["workflow"], *contents["versions"]):
        if entry["id"] == str(version):
            return overridden(plan_of(version, str(entry["sha256"])), overrides)
    raise NotCleared(f"{release} does not hold the workflow version that this run executes.")


def overridden(plan: Plan, overrides: Mapping[str, Mapping[str, str]]) -> Plan:
    """The plan of a fork: with other versions of the prompts or models of some nodes, by their identifiers.

    Raises `NotCleared` when a version is not there, or is of another kind than it is put in for.
    """
    if not overrides:
        return plan
    prompts, models = dict(plan.prompts), dict(plan.models)
    for node, chosen in overrides.items():
        for kind, identifier in chosen.items():
            version = Version.objects.select_related("asset").get(pk=identifier)
            match (kind, _genuine(version, version.digest)):
                case ("prompt", PromptContent() as held):
                    prompts[node] = PinnedPrompt(version.pk, str(version), held)
                case ("model", ModelContent() as held):
                    models[node] = PinnedModel(version.pk, str(version), held)
                case _:
                    raise NotCleared(f"{version} cannot stand in for the {kind} of “{node}”.")
    return replace(plan, prompts=prompts, models=models)
