"""The triggers that keep the records of runs true."""

from pathlib import Path

from django.db import migrations

SQL = Path(__file__).parent / "sql"


class Migration(migrations.Migration):
    """SQL in its own files: `sql/0002_records.sql` and its undo."""

    dependencies = (("runs", "0001_tables"),)
    operations = (
        migrations.RunSQL(
            [(SQL / "0002_records.sql").read_text(encoding="utf-8")],
            [(SQL / "0002_records_undo.sql").read_text(encoding="utf-8")],
        ),
    )
