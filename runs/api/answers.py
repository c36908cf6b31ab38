"""A run as the API answers with it, in a fixed number of queries."""

from typing import Any, Final

from django.db.models import Prefetch

from governance.accounts.models import User
from runs.api.record_shapes import RunShape
from runs.records.models import Run, RunInput, Step
from runs.records.querysets import RunQuerySet

MOST_STEPS: Final = 200


def listed_runs(actor: User) -> RunQuerySet:
    """Within reach, with what lists show of each."""
    return Run.objects.visible_to(actor).with_names()


def whole_runs(actor: User) -> RunQuerySet:
    """Within reach, with all that a run's shape shows but the contents; of its steps the newest."""
    inputs = RunInput.objects.select_related("artifact").defer("artifact__inline")
    steps = Step.objects.with_names().order_by("-position", "-attempt")[:MOST_STEPS]
    rows = listed_runs(actor).select_related("output").defer("output__inline")
    return rows.prefetch_related(Prefetch("inputs", inputs), Prefetch("steps", steps, to_attr="newest_steps"))


def answer(actor: User, run: Run) -> dict[str, Any]:
    """The run as it is now, read anew."""
    return RunShape(whole_runs(actor).get(pk=run.pk)).data
