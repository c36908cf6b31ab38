"""Which columns of a stored row may change: the database refuses the others, whoever writes."""

from pathlib import Path

from django.db import migrations

SQL = Path(__file__).parent / "sql"


class Migration(migrations.Migration):
    """SQL in its own files: `sql/0011_columns.sql` and its undo."""

    dependencies = (("governance", "0010_decisions"),)
    operations = (
        migrations.RunSQL(
            [(SQL / "0011_columns.sql").read_text(encoding="utf-8")],
            [(SQL / "0011_columns_undo.sql").read_text(encoding="utf-8")],
        ),
    )
