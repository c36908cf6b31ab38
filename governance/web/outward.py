"""What a workflow asks outside, by whom it is asked and to which environments it is open: for its pages."""

from collections.abc import Sequence
from dataclasses import dataclass

from governance.access.gate import reach
from governance.accounts.models import User
from governance.catalog.models import Asset, Version
from governance.releases.closure import pinned_versions
from governance.releases.models import Environment, Opening
from governance.releases.openings import open_to
from governance.releases.outward import outward_of


@dataclass(frozen=True)
class AskedRow:
    """An endpoint or a provider, the nodes that ask it, and the environments whose runs may."""

    kind: str
    name: str
    nodes: Sequence[str]
    open: Sequence[Environment]


def asked_rows(version: Version, actor: User) -> list[AskedRow]:
    """Of a workflow version, at any depth; nothing for who does not belong to its organisation."""
    organisation = version.asset.project.organisation_id
    if version.asset.kind != Asset.Kind.WORKFLOW or organisation not in reach(actor).organisations:
        return []
    nodes: dict[tuple[Opening.Kind, str], list[str]] = {}
    for asked in outward_of(pinned_versions(version)):
        nodes.setdefault((asked.kind, asked.name), []).append(asked.node)
    places = list(Environment.objects.filter(organisation=organisation).order_by("rank", "slug"))
    newest = Opening.objects.filter(organisation=organisation).that_count()
    known = {(opening.kind, opening.name): opening for opening in newest}
    return [
        AskedRow(
            kind.label, name, list(dict.fromkeys(by)), open_to(known.get((kind.value, name)), kind, places)
        )
        for (kind, name), by in nodes.items()
    ]
