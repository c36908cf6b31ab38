"""A request for approval changes from open alone; events of one transaction sort in the order of their making."""

from pathlib import Path

from django.db import migrations

SQL = Path(__file__).parent / "sql"


class Migration(migrations.Migration):
    """SQL in its own files: `sql/0005_guards.sql` and its undo."""

    dependencies = (("governance", "0004_employer"),)
    operations = (
        migrations.RunSQL(
            [(SQL / "0005_guards.sql").read_text(encoding="utf-8")],
            [(SQL / "0005_guards_undo.sql").read_text(encoding="utf-8")],
        ),
    )
