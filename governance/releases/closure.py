"""Everything that a release lets run, as one value with one digest: what is approved is exactly this."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from governance.catalog.content import parsed
from governance.catalog.functions import announced
from governance.catalog.models import Asset, Version
from governance.catalog.pinned import pinned_within
from governance.catalog.workflows import WorkflowContent
from governance.ledger.canonical import sha256_hex
from governance.releases.models import Environment

FORMAT = "countersign.closure/1"


def closure_of(parts: Sequence[Version], *, environment: Environment, quorum: int) -> dict[str, Any]:
    """The closure of a workflow version, computed from what is stored: every content is hashed anew.

    `parts` is what `pinned_versions` gives: the workflow version, then every version that it pins, directly
    or through a workflow that it runs.
    """
    workflow, *pinned = parts
    entries = [_entry(version) for version in pinned]
    return {
        "format": FORMAT,
        "environment": {"slug": environment.slug, "protected": environment.protected, "quorum": quorum},
        "workflow": _entry(workflow),
        "versions": sorted(entries, key=lambda entry: (entry["kind"], entry["asset"], entry["number"])),
        "functions": functions_of(parts),
    }


def pinned_versions(version: Version) -> list[Version]:
    """The workflow version and every version that it pins at any depth, each once."""
    within = pinned_within([version.pk])[version.pk]
    pinned = Version.objects.filter(pk__in=within).select_related("asset").order_by("id")
    return [version, *pinned] if within else [version]


def authors_of(parts: Sequence[Version]) -> dict[UUID, str]:
    """Who wrote any of it, each with one thing that they wrote; the workflow rather than what it pins."""
    return {version.author_id: str(version) for version in reversed(parts)}


def functions_of(parts: Sequence[Version]) -> dict[str, str]:
    """Each registered function that any of the workflows names, with the SHA-256 of what would run here."""
    workflows = [parsed(version) for version in parts if version.asset.kind == Asset.Kind.WORKFLOW]
    named = {name for found in workflows if isinstance(found, WorkflowContent) for name in found.functions()}
    return {
        reference: known.source_sha256 if (known := announced(reference)) else ""
        for reference in sorted(named)
    }


def _entry(version: Version) -> dict[str, Any]:
    return {
        "kind": version.asset.kind,
        "asset": version.asset.slug,
        "number": version.number,
        "id": str(version.pk),
        "sha256": sha256_hex(bytes(version.content)),
    }
