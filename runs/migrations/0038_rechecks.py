"""Stored contents are examined round by round; what is found is kept."""

from pathlib import Path

import django.db.models.deletion
import django.db.models.functions.datetime
from django.db import migrations, models

import governance.ledger.identity

SQL = Path(__file__).parent / "sql"


class Migration(migrations.Migration):
    dependencies = [
        ("governance", "0031_reveal_permission"),
        ("runs", "0037_retention"),
    ]

    operations = [
        migrations.CreateModel(
            name="Recheck",
            fields=[
                ("id", models.PositiveSmallIntegerField(default=1, primary_key=True, serialize=False)),
                (
                    "after",
                    models.UUIDField(
                        help_text="The content that was looked at last; none before a round.", null=True
                    ),
                ),
                (
                    "looked",
                    models.PositiveBigIntegerField(default=0, help_text="Contents looked at in this round."),
                ),
                ("began_at", models.DateTimeField(null=True)),
                ("at", models.DateTimeField(help_text="When something was looked at last.", null=True)),
                ("whole_at", models.DateTimeField(help_text="When a round came to its end last.", null=True)),
                (
                    "whole",
                    models.PositiveBigIntegerField(
                        default=0, help_text="Contents that the last whole round looked at."
                    ),
                ),
            ],
            options={"db_table": "runs_content_recheck"},
        ),
        migrations.CreateModel(
            name="Damage",
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
                (
                    "found_sha256",
                    models.CharField(blank=True, help_text="Empty where nothing was there.", max_length=64),
                ),
                ("event", models.UUIDField(help_text="Its entry in the ledger.")),
                ("at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                (
                    "artifact",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="damage",
                        to="runs.artifact",
                    ),
                ),
                (
                    "organisation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="governance.organisation",
                    ),
                ),
            ],
            options={"db_table": "runs_content_damage", "ordering": ("-id",)},
        ),
        migrations.RunSQL(
            [(SQL / "0038_rechecks.sql").read_text(encoding="utf-8")],
            [(SQL / "0038_rechecks_undo.sql").read_text(encoding="utf-8")],
        ),
    ]
