"""The database itself asks of a vote, a release and an activation what a decision needs."""

from pathlib import Path

from django.db import migrations

SQL = Path(__file__).parent / "sql"


class Migration(migrations.Migration):
    """SQL in its own files: `sql/0010_decisions.sql` and its undo."""

    dependencies = (("governance", "0009_ownership_is_no_role"),)
    operations = (
        migrations.RunSQL(
            [(SQL / "0010_decisions.sql").read_text(encoding="utf-8")],
            [(SQL / "0010_decisions_undo.sql").read_text(encoding="utf-8")],
        ),
    )
