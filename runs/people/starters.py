"""Who has set a run going: who started it, or one that it is a part of or was made from."""

from uuid import UUID

from django.db.models import BooleanField, F, Func, Value

from governance.accounts.models import User
from runs.records.models import Run


def starters_of(run: Run) -> set[UUID]:
    """Their identifiers, through the runs that this one began as."""
    found, ahead = {run.started_by_id}, [run.parent_id, run.source_id]
    while older := [pk for pk in ahead if pk is not None]:
        rows = list(Run.objects.filter(pk__in=older).values_list("started_by", "parent", "source"))
        found.update(person for person, _, _ in rows)
        ahead = [pk for _, parent, source in rows for pk in (parent, source)]
    return found


def was_started_by(person: User) -> Func:
    """The same asked of the database for one person, about the run of each task."""
    return Func(F("run_id"), Value(person.pk), function="runs_was_started_by", output_field=BooleanField())
