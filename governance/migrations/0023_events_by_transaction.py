"""Events are found by the transaction that recorded them; the index is made beside the running portal."""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    """The index alone: it is made outside a transaction."""

    atomic = False
    dependencies = [
        ("governance", "0022_refusals"),
    ]

    operations = [
        AddIndexConcurrently(
            model_name="event",
            index=models.Index(fields=["xid", "id"], name="ledger_event_xid"),
        ),
    ]
