"""A failed run that is cancelled has what it did undone: `sql/0011_undone_after_failure.sql` and its undo."""

from pathlib import Path

from django.db import migrations

SQL = Path(__file__).parent / "sql"


class Migration(migrations.Migration):
    dependencies = (("runs", "0010_people"),)
    operations = (
        migrations.RunSQL(
            [(SQL / "0011_undone_after_failure.sql").read_text(encoding="utf-8")],
            [(SQL / "0011_undone_after_failure_undo.sql").read_text(encoding="utf-8")],
        ),
    )
