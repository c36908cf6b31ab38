"""Refusals are counted by person and reason once the first has been told."""

from pathlib import Path

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import governance.ledger.identity

SQL = Path(__file__).parent / "sql"


class Migration(migrations.Migration):
    """The table, and the trigger that keeps all but its counts."""

    dependencies = [
        ("governance", "0021_open_as_before"),
    ]

    operations = [
        migrations.CreateModel(
            name="Refusal",
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
                ("object_type", models.CharField(max_length=20)),
                ("object_id", models.UUIDField()),
                (
                    "why",
                    models.CharField(
                        help_text="A word for programs; the event has the sentence.", max_length=40
                    ),
                ),
                ("count", models.PositiveIntegerField()),
                ("last_at", models.DateTimeField()),
                (
                    "person",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "db_table": "access_refusal",
                "ordering": ("id",),
                "constraints": [
                    models.UniqueConstraint(
                        fields=("object_type", "object_id", "person", "why"), name="refusal_counted_once"
                    )
                ],
            },
        ),
        migrations.RunSQL(
            [(SQL / "0022_refusals.sql").read_text(encoding="utf-8")],
            [(SQL / "0022_refusals_undo.sql").read_text(encoding="utf-8")],
        ),
    ]
