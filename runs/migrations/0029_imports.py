"""Runs that ended elsewhere are taken over with their steps."""

from pathlib import Path

from django.db import migrations, models

SQL = Path(__file__).parent / "sql"


class Migration(migrations.Migration):
    """SQL in its own files: `sql/0029_imports.sql` and its undo."""

    dependencies = (("runs", "0028_places_kept_until_asked"),)
    operations = (
        migrations.AlterField(
            model_name="run",
            name="origin",
            field=models.CharField(
                choices=[
                    ("page", "Page"),
                    ("api", "API"),
                    ("command", "Command line"),
                    ("subrun", "Step of a run"),
                    ("items", "Items of a map"),
                    ("fork", "Fork"),
                    ("replay", "Replay"),
                    ("schedule", "Schedule"),
                    ("webhook", "Webhook"),
                    ("import", "Import"),
                ],
                max_length=10,
            ),
        ),
        migrations.RunSQL(
            [(SQL / "0029_imports.sql").read_text(encoding="utf-8")],
            [(SQL / "0029_imports_undo.sql").read_text(encoding="utf-8")],
        ),
    )
