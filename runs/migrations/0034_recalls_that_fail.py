"""A recall whose collecting keeps failing is given up, in words, until a person has it tried again."""

from pathlib import Path

from django.db import migrations, models

SQL = Path(__file__).parent / "sql"


class Migration(migrations.Migration):
    """Two columns with constant defaults, which rewrite nothing, and the guard that knows the new state."""

    dependencies = [("runs", "0033_recalls")]

    operations = [
        migrations.AddField(
            model_name="recall",
            name="failures",
            field=models.PositiveSmallIntegerField(db_default=0, default=0, help_text="One after another."),
        ),
        migrations.AddField(
            model_name="recall",
            name="failure",
            field=models.CharField(blank=True, db_default="", default="", max_length=300),
        ),
        migrations.AlterField(
            model_name="recall",
            name="state",
            field=models.CharField(
                choices=[
                    ("building", "Being collected"),
                    ("open", "Open"),
                    ("failed", "Not collected"),
                    ("closed", "Closed"),
                ],
                default="building",
                max_length=8,
            ),
        ),
        migrations.RunSQL(
            [(SQL / "0034_recalls_that_fail.sql").read_text(encoding="utf-8")],
            [(SQL / "0034_recalls_that_fail_undo.sql").read_text(encoding="utf-8")],
        ),
    ]
