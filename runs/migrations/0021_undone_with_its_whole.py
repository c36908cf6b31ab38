"""What a part did is undone with the run that it is a part of."""

from pathlib import Path

from django.db import migrations

SQL = Path(__file__).parent / "sql"


class Migration(migrations.Migration):
    """SQL in its own files: `sql/0021_undone_with_its_whole.sql` and its undo."""

    dependencies = (("runs", "0020_starters"),)
    operations = (
        migrations.RunSQL(
            [(SQL / "0021_undone_with_its_whole.sql").read_text(encoding="utf-8")],
            [(SQL / "0021_undone_with_its_whole_undo.sql").read_text(encoding="utf-8")],
        ),
    )
