"""The ledger's door, and the triggers that keep what is only ever inserted."""

from pathlib import Path

from django.db import migrations

SQL = Path(__file__).parent / "sql"


class Migration(migrations.Migration):
    """SQL in its own files: `sql/0002_ledger.sql` and its undo."""

    dependencies = (("governance", "0001_tables"),)
    operations = (
        migrations.RunSQL(
            [(SQL / "0002_ledger.sql").read_text(encoding="utf-8")],
            [(SQL / "0002_ledger_undo.sql").read_text(encoding="utf-8")],
        ),
    )
