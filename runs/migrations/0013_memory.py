"""What runs remember: versions of named values."""

from pathlib import Path

import django.db.models.deletion
import django.db.models.functions.datetime
from django.conf import settings
from django.db import migrations, models

import governance.ledger.identity

SQL = Path(__file__).parent / "sql"


class Migration(migrations.Migration):
    dependencies = [
        ("governance", "0017_events_in_order"),
        ("runs", "0012_limits"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Entry",
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
                ("sequence", models.PositiveBigIntegerField()),
                ("namespace", models.CharField(max_length=40)),
                ("key", models.CharField(max_length=200)),
                ("number", models.PositiveIntegerField()),
                (
                    "classification",
                    models.CharField(
                        choices=[
                            ("public", "Public"),
                            ("internal", "Internal"),
                            ("confidential", "Confidential"),
                            ("personal", "Personal data"),
                        ],
                        max_length=12,
                    ),
                ),
                ("author_name", models.CharField(blank=True, max_length=200)),
                ("reason", models.CharField(blank=True, max_length=1000)),
                ("at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
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
                    "author",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "project",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="governance.project",
                    ),
                ),
                (
                    "restores",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="runs.entry",
                    ),
                ),
                (
                    "step",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="memories",
                        to="runs.step",
                    ),
                ),
            ],
            options={
                "verbose_name_plural": "entries",
                "db_table": "runs_memory",
                "ordering": ("-sequence",),
                "indexes": [
                    models.Index(
                        condition=models.Q(("step__isnull", False)), fields=["step"], name="memory_of_step"
                    )
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("project", "sequence"), name="memory_in_order"),
                    models.UniqueConstraint(
                        fields=("project", "namespace", "key", "number"), name="memory_version_once"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("author", None), ("restores", None), ("step__isnull", False)),
                            models.Q(("author__isnull", False), ("restores__isnull", False), ("step", None)),
                            _connector="OR",
                        ),
                        name="memory_written_by_one",
                    ),
                ],
            },
        ),
        migrations.RunSQL(
            [(SQL / "0013_memory.sql").read_text(encoding="utf-8")],
            [(SQL / "0013_memory_undo.sql").read_text(encoding="utf-8")],
        ),
    ]
