"""Who waits for room is found in its turn, however many wait."""

from django.db import migrations, models
from django.db.models.expressions import RawSQL


class Migration(migrations.Migration):
    dependencies = (("runs", "0026_ways_taken"),)
    operations = (
        migrations.AddIndex(
            model_name="run",
            index=models.Index(
                models.F("organisation"),
                models.F("asking"),
                models.F("state"),
                RawSQL(
                    "(ready_at AT TIME ZONE 'UTC') - make_interval(mins => priority)",
                    (),
                    models.DateTimeField(),
                ),
                models.F("id"),
                condition=models.Q(("waits_for", "limit"), ("wake_at__isnull", False)),
                name="run_in_line",
            ),
        ),
    )
