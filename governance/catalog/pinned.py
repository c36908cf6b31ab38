"""What versions pin at any depth: a workflow pins workflows, which pin others in turn."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from typing import Final
from uuid import UUID

from governance.catalog.models import Asset, Pin, Version
from governance.prepared import rows

MOST_LEVELS: Final = 5
WITHIN = b"""
    WITH RECURSIVE part (root, id) AS (
        SELECT version_id, pinned_id FROM catalog_pin WHERE version_id = ANY(%(versions)s)
        UNION
        SELECT part.root, pin.pinned_id FROM part JOIN catalog_pin pin ON pin.version_id = part.id
    )
    SELECT root, id FROM part
"""
USERS = b"""
    WITH RECURSIVE whole (id) AS (
        SELECT version_id FROM catalog_pin WHERE pinned_id = %(version)s
        UNION
        SELECT pin.version_id FROM whole JOIN catalog_pin pin ON pin.pinned_id = whole.id
    )
    SELECT id FROM whole
"""


def pinned_within(versions: Collection[UUID]) -> Mapping[UUID, set[UUID]]:
    """For each of these versions, what it pins at any depth, in one query."""
    found: dict[UUID, set[UUID]] = defaultdict(set)
    for row in rows(WITHIN, {"versions": list(versions)}) if versions else ():
        found[row.root].add(row.id)
    return found


def users_of(version: UUID) -> set[UUID]:
    """The versions that pin this one, directly or through others, in one query."""
    return {row.id for row in rows(USERS, {"version": version})}


def levels_of(version: Version) -> int:
    """How many workflows stand in one another below this workflow version, itself counted; counts to six."""
    level, here = 1, {version.pk}
    while level <= MOST_LEVELS and (here := _workflows_in(here)):
        level += 1
    return level


def _workflows_in(versions: Iterable[UUID]) -> set[UUID]:
    pins = Pin.objects.filter(version__in=versions, pinned__asset__kind=Asset.Kind.WORKFLOW)
    return set(pins.values_list("pinned", flat=True))
