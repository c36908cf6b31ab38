"""A release's fingerprint is made of the versions of its rows."""

from pathlib import Path

from django.db import migrations

SQL = Path(__file__).parent / "sql"


class Migration(migrations.Migration):
    """SQL in its own files: `sql/0019_row_versions.sql` and its undo."""

    dependencies = (("governance", "0018_events_of_a_run"),)
    operations = (
        migrations.RunSQL(
            [(SQL / "0019_row_versions.sql").read_text(encoding="utf-8")],
            [(SQL / "0019_row_versions_undo.sql").read_text(encoding="utf-8")],
        ),
    )
