"""From something that may be bad forward to every step that relied on it, page by page, newest first."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from uuid import UUID

from governance.access.gate import reach
from governance.accounts.models import User
from governance.catalog.models import Asset, Version
from governance.prepared import TooSlow, rows, rows_within
from runs.artifacts.models import Artifact
from runs.lineage.subjects import Subject, SubjectKind

SQL = Path(__file__).parent / "sql"
BY_PROMPT = (SQL / "by_prompt.sql").read_bytes()
BY_MODEL = (SQL / "by_model.sql").read_bytes()
BY_ARTIFACT = (SQL / "by_artifact.sql").read_bytes()
BY_MEMORY = (SQL / "by_memory.sql").read_bytes()
BY_RELEASES = (SQL / "by_releases.sql").read_bytes()
RELEASES_WITH = (SQL / "releases_with.sql").read_bytes()
VERSIONS_CALLING = (SQL / "versions_calling.sql").read_bytes()
RELEASES_APPROVED = (SQL / "releases_approved.sql").read_bytes()
BEGINNING: Final = UUID(int=2**128 - 1)  # no identifier comes after it
FIRST_PAGE: Final = 50
Projects = Collection[UUID]


@dataclass(frozen=True)
class Relying:
    """A step that relied on the subject."""

    step: UUID
    run: UUID


@dataclass(frozen=True)
class Page:
    """Some of them, and after what the next ones come; None where these were the last."""

    found: Sequence[Relying]
    after: UUID | None


@dataclass(frozen=True)
class Asked:
    """The statement that finds them, and its values. `by_run` when it goes through whole runs."""

    statement: bytes
    values: Mapping[str, Any]
    by_run: bool = False


def first_page(subject: Subject, *, actor: User, after: UUID | None = None, most: int = FIRST_PAGE) -> Page:
    """The newest steps within the person's reach that relied on the subject directly.

    Of a release, a workflow version, a function or an approver, all of so many runs; of anything else, so
    many steps at most. A page may hold fewer than asked for and yet not be the last: see `after`.
    """
    return page(subject, projects=reach(actor).projects(), after=after, most=most)


def page(subject: Subject, *, projects: Projects, after: UUID | None = None, most: int = FIRST_PAGE) -> Page:
    """The same in these projects."""
    if subject.kind == SubjectKind.OUTPUT:
        return Page(_itself(UUID(subject.key), projects), None)
    return _page(asked_of(subject, projects), after, most)


def asked_of(subject: Subject, projects: Projects) -> Asked:
    """How the steps are found that relied on a subject which is no output."""
    return FINDERS[subject.kind](subject.key, list(projects))


def counted(subject: Subject, *, actor: User, most: int) -> int:
    """How many relied on it directly, counted to `most` and no further."""
    found, after, projects = 0, None, reach(actor).projects()
    while found < most:
        seen = page(subject, projects=projects, after=after, most=most)
        found, after = found + len(seen.found), seen.after
        if after is None:
            break
    return min(found, most)


def counted_whole(subject: Subject, *, actor: User, seconds: float) -> int | None:
    """How many relied on it directly, all counted; None when that takes longer than so many seconds."""
    projects = reach(actor).projects()
    if subject.kind == SubjectKind.OUTPUT:
        return len(_itself(UUID(subject.key), projects))
    asked = asked_of(subject, projects)
    whole = b"SELECT count(DISTINCT step) AS number FROM (" + asked.statement + b") AS found WHERE fits"
    try:
        found = rows_within(seconds, whole, {**asked.values, "after": BEGINNING, "most": None})
    except TooSlow:
        return None
    return int(found[0].number)


def _page(asked: Asked, after: UUID | None, most: int) -> Page:
    seen = rows(asked.statement, {**asked.values, "after": after or BEGINNING, "most": most})
    scanned = [row.run if asked.by_run else row.step for row in seen]
    full = len(dict.fromkeys(scanned)) >= most
    found = tuple(Relying(row.step, row.run) for row in seen if row.fits)
    return Page(found, scanned[-1] if full else None)


def _itself(step: UUID, projects: Projects) -> list[Relying]:
    statement = (
        b"SELECT step.id AS step, run.id AS run FROM runs_step AS step JOIN runs_run AS run"
        b" ON run.id = step.run_id WHERE step.id = %(step)s AND run.project_id = ANY(%(projects)s)"
    )
    return [Relying(row.step, row.run) for row in rows(statement, {"step": step, "projects": list(projects)})]


def _version(key: str, projects: list[UUID]) -> Asked:
    version = Version.objects.select_related("asset").defer("content").get(pk=key)
    if version.asset.kind == Asset.Kind.PROMPT:
        return Asked(BY_PROMPT, {"version": version.pk, "projects": projects})
    if version.asset.kind == Asset.Kind.MODEL:
        return Asked(BY_MODEL, {"versions": [version.pk], "projects": projects})
    return _of_releases(_releases([version.pk]), projects, version=version.pk)


def _model(key: str, projects: list[UUID]) -> Asked:
    versions = list(Version.objects.filter(asset=UUID(key)).values_list("pk", flat=True))
    return Asked(BY_MODEL, {"versions": versions, "projects": projects})


def _release(key: str, projects: list[UUID]) -> Asked:
    return _of_releases([UUID(key)], projects)


def _function(key: str, projects: list[UUID]) -> Asked:
    calling = rows(VERSIONS_CALLING, {"projects": projects, "function": key})
    return _of_releases(_releases([row.id for row in calling]), projects, function=key)


def _approver(key: str, projects: list[UUID]) -> Asked:
    voted = rows(RELEASES_APPROVED, {"person": UUID(key), "projects": projects})
    return _of_releases([row.id for row in voted], projects)


def _artifact(key: str, projects: list[UUID]) -> Asked:
    copies = Artifact.objects.defer("inline").get(pk=key).copies().values_list("pk", flat=True)
    return Asked(BY_ARTIFACT, {"artifacts": list(copies), "projects": projects})


def _memory(key: str, projects: list[UUID]) -> Asked:
    return Asked(BY_MEMORY, {"entry": UUID(key), "projects": projects})


def _releases(versions: list[UUID]) -> list[UUID]:
    return [row.id for row in rows(RELEASES_WITH, {"versions": versions})]


def _of_releases(
    releases: list[UUID], projects: list[UUID], *, version: UUID | None = None, function: str | None = None
) -> Asked:
    values = {"releases": releases, "projects": projects, "version": version, "function": function}
    return Asked(BY_RELEASES, values, by_run=True)


FINDERS: Final[Mapping[SubjectKind, Callable[[str, list[UUID]], Asked]]] = {
    SubjectKind.VERSION: _version,
    SubjectKind.MODEL: _model,
    SubjectKind.RELEASE: _release,
    SubjectKind.FUNCTION: _function,
    SubjectKind.APPROVER: _approver,
    SubjectKind.ARTIFACT: _artifact,
    SubjectKind.MEMORY: _memory,
}
