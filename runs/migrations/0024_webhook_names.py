"""A webhook may be called something else; where it leads stays."""

from pathlib import Path

from django.db import migrations

SQL = Path(__file__).parent / "sql"


class Migration(migrations.Migration):
    """SQL in its own files: `sql/0024_webhook_names.sql` and its undo."""

    dependencies = (("runs", "0023_places_kept"),)
    operations = (
        migrations.RunSQL(
            [(SQL / "0024_webhook_names.sql").read_text(encoding="utf-8")],
            [(SQL / "0024_webhook_names_undo.sql").read_text(encoding="utf-8")],
        ),
    )
