"""Which contents a person may see: those that a run within their reach was given, sent or made."""

from django.db.models import Exists, OuterRef, QuerySet

from governance.access.gate import resolve
from governance.access.permissions import Permission
from governance.accounts.models import User
from runs.artifacts.models import Artifact
from runs.lineage.models import Edge
from runs.records.models import RunInput


def artifacts_visible_to(actor: User) -> QuerySet[Artifact]:
    """The artifacts of the runs that the person may see."""
    used = Edge.objects.visible_to(actor).filter(artifact=OuterRef("pk"))
    given = RunInput.objects.visible_to(actor).filter(artifact=OuterRef("pk"))
    return Artifact.objects.filter(Exists(used) | Exists(given))


def artifacts_revealable_by(actor: User) -> QuerySet[Artifact]:
    """Those that are used in a project in which the person may reveal contents; always asked anew."""
    projects = resolve(actor).projects(Permission.REVEAL)
    used = Edge.objects.filter(artifact=OuterRef("pk"), step__run__project__in=projects)
    given = RunInput.objects.filter(artifact=OuterRef("pk"), run__project__in=projects)
    return Artifact.objects.filter(Exists(used) | Exists(given))
