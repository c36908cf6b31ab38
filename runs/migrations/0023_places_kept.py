"""A place that is free is kept for who waited for it and was told to go on."""

from pathlib import Path

from django.db import migrations

SQL = Path(__file__).parent / "sql"


class Migration(migrations.Migration):
    """SQL in its own files: `sql/0023_places_kept.sql` and its undo."""

    dependencies = (("runs", "0022_part_ended"),)
    operations = (
        migrations.RunSQL(
            [(SQL / "0023_places_kept.sql").read_text(encoding="utf-8")],
            [(SQL / "0023_places_kept_undo.sql").read_text(encoding="utf-8")],
        ),
    )
