"""What a release and its request were asked about stays as it was asked."""

from pathlib import Path

from django.db import migrations

SQL = Path(__file__).parent / "sql"


class Migration(migrations.Migration):
    """SQL in its own files: `sql/0015_asked_once.sql` and its undo."""

    dependencies = (("governance", "0014_search_path"),)
    operations = (
        migrations.RunSQL(
            [(SQL / "0015_asked_once.sql").read_text(encoding="utf-8")],
            [(SQL / "0015_asked_once_undo.sql").read_text(encoding="utf-8")],
        ),
    )
