"""Schedules and their firings."""

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
        ("runs", "0013_memory"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Schedule",
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
                ("name", models.CharField(max_length=80)),
                ("cron", models.CharField(blank=True, max_length=100)),
                ("every_s", models.PositiveIntegerField(null=True)),
                ("zone", models.CharField(max_length=64)),
                (
                    "inputs",
                    models.JSONField(default=dict, help_text="A text for each input of the workflow."),
                ),
                (
                    "overlap",
                    models.CharField(
                        choices=[
                            ("skip", "Skip it"),
                            ("queue", "Start it when that run ends, at most one"),
                            ("allow", "Start it all the same"),
                        ],
                        default="skip",
                        max_length=5,
                    ),
                ),
                (
                    "catch_up",
                    models.CharField(
                        choices=[("last", "Start one run for the last of them"), ("none", "Leave them out")],
                        default="last",
                        max_length=4,
                    ),
                ),
                ("edition", models.PositiveIntegerField(default=1)),
                ("saved_by_name", models.CharField(max_length=200)),
                ("saved_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ("created_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ("anchor", models.DateTimeField(help_text="What “every so many seconds” counts from.")),
                ("next_at", models.DateTimeField(null=True)),
                ("queued_for", models.DateTimeField(null=True)),
                ("paused_at", models.DateTimeField(null=True)),
                ("paused_by_name", models.CharField(blank=True, max_length=200)),
                ("paused_because", models.CharField(blank=True, max_length=1000)),
                ("retired_at", models.DateTimeField(null=True)),
                (
                    "environment",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="governance.environment",
                    ),
                ),
                (
                    "last_run",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="runs.run",
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
                    "saved_by",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "workflow",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="governance.asset",
                    ),
                ),
            ],
            options={
                "db_table": "runs_schedule",
                "ordering": ("-id",),
            },
        ),
        migrations.CreateModel(
            name="Firing",
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
                ("due_at", models.DateTimeField(help_text="The time itself; the first one of several.")),
                (
                    "times",
                    models.PositiveSmallIntegerField(
                        default=1, help_text="How many times it speaks of, to 1,000."
                    ),
                ),
                ("at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                (
                    "outcome",
                    models.CharField(
                        choices=[
                            ("started", "Started"),
                            ("refused", "Refused"),
                            ("skipped", "Skipped"),
                            ("missed", "Missed"),
                        ],
                        max_length=8,
                    ),
                ),
                ("reason", models.CharField(blank=True, max_length=1000)),
                (
                    "run",
                    models.OneToOneField(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="firing",
                        to="runs.run",
                    ),
                ),
                (
                    "schedule",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="firings",
                        to="runs.schedule",
                    ),
                ),
            ],
            options={
                "db_table": "runs_firing",
                "ordering": ("-id",),
            },
        ),
        migrations.AddIndex(
            model_name="schedule",
            index=models.Index(fields=["project", "-id"], name="schedule_newest"),
        ),
        migrations.AddIndex(
            model_name="schedule",
            index=models.Index(
                condition=models.Q(("next_at__isnull", False)), fields=["next_at"], name="schedule_due"
            ),
        ),
        migrations.AddIndex(
            model_name="schedule",
            index=models.Index(
                condition=models.Q(("queued_for__isnull", False)), fields=["id"], name="schedule_queued"
            ),
        ),
        migrations.AddConstraint(
            model_name="schedule",
            constraint=models.UniqueConstraint(
                condition=models.Q(("retired_at", None)),
                fields=("project", "name"),
                name="schedule_name_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="schedule",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("every_s", None), models.Q(("cron", ""), _negated=True)),
                    models.Q(("cron", ""), ("every_s__gte", 60)),
                    _connector="OR",
                ),
                name="schedule_timed_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="schedule",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("next_at__isnull", False), ("paused_at", None), ("retired_at", None)),
                    models.Q(
                        ("next_at", None),
                        ("queued_for", None),
                        models.Q(
                            ("paused_at__isnull", False), ("retired_at__isnull", False), _connector="OR"
                        ),
                    ),
                    _connector="OR",
                ),
                name="schedule_fires_while_on",
            ),
        ),
        migrations.AddIndex(
            model_name="firing",
            index=models.Index(fields=["schedule", "-id"], name="firing_newest"),
        ),
        migrations.AddConstraint(
            model_name="firing",
            constraint=models.UniqueConstraint(fields=("schedule", "due_at"), name="firing_once"),
        ),
        migrations.AddConstraint(
            model_name="firing",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("outcome", "started"), ("run__isnull", False)),
                    models.Q(models.Q(("outcome", "started"), _negated=True), ("run", None)),
                    _connector="OR",
                ),
                name="firing_started_a_run",
            ),
        ),
        migrations.RunSQL(
            [(SQL / "0014_schedules.sql").read_text(encoding="utf-8")],
            [(SQL / "0014_schedules_undo.sql").read_text(encoding="utf-8")],
        ),
    ]
