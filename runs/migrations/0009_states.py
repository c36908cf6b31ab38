"""The states of a run, and the ways between them, as the engine knows them now."""

from pathlib import Path

from django.db import migrations

SQL = Path(__file__).parent / "sql"


class Migration(migrations.Migration):
    """SQL in its own files: `sql/0009_states.sql` and its undo."""

    dependencies = (("runs", "0008_engine"),)
    operations = (
        migrations.RunSQL(
            [(SQL / "0009_states.sql").read_text(encoding="utf-8")],
            [(SQL / "0009_states_undo.sql").read_text(encoding="utf-8")],
        ),
    )
