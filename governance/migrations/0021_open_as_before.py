"""What workflows asked before endpoints knew environments stays open to all of them, and the ledger says so."""

from pathlib import Path

from django.db import migrations

SQL = Path(__file__).parent / "sql"


class Migration(migrations.Migration):
    """SQL in its own file; the openings and their events are not taken back."""

    dependencies = (("governance", "0020_openings"),)
    operations = (
        migrations.RunSQL(
            [(SQL / "0021_open_as_before.sql").read_text(encoding="utf-8")], migrations.RunSQL.noop
        ),
    )
