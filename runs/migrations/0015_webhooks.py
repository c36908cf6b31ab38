"""Webhooks, their secrets, deliveries and refusals."""

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
        ("runs", "0014_schedules"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Pace",
            fields=[
                ("slot", models.PositiveIntegerField(primary_key=True, serialize=False)),
                ("minute", models.PositiveIntegerField()),
                ("count", models.PositiveIntegerField()),
            ],
            options={
                "db_table": "runs_webhook_pace",
            },
        ),
        migrations.CreateModel(
            name="Webhook",
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
                ("name", models.CharField(max_length=120)),
                ("address", models.CharField(max_length=43, unique=True)),
                ("into", models.CharField(blank=True, max_length=40)),
                ("starter_name", models.CharField(max_length=200)),
                (
                    "state",
                    models.CharField(
                        choices=[("enabled", "Enabled"), ("disabled", "Disabled"), ("retired", "Retired")],
                        default="enabled",
                        max_length=8,
                    ),
                ),
                ("hindrance", models.CharField(blank=True, max_length=500)),
                ("hindered_at", models.DateTimeField(null=True)),
                ("created_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
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
                    "project",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="governance.project",
                    ),
                ),
                (
                    "starter",
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
                "db_table": "runs_webhook",
                "ordering": ("-id",),
            },
        ),
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
                ("slot", models.PositiveSmallIntegerField()),
                (
                    "reason",
                    models.CharField(
                        choices=[
                            ("pace", "Too many at once"),
                            ("size", "Too large"),
                            ("signature", "Signature, or its time"),
                            ("type", "Not JSON"),
                            ("content", "Does not fit the workflow"),
                            ("reused", "Another body under a known id"),
                            ("hindered", "Nothing could be started"),
                        ],
                        max_length=9,
                    ),
                ),
                ("day", models.DateField()),
                ("count", models.PositiveIntegerField()),
                ("last_at", models.DateTimeField()),
                (
                    "webhook",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="refusals",
                        to="runs.webhook",
                    ),
                ),
            ],
            options={
                "db_table": "runs_webhook_refusal",
                "ordering": ("-day", "reason"),
            },
        ),
        migrations.CreateModel(
            name="Delivery",
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
                    "key",
                    models.CharField(help_text="The sender's own: the header webhook-id.", max_length=150),
                ),
                ("sha256", models.CharField(help_text="Of the body, as it came.", max_length=64)),
                ("size", models.PositiveIntegerField()),
                ("secret", models.PositiveIntegerField(help_text="The number of the secret that signed it.")),
                (
                    "sender",
                    models.CharField(
                        blank=True, help_text="The network address that it came from.", max_length=45
                    ),
                ),
                ("at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                (
                    "run",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT, related_name="delivery", to="runs.run"
                    ),
                ),
                (
                    "webhook",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="deliveries",
                        to="runs.webhook",
                    ),
                ),
            ],
            options={
                "verbose_name_plural": "deliveries",
                "db_table": "runs_webhook_delivery",
                "ordering": ("-id",),
            },
        ),
        migrations.CreateModel(
            name="WebhookSecret",
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
                ("number", models.PositiveIntegerField()),
                ("sealed", models.TextField(blank=True)),
                ("made_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ("made_by_name", models.CharField(max_length=200)),
                ("ends_at", models.DateTimeField(null=True)),
                (
                    "webhook",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="secrets",
                        to="runs.webhook",
                    ),
                ),
            ],
            options={
                "db_table": "runs_webhook_secret",
                "ordering": ("-number",),
            },
        ),
        migrations.AddIndex(
            model_name="webhook",
            index=models.Index(fields=["project", "-id"], name="webhook_newest"),
        ),
        migrations.AddConstraint(
            model_name="webhook",
            constraint=models.UniqueConstraint(
                condition=models.Q(("state", "retired"), _negated=True),
                fields=("project", "name"),
                name="webhook_name_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="refusal",
            constraint=models.UniqueConstraint(
                fields=("webhook", "slot", "reason"), name="webhook_refusal_once"
            ),
        ),
        migrations.AddIndex(
            model_name="delivery",
            index=models.Index(fields=["webhook", "-id"], name="webhook_delivery_newest"),
        ),
        migrations.AddConstraint(
            model_name="delivery",
            constraint=models.UniqueConstraint(fields=("webhook", "key"), name="webhook_delivery_once"),
        ),
        migrations.AddConstraint(
            model_name="webhooksecret",
            constraint=models.UniqueConstraint(fields=("webhook", "number"), name="webhook_secret_once"),
        ),
        migrations.AddConstraint(
            model_name="webhooksecret",
            constraint=models.UniqueConstraint(
                condition=models.Q(("ends_at", None)), fields=("webhook",), name="webhook_secret_in_use"
            ),
        ),
        migrations.RunSQL(
            [(SQL / "0015_webhooks.sql").read_text(encoding="utf-8")],
            [(SQL / "0015_webhooks_undo.sql").read_text(encoding="utf-8")],
        ),
    ]
