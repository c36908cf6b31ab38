"""What is remembered belongs to an environment; what is run for a comparison leaves nothing there."""

from pathlib import Path
from typing import Any

import django.db.models.deletion
from django.db import migrations, models
from django.db.migrations.exceptions import IrreversibleError

SQL = Path(__file__).parent / "sql"
TOGETHER = """
SELECT EXISTS (SELECT FROM runs_memory GROUP BY project_id, sequence HAVING count(*) > 1)
    OR EXISTS (SELECT FROM runs_memory GROUP BY project_id, namespace, key, number HAVING count(*) > 1)
"""


def refuse_together(apps: Any, schema_editor: Any) -> None:
    """What two environments remember has no order in one memory. Raises `IrreversibleError`."""
    with schema_editor.connection.cursor() as cursor:
        cursor.execute(TOGETHER)
        if cursor.fetchone()[0]:
            raise IrreversibleError(
                "Two environments of a project remember by now, and the earlier code knows one memory: "
                "this migration cannot be taken back."
            )


class Migration(migrations.Migration):
    dependencies = [("governance", "0017_events_in_order"), ("runs", "0015_webhooks")]

    operations = [
        migrations.AddField(
            model_name="run",
            name="recalls_from",
            field=models.ForeignKey(
                db_index=False,
                help_text="Of a replay or an experiment: where its source reads memory. It leaves nothing there.",
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="governance.environment",
            ),
        ),
        migrations.AddField(
            model_name="entry",
            name="environment",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="governance.environment",
            ),
        ),
        migrations.RunSQL(
            [(SQL / "0016_memory_by_environment.sql").read_text(encoding="utf-8")],
            [(SQL / "0016_memory_by_environment_undo.sql").read_text(encoding="utf-8")],
        ),
        migrations.AlterField(
            model_name="entry",
            name="environment",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="governance.environment",
            ),
        ),
        migrations.RemoveConstraint(model_name="entry", name="memory_in_order"),
        migrations.RemoveConstraint(model_name="entry", name="memory_version_once"),
        migrations.AddConstraint(
            model_name="entry",
            constraint=models.UniqueConstraint(
                fields=("project", "environment", "sequence"), name="memory_in_order"
            ),
        ),
        migrations.AddConstraint(
            model_name="entry",
            constraint=models.UniqueConstraint(
                fields=("project", "environment", "namespace", "key", "number"), name="memory_version_once"
            ),
        ),
        migrations.RunPython(migrations.RunPython.noop, refuse_together),
    ]
