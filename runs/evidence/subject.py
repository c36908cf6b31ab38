"""What a bundle of evidence can be about."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from typing import Final, TypeVar
from uuid import UUID

from governance.accounts.models import Organisation, Project, User
from governance.errors import Invalid, NotVisible
from governance.releases.models import Release
from runs.records.models import Run, Step

LONGEST_PERIOD: Final = timedelta(days=366)
OF_A_RUN: Final = ("run__project__organisation", "run__workflow")
T = TypeVar("T")


class About(StrEnum):
    """The four things; the value stands in the statement."""

    OUTPUT = "output"
    RUN = "run"
    RELEASE = "release"
    PERIOD = "period"


@dataclass(frozen=True)
class Subject:
    """What is asked for. `id` is that of the step, the run, the release, or the project of a period."""

    kind: About
    id: UUID
    project: Project
    title: str
    run: Run | None = None
    release: Release | None = None
    first: datetime | None = None
    until: datetime | None = None

    @property
    def organisation(self) -> Organisation:
        """In whose log the records stand."""
        return self.project.organisation


def subject_of(
    kind: str, identifier: UUID, *, actor: User, first: date | None = None, last: date | None = None
) -> Subject:
    """The step's output, run, release, or period of a project, by its identifier.

    Raises `NotVisible` for what the person does not reach, `Invalid` for a period without its days.
    """
    if kind == About.OUTPUT:
        step = Step.objects.visible_to(actor).select_related(*OF_A_RUN).filter(pk=identifier).first()
        return of_output(_there(step))
    if kind == About.RUN:
        run = Run.objects.visible_to(actor).select_related("project__organisation")
        return of_run(_there(run.filter(pk=identifier).first()))
    if kind == About.RELEASE:
        release = Release.objects.visible_to(actor).select_related("workflow", "project__organisation")
        return of_release(_there(release.filter(pk=identifier).first()))
    projects = Project.objects.visible_to(actor).select_related("organisation")
    project = _there(projects.filter(pk=identifier).first() if kind == About.PERIOD else None)
    if first is None or last is None:
        reason = "Say from which day to which."
        raise Invalid(reason, fields={"first" if first is None else "last": reason})
    return of_period(project, first=first, last=last)


def _there(found: T | None) -> T:
    if found is None:
        raise NotVisible("There is nothing of this kind to make evidence of.")
    return found


def of_output(step: Step) -> Subject:
    """What one step made, and everything of its run. Wants the run with project and organisation."""
    words = step.node.replace("_", " ").capitalize()
    title = f"{words} for {step.run.reference}" if step.run.reference else words
    return Subject(About.OUTPUT, step.pk, step.run.project, title, run=step.run)


def of_run(run: Run) -> Subject:
    """A run with its parts, and whatever it is a part of."""
    named = f"Run {run.reference}" if run.reference else f"Run {run.pk}"
    return Subject(About.RUN, run.pk, run.project, named, run=run)


def of_release(release: Release) -> Subject:
    """A release, how it came about, and every run of it."""
    return Subject(About.RELEASE, release.pk, release.project, str(release), release=release)


def of_period(project: Project, *, first: date, last: date) -> Subject:
    """All that a project's log says of these days, and the runs that began in them, UTC.

    Raises `Invalid` when they are in the wrong order, or more than a year.
    """
    begin = datetime(first.year, first.month, first.day, tzinfo=UTC)
    until = datetime(last.year, last.month, last.day, tzinfo=UTC) + timedelta(days=1)
    if not timedelta(0) < until - begin <= LONGEST_PERIOD:
        reason = "The last day is not before the first, and a period has a year at most."
        raise Invalid(reason, fields={"last": reason})
    title = f"{project.name}, {first:%d %B %Y} to {last:%d %B %Y}"
    return Subject(About.PERIOD, project.pk, project, title, first=begin, until=until)


def stamp(moment: datetime) -> str:
    """A time as records of the ledger have it."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
