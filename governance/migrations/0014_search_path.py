"""What holds the columns means the same whatever search path a session has set."""

from pathlib import Path

from django.db import migrations

SQL = Path(__file__).parent / "sql"


class Migration(migrations.Migration):
    """SQL in its own files: `sql/0014_search_path.sql` and its undo."""

    dependencies = (("governance", "0013_labels"),)
    operations = (
        migrations.RunSQL(
            [(SQL / "0014_search_path.sql").read_text(encoding="utf-8")],
            [(SQL / "0014_search_path_undo.sql").read_text(encoding="utf-8")],
        ),
    )
