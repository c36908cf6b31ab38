"""Where versions are in effect: a workflow through its release, a prompt or model through what pins it."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from uuid import UUID

from governance.accounts.models import User
from governance.catalog.models import Asset, Version
from governance.catalog.pinned import pinned_within
from governance.releases.models import Activation, Environment, Release


@dataclass(frozen=True)
class Presence:
    """A version is in effect in an environment, by a release."""

    version: Version
    environment: Environment
    release: Release


def in_effect(actor: User, assets: Iterable[Asset]) -> list[Presence]:
    """Where the versions of these assets are in effect now, the strictest environment first.

    Two queries for any number of assets.
    """
    wanted = {asset.pk for asset in assets}
    if not wanted:
        return []
    projects = {asset.project_id for asset in assets}
    active = Activation.objects.visible_to(actor).filter(release__project__in=projects).in_effect()
    standing: dict[UUID, list[tuple[Release, Environment]]] = defaultdict(list)
    found: list[Presence] = []
    for activation in active.with_names():
        release, environment = activation.release, activation.environment
        standing[release.version_id].append((release, environment))
        if release.workflow_id in wanted:
            found.append(Presence(release.version, environment, release))
    within = pinned_within(standing)
    every = {pk for pinned in within.values() for pk in pinned}
    named = Version.objects.filter(pk__in=every, asset__in=wanted).select_related("asset").defer("content")
    for pinned in named if every else ():
        holding = [where for root, parts in within.items() if pinned.pk in parts for where in standing[root]]
        found.extend(Presence(pinned, environment, release) for release, environment in holding)
    return sorted(
        found, key=lambda row: (-row.environment.rank, row.release.workflow.slug, row.version.number)
    )


def by_version(presences: Iterable[Presence]) -> Mapping[UUID, list[Presence]]:
    """The presences of each version."""
    found: dict[UUID, list[Presence]] = defaultdict(list)
    for presence in presences:
        found[presence.version.pk].append(presence)
    return found


def by_asset(presences: Iterable[Presence]) -> Mapping[UUID, list[Presence]]:
    """The presences of each asset's versions."""
    found: dict[UUID, list[Presence]] = defaultdict(list)
    for presence in presences:
        found[presence.version.asset_id].append(presence)
    return found
