"""The indexes of the runs that stand in line: for a worker, or for room at a provider or an HTTP endpoint."""

from django.db.models import DateTimeField, Index, Q
from django.db.models.expressions import RawSQL

# A minute of waiting counts as much as a step of priority. To the letter as `durable/sql/relieve.sql` has it,
# and at a fixed zone, since only what depends on no setting can be indexed.
IN_TURN = RawSQL("(ready_at AT TIME ZONE 'UTC') - make_interval(mins => priority)", (), DateTimeField())
CLAIMABLE = Index(
    fields=["pool", "organisation", "priority", "ready_at"],
    name="run_claimable",
    condition=Q(state__in=["queued", "ready"]),
)
IN_LINE = Index(
    "organisation",
    "asking",
    "state",
    IN_TURN,
    "id",
    name="run_in_line",
    condition=Q(waits_for="limit", wake_at__isnull=False),
)
