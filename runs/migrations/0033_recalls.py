"""Recalls, their cases, and what is noted on each."""

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
        ("runs", "0032_capture"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Recall",
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
                ("title", models.CharField(max_length=200)),
                ("reason", models.CharField(max_length=2000)),
                (
                    "subject_kind",
                    models.CharField(
                        choices=[
                            ("version", "Version"),
                            ("model", "Model"),
                            ("release", "Release"),
                            ("function", "Function"),
                            ("artifact", "Content"),
                            ("output", "Output"),
                            ("memory", "Remembered value"),
                            ("approver", "Approver"),
                        ],
                        max_length=10,
                    ),
                ),
                ("subject_key", models.CharField(max_length=100)),
                (
                    "subject_name",
                    models.CharField(help_text="What it was called when this was opened.", max_length=300),
                ),
                ("opened_by_name", models.CharField(max_length=200)),
                ("opened_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                (
                    "state",
                    models.CharField(
                        choices=[("building", "Being collected"), ("open", "Open"), ("closed", "Closed")],
                        default="building",
                        max_length=8,
                    ),
                ),
                ("direct_done", models.BooleanField(default=False)),
                ("after", models.UUIDField(null=True)),
                ("expanded", models.PositiveIntegerField(default=0)),
                ("found", models.PositiveIntegerField(default=0)),
                (
                    "truncated",
                    models.BooleanField(default=False, help_text="There is more than one recall may hold."),
                ),
                ("advanced_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ("closed_by_name", models.CharField(blank=True, db_default="", max_length=200)),
                ("closed_at", models.DateTimeField(null=True)),
                ("conclusion", models.CharField(blank=True, db_default="", max_length=2000)),
                (
                    "opened_by",
                    models.ForeignKey(
                        db_index=False,
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
            ],
            options={
                "db_table": "runs_recall",
                "ordering": ("-id",),
            },
        ),
        migrations.CreateModel(
            name="Case",
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
                    "number",
                    models.PositiveIntegerField(help_text="Counts from 1, the nearest to the subject first."),
                ),
                (
                    "how",
                    models.CharField(
                        choices=[
                            ("direct", "Relied on it"),
                            ("read", "Read what was affected"),
                            ("chosen", "Chosen by what was affected"),
                            ("part", "Executed by what was affected"),
                            ("forked", "Taken over by a fork"),
                            ("remembered", "Read it from memory"),
                        ],
                        max_length=10,
                    ),
                ),
                (
                    "source",
                    models.UUIDField(
                        help_text="The step that it came of; none where it relied itself.", null=True
                    ),
                ),
                (
                    "step",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="runs.step",
                    ),
                ),
                (
                    "recall",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="cases",
                        to="runs.recall",
                    ),
                ),
            ],
            options={
                "db_table": "runs_recall_case",
                "ordering": ("number",),
            },
        ),
        migrations.CreateModel(
            name="CaseNote",
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
                    "status",
                    models.CharField(
                        choices=[
                            ("open", "Open"),
                            ("checked", "Checked, and right"),
                            ("corrected", "Corrected"),
                            ("notified", "Those concerned were told"),
                            ("no_action", "Nothing to be done"),
                        ],
                        max_length=10,
                    ),
                ),
                ("note", models.CharField(blank=True, max_length=1000)),
                ("by_name", models.CharField(max_length=200)),
                ("at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                (
                    "by",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "case",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="notes",
                        to="runs.case",
                    ),
                ),
            ],
            options={
                "db_table": "runs_recall_note",
                "ordering": ("-id",),
                "indexes": [models.Index(fields=["case", "-id"], name="recall_note_newest")],
            },
        ),
        migrations.AddIndex(
            model_name="recall",
            index=models.Index(fields=["project", "-id"], name="recall_newest"),
        ),
        migrations.AddIndex(
            model_name="recall",
            index=models.Index(
                condition=models.Q(("state", "building")), fields=["advanced_at"], name="recall_building"
            ),
        ),
        migrations.AddConstraint(
            model_name="case",
            constraint=models.UniqueConstraint(fields=("recall", "number"), name="recall_case_number_once"),
        ),
        migrations.AddConstraint(
            model_name="case",
            constraint=models.UniqueConstraint(fields=("recall", "step"), name="recall_case_step_once"),
        ),
        migrations.RunSQL(
            [(SQL / "0033_recalls.sql").read_text(encoding="utf-8")],
            [(SQL / "0033_recalls_undo.sql").read_text(encoding="utf-8")],
        ),
    ]
