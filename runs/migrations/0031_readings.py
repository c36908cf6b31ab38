"""Who opened which content, why and when."""

from pathlib import Path

import django.db.models.deletion
import django.db.models.functions.datetime
from django.conf import settings
from django.db import migrations, models

import governance.ledger.identity

SQL = Path(__file__).parent / "sql"


class Migration(migrations.Migration):
    dependencies = [
        ("governance", "0026_ledger_verification"),
        ("runs", "0030_artifact_places"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Ticket",
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
                ("actor_name", models.CharField(help_text="The printed name at the time.", max_length=200)),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("opened", "Opened"),
                            ("exported", "Taken away"),
                            ("listed", "Seen in a list"),
                            ("searched", "Searched"),
                        ],
                        max_length=8,
                    ),
                ),
                (
                    "purpose",
                    models.CharField(
                        help_text="The page, the answer or the file that shows them.", max_length=80
                    ),
                ),
                (
                    "session",
                    models.BinaryField(
                        help_text="A keyed digest of the session or the token that it was given to."
                    ),
                ),
                ("about_type", models.CharField(max_length=40)),
                ("about_id", models.UUIDField()),
                ("contents", models.PositiveIntegerField()),
                (
                    "digest",
                    models.CharField(
                        help_text="SHA-256 of the contents' identifiers in order.", max_length=64
                    ),
                ),
                ("event", models.UUIDField(help_text="Its entry in the ledger.")),
                ("at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                (
                    "actor",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "organisation",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="governance.organisation",
                    ),
                ),
                (
                    "project",
                    models.ForeignKey(
                        db_index=False,
                        help_text="Null where contents of several may be among them.",
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="governance.project",
                    ),
                ),
                (
                    "run",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="runs.run",
                    ),
                ),
            ],
            options={
                "db_table": "runs_reading",
                "ordering": ("-id",),
            },
        ),
        migrations.CreateModel(
            name="Opened",
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
                    "artifact",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="runs.artifact",
                    ),
                ),
                (
                    "ticket",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="opened",
                        to="runs.ticket",
                    ),
                ),
            ],
            options={
                "db_table": "runs_reading_content",
            },
        ),
        migrations.AddIndex(
            model_name="ticket",
            index=models.Index(fields=["project", "-id"], name="reading_newest"),
        ),
        migrations.AddIndex(
            model_name="ticket",
            index=models.Index(
                condition=models.Q(("run__isnull", False)), fields=["run", "-id"], name="reading_of_run"
            ),
        ),
        migrations.AddIndex(
            model_name="ticket",
            index=models.Index(fields=["actor", "-id"], name="reading_by_person"),
        ),
        migrations.AddIndex(
            model_name="ticket",
            index=models.Index(fields=["about_id", "-id"], name="reading_about"),
        ),
        migrations.AddIndex(
            model_name="opened",
            index=models.Index(fields=["artifact", "ticket"], name="reading_of_content"),
        ),
        migrations.AddConstraint(
            model_name="opened",
            constraint=models.UniqueConstraint(fields=("ticket", "artifact"), name="content_opened_once"),
        ),
        migrations.RunSQL(
            [(SQL / "0031_readings.sql").read_text(encoding="utf-8")],
            [(SQL / "0031_readings_undo.sql").read_text(encoding="utf-8")],
        ),
    ]
