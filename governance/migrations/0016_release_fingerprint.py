"""One value for all that lets a release run, computed where the rows are."""

from pathlib import Path

from django.db import migrations

SQL = Path(__file__).parent / "sql"


class Migration(migrations.Migration):
    """SQL in its own files: `sql/0016_release_fingerprint.sql` and its undo."""

    dependencies = (("governance", "0015_asked_once"),)
    operations = (
        migrations.RunSQL(
            [(SQL / "0016_release_fingerprint.sql").read_text(encoding="utf-8")],
            [(SQL / "0016_release_fingerprint_undo.sql").read_text(encoding="utf-8")],
        ),
    )
