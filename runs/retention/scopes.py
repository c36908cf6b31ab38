"""What a hold is about: found within a person's reach, and named as they know it."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from governance.access.gate import reach
from governance.accounts.models import Organisation, Project, User
from governance.catalog.models import Asset
from governance.errors import Invalid
from governance.ledger.text import printable
from runs.records.models import Run
from runs.retention.models import Hold

LONGEST_KEY = 200
Scope = Hold.Scope


@dataclass(frozen=True)
class About:
    """Whose contents are held. Without a project those of the whole organisation."""

    organisation: Organisation
    project: Project | None
    scope: Scope
    name: str
    key: str = ""
    since: date | None = None
    until: date | None = None


def about_of(kind: str, key: str, *, actor: User) -> About:
    """A run, a workflow or a project by its identifier. Raises `Invalid` for what the person does not see."""
    try:
        wanted = UUID(key.strip())
    except ValueError:
        raise _unknown(kind) from None
    if kind == Scope.PROJECT:
        project = Project.objects.filter(pk__in=reach(actor).projects()).filter(pk=wanted).first()
        name = project.name if project else ""
    elif kind == Scope.RUN:
        run = Run.objects.visible_to(actor).select_related("project", "workflow").filter(pk=wanted).first()
        project, name = (run.project, run.reference or f"{run.workflow} {run.pk}") if run else (None, "")
    else:
        workflows = Asset.objects.visible_to(actor).filter(kind=Asset.Kind.WORKFLOW)
        workflow = workflows.select_related("project").filter(pk=wanted).first()
        project, name = (workflow.project, str(workflow)) if workflow else (None, "")
    if project is None:
        raise _unknown(kind)
    return About(project.organisation, project, Scope(kind), name[:300], str(wanted))


def about_reference(organisation: Organisation, project: Project | None, reference: str) -> About:
    """Every run of this reference. Raises `Invalid` for an empty or unprintable one."""
    found = printable(reference, field="key", longest=LONGEST_KEY, missing="Give the reference.")
    return About(organisation, project, Scope.REFERENCE, found, found)


def about_period(organisation: Organisation, project: Project | None, since: date, until: date) -> About:
    """Runs that went on in these days, the last included. Raises `Invalid` when it ends before it begins."""
    if until < since:
        words = "The period ends before it begins."
        raise Invalid(words, fields={"until": words})
    return About(organisation, project, Scope.PERIOD, f"{since} to {until}", since=since, until=until)


def _unknown(kind: str) -> Invalid:
    words = f"There is no such {Scope(kind).label.lower().removeprefix('a ')}: give its identifier."
    return Invalid(words, fields={"key": words})
