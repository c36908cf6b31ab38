"""Nobody approves what a run asks that was made from their own."""

from pathlib import Path

from django.db import migrations

SQL = Path(__file__).parent / "sql"


class Migration(migrations.Migration):
    """SQL in its own files: `sql/0020_starters.sql` and its undo."""

    dependencies = (("runs", "0019_told_in_one_look"),)
    operations = (
        migrations.RunSQL(
            [(SQL / "0020_starters.sql").read_text(encoding="utf-8")],
            [(SQL / "0020_starters_undo.sql").read_text(encoding="utf-8")],
        ),
    )
