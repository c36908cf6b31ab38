"""A run that undoes what it did hears of the end of its parts."""

from pathlib import Path

from django.db import migrations

SQL = Path(__file__).parent / "sql"


class Migration(migrations.Migration):
    """SQL in its own files: `sql/0022_part_ended.sql` and its undo."""

    dependencies = (("runs", "0021_undone_with_its_whole"),)
    operations = (
        migrations.RunSQL(
            [(SQL / "0022_part_ended.sql").read_text(encoding="utf-8")],
            [(SQL / "0022_part_ended_undo.sql").read_text(encoding="utf-8")],
        ),
    )
