"""Everything that belongs to what a bundle is about, read once and always through the person's reach."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from django.db.models import Prefetch, Q, QuerySet

from governance.accounts.models import User
from governance.errors import Invalid
from governance.ledger.identity import first_uuid7
from governance.ledger.kinds import Kind
from governance.ledger.models import Event
from governance.releases.models import Activation, Release
from runs.evidence.subject import About, Subject
from runs.lineage.models import Edge
from runs.records.models import Run, RunInput, Step

# Some seconds of work, and well within what a reader's verify.py takes.
MOST_EVENTS: Final = 5_000
MOST_RUNS: Final = 1_000
# Who opened what is told by the access log; here is what happened to what the bundle is about.
TOLD: Final = (
    *("run.", "step.", "task.", "version.", "release.", "approval.", "environment."),
    *("memory.", "schedule.", "webhook.", "asset.", "price.", "limit.", "opening."),
)


@dataclass(frozen=True)
class Gathered:
    """The rows behind a bundle. `steps` and `edges` are in the order in which they were told."""

    subject: Subject
    runs: Sequence[Run]
    releases: Sequence[Release]
    steps: Sequence[Step]
    edges: Sequence[Edge]
    inputs: Sequence[RunInput]
    events: Sequence[Event]


def gather(subject: Subject, *, actor: User) -> Gathered:
    """All rows that the bundle is made of. Raises `Invalid` for more than a bundle may hold."""
    runs = _runs(subject, actor)
    releases = _releases(subject, runs, actor)
    events = _events(subject, runs, releases, actor)  # first: of too many nothing else is read
    wanted = [run.pk for run in runs]
    steps = Step.objects.visible_to(actor).filter(run__in=wanted).with_names()
    edges = Edge.objects.visible_to(actor).filter(step__run__in=wanted).order_by("id")
    inputs = RunInput.objects.visible_to(actor).filter(run__in=wanted).order_by("run", "name")
    return Gathered(
        subject=subject,
        runs=runs,
        releases=releases,
        steps=list(steps.order_by("run", "position", "attempt", "id")),
        edges=list(edges.select_related("artifact").defer("artifact__inline")),
        inputs=list(inputs.select_related("artifact").defer("artifact__inline")),
        events=events,
    )


def _runs(subject: Subject, actor: User) -> list[Run]:
    """The runs that it is about, with the wholes and parts of each, and those that steps were copied from."""
    known: set[UUID] = set()
    waiting = set(_first(subject, actor).values_list("pk", flat=True)[: MOST_RUNS + 1])
    while waiting:
        known |= waiting
        if len(known) > MOST_RUNS:
            raise Invalid(
                f"This is about more than {MOST_RUNS:,} runs, too many for one bundle: choose less of them."
            )
        near = Run.objects.filter(Q(parts__in=waiting) | Q(parent__in=waiting))
        waiting = {*near.values_list("pk", flat=True), *_copied_from(waiting)} - known
    found = Run.objects.visible_to(actor).filter(pk__in=known).order_by("id")
    return list(found.select_related("workflow", "version__asset", "environment", "project"))


def _first(subject: Subject, actor: User) -> QuerySet[Run]:
    runs = Run.objects.visible_to(actor).order_by("id")
    if subject.run is not None:
        return runs.filter(pk=subject.run.pk)
    if subject.release is not None:
        return runs.filter(release=subject.release)
    if subject.first is None or subject.until is None:
        return runs.none()
    between = {"id__gte": first_uuid7(subject.first), "id__lt": first_uuid7(subject.until)}
    return runs.filter(project=subject.project, **between)


def _copied_from(runs: Iterable[UUID]) -> set[UUID]:
    """The runs of the steps that steps of these were copied from."""
    copied = Step.objects.filter(run__in=runs, facts__has_key="copied_from")
    sources = {UUID(str(found)) for found in copied.values_list("facts__copied_from", flat=True)}
    return set(Step.objects.filter(pk__in=sources).values_list("run", flat=True)) if sources else set()


def _releases(subject: Subject, runs: Sequence[Run], actor: User) -> list[Release]:
    wanted = {run.release_id for run in runs}
    if subject.release is not None:
        wanted.add(subject.release.pk)
    put = Activation.objects.order_by("sequence")
    related = Release.objects.visible_to(actor).filter(pk__in=wanted).order_by("id")
    named = related.select_related("workflow", "environment", "version__asset", "submitted_by", "request")
    return list(named.prefetch_related("request__votes", Prefetch("activations", queryset=put)))


def _events(subject: Subject, runs: Sequence[Run], releases: Sequence[Release], actor: User) -> list[Event]:
    objects = [release.pk for release in releases] + [release.request_id for release in releases]
    objects += [UUID(each["id"]) for release in releases for each in versions_of(release)]
    told = Q()
    for beginning in TOLD:
        told |= Q(kind__startswith=beginning)
    belongs = Q(run__in=[run.pk for run in runs]) | Q(run=None, object_id__in=objects)
    if subject.kind == About.PERIOD:
        belongs |= Q(project=subject.project.pk, at__gte=subject.first, at__lt=subject.until)
    here = Event.objects.visible_to(actor).filter(organisation=subject.organisation.pk)
    found = list(here.filter(told, belongs).order_by("id")[: MOST_EVENTS + 1])
    if len(found) > MOST_EVENTS:
        raise Invalid(f"The log has more than {MOST_EVENTS:,} records of this, too many for one bundle.")
    return [*_announcements(subject), *_imports(subject, found), *found]


def _imports(subject: Subject, found: Sequence[Event]) -> list[Event]:
    """Who imported the runs that ended elsewhere, and why: told in the transaction that imported them."""
    within = {event.xid for event in found if event.kind == Kind.RUN_IMPORTED}
    if not within:
        return []
    told = Event.objects.filter(kind=Kind.HISTORY_IMPORTED, organisation=subject.organisation.pk)
    return list(told.filter(xid__in=within).order_by("id"))


def _announcements(subject: Subject) -> list[Event]:
    """Of the keys that statements are signed with: the log vouches for them."""
    announced = Event.objects.filter(kind=Kind.EVIDENCE_KEY_ANNOUNCED, organisation=subject.organisation.pk)
    return list(announced.order_by("id"))


def versions_of(release: Release) -> list[dict[str, str]]:
    """The workflow version and all that it pins, as the closure that was decided on lists them."""
    contents = release.contents
    return [contents["workflow"], *contents["versions"]]
