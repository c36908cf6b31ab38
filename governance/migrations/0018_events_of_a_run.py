"""The events of a run are recorded together."""

from pathlib import Path

from django.db import migrations

SQL = Path(__file__).parent / "sql"


class Migration(migrations.Migration):
    """SQL in its own files: `sql/0018_events_of_a_run.sql` and its undo."""

    dependencies = (("governance", "0017_events_in_order"),)
    operations = (
        migrations.RunSQL(
            [(SQL / "0018_events_of_a_run.sql").read_text(encoding="utf-8")],
            [(SQL / "0018_events_of_a_run_undo.sql").read_text(encoding="utf-8")],
        ),
    )
