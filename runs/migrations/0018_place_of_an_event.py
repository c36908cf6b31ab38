"""The project of an event about a schedule or a webhook."""

from pathlib import Path

from django.db import migrations

SQL = Path(__file__).parent / "sql"


class Migration(migrations.Migration):
    """SQL in its own files: `sql/0018_place_of_an_event.sql` and its undo."""

    dependencies = (
        ("runs", "0017_weights"),
        ("governance", "0018_events_of_a_run"),
    )
    operations = (
        migrations.RunSQL(
            [(SQL / "0018_place_of_an_event.sql").read_text(encoding="utf-8")],
            [(SQL / "0018_place_of_an_event_undo.sql").read_text(encoding="utf-8")],
        ),
    )
