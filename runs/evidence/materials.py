"""The contents of a bundle: which are in it, and which are left out because of what they are."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final
from uuid import UUID

from governance.accounts.models import User
from governance.catalog.models import Version
from governance.errors import Invalid
from governance.ledger.canonical import sha256_hex
from runs.artifacts.classes import most_protected
from runs.artifacts.models import Artifact
from runs.artifacts.store import JSON
from runs.evidence.gathering import Gathered, versions_of
from runs.evidence.subject import Subject
from runs.lineage.classes import classes_of
from runs.lineage.models import Edge
from runs.reading.models import Ticket
from runs.reading.reading import begin_asked
from runs.reading.services import About as Told

Classification = Artifact.Classification
FREE: Final = frozenset({Classification.PUBLIC.value, Classification.INTERNAL.value})
LARGEST_CONTENTS: Final = 48 * 1024 * 1024
REMOVED: Final = "removed on {:%d %B %Y}, when the time for which it is kept was over"
UNREVEALED: Final = "{} content, which was not asked for"


@dataclass
class Material:
    """One content. `body` is None when it is left out; `artifact` when it is no artifact but a definition."""

    sha256: str
    media_type: str
    size: int
    classification: str
    artifact: UUID | None = None
    roles: set[str] = field(default_factory=set)
    body: bytes | None = None
    removed_at: datetime | None = None

    @property
    def why_left_out(self) -> str:
        """In words, for whoever misses it."""
        if self.removed_at is not None:
            return REMOVED.format(self.removed_at)
        return UNREVEALED.format(Classification(self.classification).label)


def materials_of(gathered: Gathered, *, actor: User, reveal: Collection[str]) -> list[Material]:
    """Every content that the bundle names, by digest; with the bytes of those that may be in it.

    `reveal` names the classes beyond public and internal ones. That these are taken away is told before they
    are read. Raises `ArtifactDamaged` for a content whose
    stored bytes are not the recorded ones, `Invalid` for more than a bundle may hold.
    """
    found = _artifacts(gathered)
    free = FREE | set(reveal)
    protected = {each.sha256 for each in found if each.classification not in free}
    included = [each for each in found if each.sha256 not in protected and each.removed_at is None]
    if sum(each.size for each in included) > LARGEST_CONTENTS:
        raise Invalid(f"The contents have more than {LARGEST_CONTENTS:,} bytes: choose less of them.")
    _fill(included, gathered.subject, actor)
    definitions = [each for each in _definitions(gathered) if each.sha256 not in protected]
    return sorted([*found, *definitions], key=lambda each: (each.sha256, str(each.artifact)))


def _fill(included: Sequence[Material], subject: Subject, actor: User) -> None:
    wanted = [each.artifact for each in included if each.artifact]
    if not wanted:
        return
    about = Told(subject.kind.value, subject.id, subject.run, subject.project.pk, subject.organisation.pk)
    purpose, kind = "a bundle of evidence", Ticket.Kind.EXPORTED
    taken = begin_asked(about, actor=actor, session_key="", purpose=purpose, contents=wanted, kind=kind)
    bodies = Artifact.objects.in_bulk(wanted)
    for material in included:
        if material.artifact in bodies:
            material.body = taken.bytes_of(bodies[material.artifact])


def _artifacts(gathered: Gathered) -> list[Material]:
    rows: dict[UUID, Artifact] = {}
    classes: dict[UUID, list[str]] = defaultdict(list)
    roles: dict[UUID, set[str]] = defaultdict(set)
    for artifact, classification, role in (*_declared(gathered), *_from_edges(gathered)):
        rows[artifact.pk] = artifact
        roles[artifact.pk].add(role)
        if classification:
            classes[artifact.pk].append(classification)
    for pk, elsewhere in classes_of(rows).items():
        classes[pk].append(elsewhere)
    return [
        Material(
            sha256=row.sha256,
            media_type=row.media_type,
            size=row.size,
            classification=most_protected(classes[pk]),
            artifact=pk,
            roles=roles[pk],
            removed_at=row.pruned_at,
        )
        for pk, row in rows.items()
    ]


def _declared(gathered: Gathered) -> Iterator[tuple[Artifact, str, str]]:
    """What the runs were given and what their steps made, as workflows class them."""
    for given in gathered.inputs:
        yield given.artifact, given.classification, "given"
    for step in gathered.steps:
        if step.output is not None:
            yield step.output, step.classification, "output"


def _from_edges(gathered: Gathered) -> Iterator[tuple[Artifact, str, str]]:
    """What steps read, sent and were answered. What was sent is as protected as what it is made of.

    What nobody classed, of other runs' memory or of a signal, counts as personal.
    """
    declared = _classes(_declared(gathered))
    by_step: dict[UUID, list[Edge]] = defaultdict(list)
    for edge in gathered.edges:
        by_step[edge.step_id].append(edge)
    own = {step.pk: step.classification for step in gathered.steps}
    for step, edges in by_step.items():
        read = [declared.get(edge.artifact_id, Classification.PERSONAL.value) for edge in _inputs(edges)]
        for edge in edges:
            sent = edge.role in {Edge.Role.PROMPT, Edge.Role.ANSWER}
            yield edge.artifact, most_protected([own[step], *read]) if sent else "", edge.role


def _inputs(edges: Iterable[Edge]) -> list[Edge]:
    return [edge for edge in edges if edge.role == Edge.Role.INPUT]


def _classes(uses: Iterable[tuple[Artifact, str, str]]) -> dict[UUID, str]:
    found: dict[UUID, list[str]] = defaultdict(list)
    for artifact, classification, _ in uses:
        found[artifact.pk].append(classification)
    return {artifact: most_protected(classes) for artifact, classes in found.items()}


def _definitions(gathered: Gathered) -> list[Material]:
    """What was decided on, and each version that it names: definitions, nobody's data."""
    found = [_definition(bytes(release.closure), "closure") for release in gathered.releases]
    wanted = {each["id"] for release in gathered.releases for each in versions_of(release)}
    versions: Sequence[Version] = list(Version.objects.filter(pk__in=wanted).order_by("id"))
    return found + [_definition(bytes(version.content), "version", version.digest) for version in versions]


def _definition(body: bytes, role: str, digest: str = "") -> Material:
    return Material(
        digest or sha256_hex(body), JSON, len(body), Classification.INTERNAL.value, roles={role}, body=body
    )
