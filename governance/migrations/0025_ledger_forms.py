"""A record says in which session, as which of its events, and about which project it was told."""

from pathlib import Path

from django.db import migrations

SQL = Path(__file__).parent / "sql"


class Migration(migrations.Migration):
    """SQL in its own files: `sql/0025_ledger_forms.sql` and its undo."""

    dependencies = (("governance", "0024_ledger_tree"),)
    operations = (
        migrations.RunSQL(
            [(SQL / "0025_ledger_forms.sql").read_text(encoding="utf-8")],
            [(SQL / "0025_ledger_forms_undo.sql").read_text(encoding="utf-8")],
        ),
    )
