"""The ways between states are those that the engine goes."""

from pathlib import Path

from django.db import migrations

SQL = Path(__file__).parent / "sql"


class Migration(migrations.Migration):
    """SQL in its own files: `sql/0026_ways_taken.sql` and its undo."""

    dependencies = (("runs", "0025_discarded"),)
    operations = (
        migrations.RunSQL(
            [(SQL / "0026_ways_taken.sql").read_text(encoding="utf-8")],
            [(SQL / "0026_ways_taken_undo.sql").read_text(encoding="utf-8")],
        ),
    )
