"""The project that an event is about: who reaches the project may read the event."""

from pathlib import Path

from django.db import migrations, models

SQL = Path(__file__).parent / "sql"


class Migration(migrations.Migration):
    """Adds a column that may be empty: no row is rewritten, and events of before are the owners' to read."""

    dependencies = (("governance", "0007_ledger_facts"),)
    operations = (
        migrations.AddField(
            model_name="event",
            name="project",
            field=models.UUIDField(help_text="Null when it is about the organisation at large.", null=True),
        ),
        migrations.AddIndex(
            model_name="event",
            index=models.Index(fields=["project", "-id"], name="ledger_event_project"),
        ),
        migrations.RunSQL(
            [(SQL / "0008_event_project.sql").read_text(encoding="utf-8")],
            [(SQL / "0008_event_project_undo.sql").read_text(encoding="utf-8")],
        ),
    )
