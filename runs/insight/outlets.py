"""What runs can ask outside, and to which environments each of it is open."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.conf import settings

from governance.access.gate import reach
from governance.accounts.models import Organisation, User
from governance.catalog.models import Version
from governance.catalog.pinned import pinned_within
from governance.releases.models import Activation, Environment, Opening
from governance.releases.openings import open_to
from governance.releases.outward import outward_of
from runs.providers.clients import host_of

MOST_IN_EFFECT = 200


@dataclass(frozen=True)
class Outlet:
    """An endpoint or provider, as one organisation may ask it.

    `host` is empty for others than platform owners, and where the installation gives the name no address.
    """

    organisation: Organisation
    kind: Opening.Kind
    name: str
    has_address: bool
    host: str
    environments: Sequence[Environment]
    open: Sequence[Environment]
    opening: Opening | None
    may_set: bool

    @property
    def mixes(self) -> bool:
        """Whether what nobody has approved reaches the same endpoint as what somebody has."""
        kinds = {found.protected for found in self.open}
        return self.kind == Opening.Kind.ENDPOINT and kinds == {True, False}


def outlets(actor: User) -> list[Outlet]:
    """Of each organisation within reach: what was ever set, providers, and to its owners every endpoint."""
    owned = reach(actor).owned
    newest = {
        (found.organisation_id, found.kind, found.name): found
        for found in Opening.objects.visible_to(actor).that_count()
    }
    places = list(Environment.objects.visible_to(actor).order_by("rank", "slug"))
    listed = []
    for organisation in Organisation.objects.visible_to(actor):
        own = [found for found in places if found.organisation_id == organisation.pk]
        for kind, addresses in _addresses().items():
            named = {name for of, what, name in newest if (of, what) == (organisation.pk, kind)}
            # Which endpoints the installation has, for others perhaps, an owner alone is told.
            known = addresses if kind == Opening.Kind.PROVIDER or organisation.pk in owned else {}
            for name in sorted({*known, *named}):
                opening = newest.get((organisation.pk, kind, name))
                at = addresses.get(name, "")
                listed.append(
                    Outlet(
                        organisation=organisation,
                        kind=kind,
                        name=name,
                        has_address=bool(at),
                        host=host_of(at) if at and organisation.pk in owned else "",
                        environments=own,
                        open=open_to(opening, kind, own),
                        opening=opening,
                        may_set=organisation.pk in owned,
                    )
                )
    return listed


def _addresses() -> Mapping[Opening.Kind, Mapping[str, str]]:
    """By kind and name, what the installation's environment says."""
    known: Mapping[Opening.Kind, Mapping[str, Mapping[str, Any]]] = {
        Opening.Kind.ENDPOINT: settings.HTTP_ENDPOINTS,
        Opening.Kind.PROVIDER: settings.LLM_PROVIDERS,
    }
    return {
        kind: {name: str(found.get("base_url", "")) for name, found in named.items()}
        for kind, named in known.items()
    }


def asked_by(outlet: Outlet, actor: User) -> list[Activation]:
    """What is in effect, of the newest two hundred within reach, and asks it at any depth."""
    active = Activation.objects.visible_to(actor).filter(workflow__project__organisation=outlet.organisation)
    rows = active.in_effect().select_related("release__version__asset", "workflow", "environment")
    current = list(rows.order_by("workflow__slug", "environment__rank")[:MOST_IN_EFFECT])
    within = pinned_within([found.release.version_id for found in current])
    wanted = {pk for pinned in within.values() for pk in pinned}
    versions = {found.pk: found for found in Version.objects.filter(pk__in=wanted).select_related("asset")}
    return [
        found
        for found in current
        if any(
            (asked.kind, asked.name) == (outlet.kind, outlet.name)
            for asked in outward_of(
                [found.release.version, *(versions[pk] for pk in within[found.release.version_id])]
            )
        )
    ]
