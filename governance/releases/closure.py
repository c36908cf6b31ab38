"""Everything that a release lets run, as one value with one digest: what is approved is exactly this."""

from collections.abc import Iterable
from typing import Any

from governance.catalog.content import parsed
from governance.catalog.functions import announced
from governance.catalog.models import Version
from governance.catalog.workflows import FunctionNode, WorkflowContent
from governance.ledger.canonical import sha256_hex
from governance.releases.models import Environment

FORMAT = "countersign.closure/1"


def closure_of(version: Version, *, environment: Environment, quorum: int) -> dict[str, Any]:
    """The closure of a workflow version, computed from what is stored: every content is hashed anew."""
    pinned = {pin.pinned_id: pin.pinned for pin in version.pins.select_related("pinned__asset")}
    return {
        "format": FORMAT,
        "environment": {"slug": environment.slug, "protected": environment.protected, "quorum": quorum},
        "workflow": _entry(version),
        "versions": sorted((_entry(found) for found in pinned.values()), key=lambda entry: entry["asset"] + entry["kind"]),
        "functions": functions_of(version),
    }


def functions_of(version: Version) -> dict[str, str]:
    """Each registered function that the workflow names, with the SHA-256 of the source that would run here."""
    content = parsed(version)
    if not isinstance(content, WorkflowContent):
        return {}
    named = {node.function for node in content.nodes if isinstance(node, FunctionNode)}
    return {reference: known.source_sha256 if (known := announced(reference)) else "" for reference in sorted(named)}


def pinned_versions(version: Version) -> Iterable[Version]:
    """The workflow version and every version that it pins, each once."""
    seen = {version.pk: version}
    for pin in version.pins.select_related("pinned__asset", "pinned__author"):
        seen.setdefault(pin.pinned_id, pin.pinned)
    return seen.values()


def _entry(version: Version) -> dict[str, Any]:
    return {
        "kind": version.asset.kind,
        "asset": version.asset.slug,
        "number": version.number,
        "id": str(version.pk),
        "sha256": sha256_hex(bytes(version.content)),
    }
