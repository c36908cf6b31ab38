"""The ledger takes no event that could not be read again."""

from pathlib import Path

from django.db import migrations

SQL = Path(__file__).parent / "sql"


class Migration(migrations.Migration):
    """SQL in its own files: `sql/0007_ledger_facts.sql` and its undo."""

    dependencies = (("governance", "0006_environments_stay"),)
    operations = (
        migrations.RunSQL(
            [(SQL / "0007_ledger_facts.sql").read_text(encoding="utf-8")],
            [(SQL / "0007_ledger_facts_undo.sql").read_text(encoding="utf-8")],
        ),
    )
