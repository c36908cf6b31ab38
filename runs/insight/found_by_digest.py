"""Everything of one SHA-256, in one statement within the person's reach; then the names of what it found."""

from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final
from uuid import UUID

from governance.access.gate import reach
from governance.accounts.models import User
from governance.catalog.models import Version
from governance.prepared import rows
from governance.releases.models import Release
from runs.insight.hits import BEHIND_AN_INPUT, Given, Made, Named
from runs.insight.queries import Query
from runs.records.models import Run, RunInput, Step

BY_DIGEST: Final = (Path(__file__).parent / "sql" / "by_digest.sql").read_bytes()


@dataclass
class Digested:
    """What has the digest, by kind, the newest first."""

    runs: list[Run] = field(default_factory=list)
    outputs: list[Made] = field(default_factory=list)
    inputs: list[Given] = field(default_factory=list)
    versions: list[Named] = field(default_factory=list)


def of_digest(query: Query, *, actor: User, most: int) -> Digested:
    """At most so many of each kind. What is not there is asked about once and for all kinds together."""
    found: dict[str, list[UUID]] = defaultdict(list)
    for row in rows(BY_DIGEST, _asked(query, actor, most)):
        found[row.kind].append(row.id)
    return Digested(
        runs=_runs(found["run"]),
        outputs=_outputs(found["output"]),
        inputs=_inputs(found["input"]),
        versions=[*_versions(found["version"], actor)[:most], *_releases(found["release"])],
    )


def _asked(query: Query, actor: User, most: int) -> dict[str, object]:
    written = {query.reference, query.reference.upper(), query.reference.lower()}
    projects = list(reach(actor).projects())
    return {"digest": query.digest, "references": sorted(written), "projects": projects, "most": most}


def _runs(found: list[UUID]) -> list[Run]:
    return list(Run.objects.filter(pk__in=found).with_names().order_by("-id")) if found else []


def _outputs(found: list[UUID]) -> list[Made]:
    if not found:
        return []
    steps = Step.objects.filter(pk__in=found).select_related("run", "output")
    return [Made(step) for step in steps.defer("output__inline").order_by("-id")]


def _inputs(found: list[UUID]) -> list[Given]:
    if not found:
        return []
    named = RunInput.objects.select_related("artifact", "run__workflow", "run__version__asset")
    rows_found = named.filter(pk__in=found).defer(*BEHIND_AN_INPUT).order_by("-id")
    return [Given(given.run, given) for given in rows_found]


def _versions(found: list[UUID], actor: User) -> list[Named]:
    if not found:
        return []
    visible = Version.objects.visible_to(actor).filter(pk__in=found).select_related("asset")
    return [Named(version, version.digest) for version in visible.defer("content").order_by("-id")]


def _releases(found: list[UUID]) -> list[Named]:
    if not found:
        return []
    releases = Release.objects.filter(pk__in=found).with_names().order_by("-id")
    return [Named(release.version, release.digest, release) for release in releases]
