"""How a content is classed where it is used is found in the indexes of its uses."""

import django.db.models.deletion
from django.contrib.postgres.operations import AddIndexConcurrently, RemoveIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    """The new indexes stand before the old ones go, and no run waits for them."""

    atomic = False
    dependencies = [("runs", "0035_reveals")]

    operations = [
        AddIndexConcurrently(
            model_name="runinput",
            index=models.Index(fields=["artifact", "classification"], name="run_input_by_artifact"),
        ),
        AddIndexConcurrently(
            model_name="step",
            index=models.Index(fields=["output", "-id"], include=("classification",), name="step_making"),
        ),
        RemoveIndexConcurrently(model_name="step", name="step_by_output"),
        migrations.AlterField(
            model_name="runinput",
            name="artifact",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="runs.artifact",
            ),
        ),
    ]
