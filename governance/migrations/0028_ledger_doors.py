"""What the keeper finds and does is inserted by functions of the owner's, and by nobody's own statement."""

from pathlib import Path

from django.db import migrations

SQL = Path(__file__).parent / "sql"


class Migration(migrations.Migration):
    """SQL in its own files: `sql/0028_ledger_doors.sql` and its undo."""

    dependencies = (("governance", "0027_ledger_capture"),)
    operations = (
        migrations.RunSQL(
            [(SQL / "0028_ledger_doors.sql").read_text(encoding="utf-8")],
            [(SQL / "0028_ledger_doors_undo.sql").read_text(encoding="utf-8")],
        ),
    )
