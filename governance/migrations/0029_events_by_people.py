"""What people did is found among what the engine tells; the index is made beside the running portal."""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models

ROUTINE = [
    "run.claimed",
    "run.failed",
    "run.succeeded",
    "run.waited",
    "step.failed",
    "step.succeeded",
    "task.opened",
]


class Migration(migrations.Migration):
    """The index alone: it is made outside a transaction."""

    atomic = False
    dependencies = [
        ("governance", "0028_ledger_doors"),
    ]

    operations = [
        AddIndexConcurrently(
            model_name="event",
            index=models.Index(
                fields=["-id"],
                name="ledger_event_by_people",
                condition=models.Q(("kind__in", ROUTINE), _negated=True),
            ),
        ),
    ]
