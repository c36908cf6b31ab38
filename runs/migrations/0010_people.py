"""Signals and tasks: what others tell a run, and what it asks of people. Guards in `sql/0010_people.sql`."""

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
        ("runs", "0009_states"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Signal",
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
                (
                    "key",
                    models.CharField(
                        help_text="The sender's own: the same one tells the same thing.", max_length=200
                    ),
                ),
                ("sender_name", models.CharField(max_length=200)),
                ("at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                (
                    "payload",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="runs.artifact",
                    ),
                ),
                (
                    "run",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="signals",
                        to="runs.run",
                    ),
                ),
                (
                    "sender",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "db_table": "runs_signal",
                "ordering": ("id",),
            },
        ),
        migrations.CreateModel(
            name="Task",
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
                (
                    "kind",
                    models.CharField(
                        choices=[("approve", "Approve"), ("edit", "Edit"), ("choose", "Choose")], max_length=8
                    ),
                ),
                ("title", models.CharField(max_length=200)),
                ("instructions", models.CharField(blank=True, max_length=4000)),
                ("choices", models.JSONField(default=list)),
                ("shown", models.JSONField(default=list)),
                (
                    "subject",
                    models.CharField(
                        blank=True, help_text="The reference of what it is about.", max_length=300
                    ),
                ),
                ("opened_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ("escalates_at", models.DateTimeField(null=True)),
                ("escalated_at", models.DateTimeField(null=True)),
                ("deadline_at", models.DateTimeField(null=True)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("open", "Open"),
                            ("decided", "Decided"),
                            ("expired", "Expired"),
                            ("withdrawn", "Withdrawn"),
                        ],
                        default="open",
                        max_length=10,
                    ),
                ),
                ("decision", models.CharField(blank=True, max_length=100)),
                ("reason", models.CharField(blank=True, max_length=2000)),
                ("decided_by_name", models.CharField(blank=True, max_length=200)),
                ("closed_at", models.DateTimeField(null=True)),
                (
                    "decided_by",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "edited",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="runs.artifact",
                    ),
                ),
                (
                    "escalate_to",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="governance.team",
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
                    "run",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="tasks",
                        to="runs.run",
                    ),
                ),
                (
                    "team",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="governance.team",
                    ),
                ),
            ],
            options={
                "db_table": "runs_task",
                "ordering": ("-id",),
            },
        ),
        migrations.CreateModel(
            name="Taking",
            fields=[
                (
                    "signal",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        primary_key=True,
                        related_name="taking",
                        serialize=False,
                        to="runs.signal",
                    ),
                ),
                (
                    "step",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT, related_name="taking", to="runs.step"
                    ),
                ),
            ],
            options={
                "db_table": "runs_taking",
            },
        ),
        migrations.AddConstraint(
            model_name="signal",
            constraint=models.UniqueConstraint(fields=("run", "name", "key"), name="signal_once"),
        ),
        migrations.AddIndex(
            model_name="task",
            index=models.Index(fields=["project", "-id"], name="task_newest"),
        ),
        migrations.AddIndex(
            model_name="task",
            index=models.Index(condition=models.Q(("state", "open")), fields=["project"], name="task_open"),
        ),
        migrations.AddIndex(
            model_name="task",
            index=models.Index(fields=["run", "position", "-id"], name="task_of_run"),
        ),
        migrations.AddConstraint(
            model_name="task",
            constraint=models.UniqueConstraint(
                condition=models.Q(("state", "open")), fields=("run", "position"), name="task_open_once"
            ),
        ),
        migrations.RunSQL(
            [(SQL / "0010_people.sql").read_text(encoding="utf-8")],
            [(SQL / "0010_people_undo.sql").read_text(encoding="utf-8")],
        ),
    ]
