"""A log's key may be rotated, and after a restore a log goes on under its next name."""

from pathlib import Path

from django.db import migrations

SQL = Path(__file__).parent / "sql"


class Migration(migrations.Migration):
    """SQL in its own files: `sql/0032_log_keys.sql` and its undo."""

    dependencies = (("governance", "0031_reveal_permission"),)
    operations = (
        migrations.RunSQL(
            [(SQL / "0032_log_keys.sql").read_text(encoding="utf-8")],
            [(SQL / "0032_log_keys_undo.sql").read_text(encoding="utf-8")],
        ),
    )
