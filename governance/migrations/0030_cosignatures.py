"""What witnesses say of checkpoints: rows that are only ever inserted, by a function of the owner's."""

from pathlib import Path

import django.db.models.deletion
import django.db.models.functions.datetime
from django.db import migrations, models

import governance.ledger.identity

SQL = Path(__file__).parent / "sql"


class Migration(migrations.Migration):
    """The table, then `sql/0030_cosignatures.sql`."""

    dependencies = [
        ("governance", "0029_events_by_people"),
    ]

    operations = [
        migrations.CreateModel(
            name="Cosignature",
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
                ("vkey", models.CharField(max_length=400, verbose_name="verifier key")),
                ("line", models.BinaryField(help_text="As the witness answered it, byte for byte.")),
                (
                    "seen_at",
                    models.DateTimeField(help_text="By the witness's own clock.", verbose_name="seen"),
                ),
                (
                    "at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(), verbose_name="received"
                    ),
                ),
                (
                    "checkpoint",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="cosignatures",
                        to="governance.checkpoint",
                    ),
                ),
            ],
            options={
                "db_table": "ledger_cosignature",
                "ordering": ("checkpoint", "at"),
                "constraints": [
                    models.UniqueConstraint(fields=("checkpoint", "vkey"), name="cosignature_once")
                ],
            },
        ),
        migrations.RunSQL(
            [(SQL / "0030_cosignatures.sql").read_text(encoding="utf-8")],
            [(SQL / "0030_cosignatures_undo.sql").read_text(encoding="utf-8")],
        ),
    ]
