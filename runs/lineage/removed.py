"""Runs of which contents were removed when their time was over: nothing is made of them again."""

from governance.errors import WrongState
from runs.artifacts.models import Artifact
from runs.records.models import Run, RunInput, Step


def refuse_removed(run: Run, *, what: str) -> None:
    """Raises `WrongState` when something that the run was given or made has no bytes any more."""
    given = RunInput.objects.filter(run=run).values("artifact")
    made = Step.objects.filter(run=run, output__isnull=False).values("output")
    gone = Artifact.objects.filter(pruned_at__isnull=False)
    first = (
        (gone.filter(pk__in=given) | gone.filter(pk__in=made)).order_by("pruned_at").only("pruned_at").first()
    )
    if first is not None:
        raise WrongState(
            f"Contents of this run were removed on {first.pruned_at:%d %B %Y}, when the time for which they "
            f"are kept was over: it cannot be {what}. Its records and their proofs stay."
        )
