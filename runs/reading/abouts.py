"""What contents are shown for, as the log of readings names it."""

from governance.accounts.models import User
from runs.artifacts.models import Artifact
from runs.lineage.models import Edge
from runs.reading.services import About
from runs.records.models import Run, RunInput, Step


def about_artifact(artifact: Artifact, actor: User) -> About:
    """A content by itself: read in the newest run within reach that has it."""
    used = Edge.objects.visible_to(actor).filter(artifact=artifact.pk).order_by("-id")
    given = RunInput.objects.visible_to(actor).filter(artifact=artifact.pk).order_by("-id")
    run = used.values_list("step__run", flat=True).first() or given.values_list("run", flat=True).first()
    return About("artifact", artifact.pk, Run.objects.get(pk=run) if run else None)


def about_step(step: Step) -> About:
    """An output, and what stands behind it."""
    return About("step", step.pk, step.run)


def about_person(actor: User) -> About:
    """Contents of many runs: the list, or the search, of one person."""
    return About("person", actor.pk)
