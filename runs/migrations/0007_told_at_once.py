"""A run is told in order, and each part of it once."""

from pathlib import Path

from django.db import migrations

SQL = Path(__file__).parent / "sql"


class Migration(migrations.Migration):
    """SQL in its own files: `sql/0007_told_at_once.sql` and its undo."""

    dependencies = (("runs", "0006_artifact_by_media_type"),)
    operations = (
        migrations.RunSQL(
            [(SQL / "0007_told_at_once.sql").read_text(encoding="utf-8")],
            [(SQL / "0007_told_at_once_undo.sql").read_text(encoding="utf-8")],
        ),
    )
