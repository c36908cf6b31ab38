"""What governs is told by the database itself, row by row, beside what its service tells."""

from pathlib import Path

from django.db import migrations

SQL = Path(__file__).parent / "sql"


class Migration(migrations.Migration):
    """SQL in its own files: `sql/0027_ledger_capture.sql` and its undo."""

    dependencies = (
        ("governance", "0026_ledger_verification"),
        ("auth", "0012_alter_user_first_name_max_length"),
    )
    operations = (
        migrations.RunSQL(
            [(SQL / "0027_ledger_capture.sql").read_text(encoding="utf-8")],
            [(SQL / "0027_ledger_capture_undo.sql").read_text(encoding="utf-8")],
        ),
    )
