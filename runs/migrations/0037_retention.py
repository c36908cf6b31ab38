"""How long contents are kept, what holds them longer, and that their bytes may go."""

from pathlib import Path

import django.db.models.deletion
import django.db.models.functions.datetime
from django.conf import settings
from django.db import migrations, models

import governance.ledger.identity

SQL = Path(__file__).parent / "sql"


class Migration(migrations.Migration):
    dependencies = [
        ("governance", "0027_ledger_capture"),
        ("runs", "0036_classes_by_index"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Erasure",
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
                ("contents", models.PositiveIntegerField()),
                (
                    "digest",
                    models.CharField(help_text="SHA-256 of the contents' digests, sorted.", max_length=64),
                ),
                ("removes_from", models.DateTimeField()),
                ("at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
            ],
            options={
                "db_table": "runs_erasure",
                "ordering": ("-at", "-id"),
            },
        ),
        migrations.CreateModel(
            name="ErasureContent",
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
                ("place", models.CharField(blank=True, max_length=200)),
                (
                    "outcome",
                    models.CharField(
                        blank=True,
                        choices=[("removed", "Removed"), ("kept", "Kept")],
                        db_default="",
                        max_length=8,
                    ),
                ),
                (
                    "why",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("used", "It was used again"),
                            ("remembered", "A value in memory needs it"),
                            ("held", "A hold stands"),
                            ("unruled", "The rule changed"),
                        ],
                        db_default="",
                        max_length=10,
                    ),
                ),
                ("settled_at", models.DateTimeField(null=True)),
            ],
            options={
                "db_table": "runs_erasure_content",
            },
        ),
        migrations.CreateModel(
            name="Hold",
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
                ("reason", models.CharField(blank=True, max_length=2000)),
                ("by_name", models.CharField(max_length=200)),
                ("at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                (
                    "scope",
                    models.CharField(
                        choices=[
                            ("run", "A run"),
                            ("reference", "A reference"),
                            ("workflow", "A workflow"),
                            ("project", "A project"),
                            ("period", "A period"),
                        ],
                        max_length=9,
                    ),
                ),
                ("key", models.CharField(blank=True, max_length=200)),
                ("since", models.DateField(null=True)),
                ("until", models.DateField(null=True)),
                (
                    "name",
                    models.CharField(
                        help_text="What it was about is called, when it was placed.", max_length=300
                    ),
                ),
            ],
            options={
                "db_table": "runs_hold",
                "ordering": ("-at", "-id"),
            },
        ),
        migrations.CreateModel(
            name="HoldLift",
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
                ("reason", models.CharField(blank=True, max_length=2000)),
                ("by_name", models.CharField(max_length=200)),
                ("at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
            ],
            options={
                "db_table": "runs_hold_lift",
            },
        ),
        migrations.CreateModel(
            name="LiftAsked",
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
                ("reason", models.CharField(blank=True, max_length=2000)),
                ("by_name", models.CharField(max_length=200)),
                ("at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
            ],
            options={
                "db_table": "runs_lift_asked",
                "ordering": ("-at", "-id"),
            },
        ),
        migrations.CreateModel(
            name="Rule",
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
                ("reason", models.CharField(blank=True, max_length=2000)),
                ("by_name", models.CharField(max_length=200)),
                ("at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
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
                ("days", models.PositiveIntegerField(null=True)),
            ],
            options={
                "db_table": "runs_retention_rule",
                "ordering": ("-at", "-id"),
            },
        ),
        migrations.CreateModel(
            name="Walk",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("after", models.UUIDField(help_text="The last run that it looked at.")),
                (
                    "ended_at",
                    models.DateTimeField(help_text="When it last came to the newest run.", null=True),
                ),
            ],
            options={
                "db_table": "runs_retention_walk",
            },
        ),
        migrations.RemoveConstraint(
            model_name="artifact",
            name="artifact_in_one_place",
        ),
        migrations.AddField(
            model_name="artifact",
            name="pruned_at",
            field=models.DateTimeField(editable=False, help_text="When they were removed.", null=True),
        ),
        migrations.AddIndex(
            model_name="entry",
            index=models.Index(fields=["artifact"], name="memory_of_content"),
        ),
        migrations.AddIndex(
            model_name="signal",
            index=models.Index(fields=["payload"], name="signal_of_content"),
        ),
        migrations.AddIndex(
            model_name="task",
            index=models.Index(
                condition=models.Q(("edited__isnull", False)), fields=["edited"], name="task_of_content"
            ),
        ),
        migrations.AddField(
            model_name="erasure",
            name="organisation",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="governance.organisation",
            ),
        ),
        migrations.AddField(
            model_name="artifact",
            name="pruned_by",
            field=models.ForeignKey(
                db_index=False,
                editable=False,
                help_text="What was announced of it: that its bytes are to be removed.",
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="runs.erasurecontent",
            ),
        ),
        migrations.AddIndex(
            model_name="artifact",
            index=models.Index(
                condition=models.Q(("pruned_by__isnull", False)), fields=["id"], name="artifact_pruned"
            ),
        ),
        migrations.AddConstraint(
            model_name="artifact",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("inline__isnull", False), ("place", ""), ("pruned_at", None)),
                    models.Q(("inline", None), ("pruned_at", None), models.Q(("place", ""), _negated=True)),
                    models.Q(
                        ("inline", None),
                        ("place", ""),
                        ("pruned_at__isnull", False),
                        ("pruned_by__isnull", False),
                    ),
                    _connector="OR",
                ),
                name="artifact_in_one_place",
            ),
        ),
        migrations.AddField(
            model_name="erasurecontent",
            name="artifact",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="runs.artifact",
            ),
        ),
        migrations.AddField(
            model_name="erasurecontent",
            name="erasure",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="listed",
                to="runs.erasure",
            ),
        ),
        migrations.AddField(
            model_name="hold",
            name="by",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="hold",
            name="organisation",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="governance.organisation",
            ),
        ),
        migrations.AddField(
            model_name="hold",
            name="project",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="governance.project",
            ),
        ),
        migrations.AddField(
            model_name="holdlift",
            name="by",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="holdlift",
            name="hold",
            field=models.OneToOneField(
                on_delete=django.db.models.deletion.PROTECT, related_name="lift", to="runs.hold"
            ),
        ),
        migrations.AddField(
            model_name="holdlift",
            name="organisation",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="governance.organisation",
            ),
        ),
        migrations.AddField(
            model_name="liftasked",
            name="by",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="liftasked",
            name="hold",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="asked",
                to="runs.hold",
            ),
        ),
        migrations.AddField(
            model_name="liftasked",
            name="organisation",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="governance.organisation",
            ),
        ),
        migrations.AddField(
            model_name="holdlift",
            name="asked",
            field=models.OneToOneField(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="runs.liftasked"
            ),
        ),
        migrations.AddField(
            model_name="rule",
            name="by",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="rule",
            name="organisation",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="governance.organisation",
            ),
        ),
        migrations.AddField(
            model_name="erasurecontent",
            name="rule",
            field=models.ForeignKey(
                db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="runs.rule"
            ),
        ),
        migrations.AddIndex(
            model_name="erasure",
            index=models.Index(fields=["organisation", "-at", "-id"], name="erasure_newest"),
        ),
        migrations.AddIndex(
            model_name="hold",
            index=models.Index(fields=["organisation", "-at", "-id"], name="hold_newest"),
        ),
        migrations.AddConstraint(
            model_name="hold",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("key", ""),
                        ("scope", "period"),
                        ("since__isnull", False),
                        ("until__gte", models.F("since")),
                    ),
                    models.Q(
                        models.Q(("scope", "period"), _negated=True),
                        models.Q(("key", ""), _negated=True),
                        ("since", None),
                        ("until", None),
                    ),
                    _connector="OR",
                ),
                name="hold_is_about_something",
            ),
        ),
        migrations.AddConstraint(
            model_name="hold",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("scope__in", ["reference", "period"]), ("project__isnull", False), _connector="OR"
                ),
                name="hold_in_its_project",
            ),
        ),
        migrations.AddIndex(
            model_name="liftasked",
            index=models.Index(fields=["hold", "-at"], name="lift_asked_newest"),
        ),
        migrations.AddIndex(
            model_name="rule",
            index=models.Index(fields=["organisation", "classification", "-at", "-id"], name="rule_newest"),
        ),
        migrations.AddConstraint(
            model_name="rule",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("days", None), models.Q(("days__gte", 183), ("days__lte", 36500)), _connector="OR"
                ),
                name="rule_days",
            ),
        ),
        migrations.AddIndex(
            model_name="erasurecontent",
            index=models.Index(
                condition=models.Q(("outcome", "")), fields=["erasure"], name="erasure_content_open"
            ),
        ),
        migrations.AddIndex(
            model_name="erasurecontent",
            index=models.Index(
                condition=models.Q(("outcome", "removed"), models.Q(("place", ""), _negated=True)),
                fields=["settled_at"],
                name="erasure_content_filed",
            ),
        ),
        migrations.AddConstraint(
            model_name="erasurecontent",
            constraint=models.UniqueConstraint(fields=("erasure", "artifact"), name="erasure_content_once"),
        ),
        migrations.RunSQL(
            [(SQL / "0037_retention.sql").read_text(encoding="utf-8")],
            [(SQL / "0037_retention_undo.sql").read_text(encoding="utf-8")],
        ),
    ]
