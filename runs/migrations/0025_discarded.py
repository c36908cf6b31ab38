"""What was paid for answers that came too late."""

from pathlib import Path

import django.db.models.deletion
import django.db.models.functions.datetime
from django.db import migrations, models

import governance.ledger.identity

SQL = Path(__file__).parent / "sql"


class Migration(migrations.Migration):
    dependencies = [
        ("governance", "0021_open_as_before"),
        ("runs", "0024_webhook_names"),
    ]

    operations = [
        migrations.CreateModel(
            name="Discarded",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=governance.ledger.identity.uuid7,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("node", models.CharField(max_length=60)),
                ("position", models.PositiveIntegerField()),
                ("attempt", models.PositiveIntegerField()),
                ("epoch", models.PositiveIntegerField(help_text="Of the lease under which it was asked.")),
                ("tokens_in", models.PositiveIntegerField(null=True)),
                ("tokens_out", models.PositiveIntegerField(null=True)),
                ("cost", models.DecimalField(decimal_places=9, max_digits=18, null=True)),
                ("at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                (
                    "model_version",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="governance.version",
                    ),
                ),
                (
                    "run",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="discarded", to="runs.run"
                    ),
                ),
            ],
            options={
                "db_table": "runs_discarded",
            },
        ),
        migrations.RunSQL(
            [(SQL / "0025_discarded.sql").read_text(encoding="utf-8")],
            [(SQL / "0025_discarded_undo.sql").read_text(encoding="utf-8")],
        ),
    ]
