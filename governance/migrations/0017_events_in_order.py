"""Events that are recorded within a millisecond keep their order."""

from pathlib import Path

from django.db import migrations

SQL = Path(__file__).parent / "sql"


class Migration(migrations.Migration):
    """SQL in its own files: `sql/0017_events_in_order.sql` and its undo."""

    dependencies = (("governance", "0016_release_fingerprint"),)
    operations = (
        migrations.RunSQL(
            [(SQL / "0017_events_in_order.sql").read_text(encoding="utf-8")],
            [(SQL / "0017_events_in_order_undo.sql").read_text(encoding="utf-8")],
        ),
    )
