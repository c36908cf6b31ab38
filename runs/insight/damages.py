"""Contents that the rolling check found altered or gone: of a run, and of all within reach."""

from dataclasses import dataclass
from typing import Final

from django.db.models import Exists, OuterRef, QuerySet

from governance.accounts.models import User
from runs.artifacts.rechecking import Damage, Recheck
from runs.lineage.models import Edge
from runs.records.models import Run, RunInput

MOST_SHOWN: Final = 20


@dataclass(frozen=True)
class Rechecked:
    """How far the check is, None before the first; and the newest of what it found within reach."""

    progress: Recheck | None
    damages: list[Damage]


def rechecked(actor: User) -> Rechecked:
    """For the page that shows it."""
    found = Damage.objects.visible_to(actor).select_related("artifact").defer("artifact__inline")
    return Rechecked(Recheck.objects.first(), list(found.order_by("-id")[:MOST_SHOWN]))


def damages_of(run: Run) -> QuerySet[Damage]:
    """Of what the run was given and what its steps read, sent or made. Asked of the few that were found."""
    used = Edge.objects.filter(artifact=OuterRef("artifact"), step__run=run.pk)
    given = RunInput.objects.filter(artifact=OuterRef("artifact"), run=run.pk)
    return Damage.objects.filter(Exists(used) | Exists(given)).order_by("-id")
