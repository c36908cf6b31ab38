"""Which contents a person may see: those that a run within their reach was given, sent or made."""

from django.db.models import Exists, OuterRef, QuerySet

from governance.accounts.models import User
from runs.artifacts.models import Artifact
from runs.lineage.models import Edge
from runs.records.models import RunInput


def artifacts_visible_to(actor: User) -> QuerySet[Artifact]:
    """The artifacts of the runs that the person may see."""
    used = Edge.objects.visible_to(actor).filter(artifact=OuterRef("pk"))
    given = RunInput.objects.visible_to(actor).filter(artifact=OuterRef("pk"))
    return Artifact.objects.filter(Exists(used) | Exists(given))
