"""What governs runs is told by the database itself, row by row."""

from pathlib import Path

from django.db import migrations

SQL = Path(__file__).parent / "sql"


class Migration(migrations.Migration):
    """SQL in its own files: `sql/0032_capture.sql` and its undo."""

    dependencies = (("runs", "0031_readings"), ("governance", "0027_ledger_capture"))
    operations = (
        migrations.RunSQL(
            [(SQL / "0032_capture.sql").read_text(encoding="utf-8")],
            [(SQL / "0032_capture_undo.sql").read_text(encoding="utf-8")],
        ),
    )
