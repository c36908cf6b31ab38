"""A place is kept until who waited for it has asked, not only until a worker has taken it up."""

from pathlib import Path

from django.db import migrations

SQL = Path(__file__).parent / "sql"


class Migration(migrations.Migration):
    """SQL in its own files: `sql/0028_places_kept_until_asked.sql` and its undo."""

    dependencies = (("runs", "0027_in_line"),)
    operations = (
        migrations.RunSQL(
            [(SQL / "0028_places_kept_until_asked.sql").read_text(encoding="utf-8")],
            [(SQL / "0028_places_kept_until_asked_undo.sql").read_text(encoding="utf-8")],
        ),
    )
