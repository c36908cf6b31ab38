"""What a statement tells is looked at once, and with it that what it names is there."""

from pathlib import Path

import django.db.models.deletion
from django.db import migrations, models

SQL = Path(__file__).parent / "sql"


class Migration(migrations.Migration):
    """Triggers in `sql/0019_told_in_one_look.sql` in place of three foreign keys, and its undo."""

    dependencies = (("runs", "0018_place_of_an_event"),)
    operations = (
        migrations.RunSQL(
            [(SQL / "0019_told_in_one_look.sql").read_text(encoding="utf-8")],
            [(SQL / "0019_told_in_one_look_undo.sql").read_text(encoding="utf-8")],
        ),
        migrations.AlterField(
            model_name="edge",
            name="artifact",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="edges",
                to="runs.artifact",
            ),
        ),
        migrations.AlterField(
            model_name="edge",
            name="step",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="edges",
                to="runs.step",
            ),
        ),
        migrations.AlterField(
            model_name="step",
            name="run",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="steps",
                to="runs.run",
            ),
        ),
    )
